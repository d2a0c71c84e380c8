import { api } from "../api";
import { failure, h } from "../dom";
import type { Job } from "../types";
import { active, jobRow, look, onJobs } from "./jobs";

/** Sends a file, and shows how it becomes a collection. */
export function upload(names: string[], done: () => Promise<void>): HTMLElement {
  const file = h("input", { type: "file", "aria-label": "File", accept: ".txt,.md,.html,.htm,.rst,.tex,.jsonl,.csv,.tsv,.parquet,.gz,.zst" });
  const name = h("input", { name: "collection", placeholder: "notes", "aria-label": "Into the collection", list: "known-collections", required: true, pattern: "[^\\/\\\\:*?\"<>\\|]{1,120}" });
  const place = h("div", { "aria-live": "polite" });
  const send = async () => {
    const chosen = file.files?.[0];
    if (!chosen || !name.value.trim()) return;
    const collection = name.value.trim();
    place.replaceChildren(h("p", { class: "quiet" }, `Sending ${chosen.name} …`));
    try {
      const path = `/collections/${encodeURIComponent(collection)}/upload?${new URLSearchParams({ name: chosen.name })}`;
      const { result } = (await api.upload(path, chosen)) as { result: Job<unknown> };
      follow(result, collection, place, done);
    } catch (e) {
      place.replaceChildren(failure(e));
    }
  };
  const drop = h("label", { class: "drop" }, h("b", {}, "Choose a file"), h("span", { class: "quiet" }, " or drop it here: text, Markdown, HTML, JSON lines, CSV, Parquet; also .gz and .zst"), file);
  file.addEventListener("change", () => {
    const chosen = file.files?.[0];
    if (!chosen) return;
    drop.querySelector("b")!.textContent = chosen.name;
    if (!name.value) name.value = chosen.name.replace(/\.(gz|zst)$/, "").replace(/\.[^.]+$/, "").replace(/[^\p{L}\p{N}._-]+/gu, "-");
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (e) => {
      e.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      const given = (e as DragEvent).dataTransfer?.files;
      if (kind === "drop" && given && given.length > 0) {
        file.files = given;
        file.dispatchEvent(new Event("change"));
      }
    });
  }
  return h("section", { class: "upload" }, h("h2", {}, "Build from a file"),
    h("form", { onsubmit: (e: Event) => { e.preventDefault(); void send(); } }, drop, h("label", {}, h("span", {}, "Into the collection"), name), h("datalist", { id: "known-collections" }, ...names.map((n) => h("option", { value: n }))), h("button", { class: "main" }, "Build")), place);
}

function follow(job: Job<unknown>, collection: string, place: HTMLElement, done: () => Promise<void>): void {
  place.replaceChildren(h("ul", { class: "joblist" }, jobRow(job)));
  const off = onJobs((jobs) => {
    const now = jobs.find((j) => j.id === job.id);
    if (!now) return;
    place.replaceChildren(h("ul", { class: "joblist" }, jobRow(now)));
    if (active(now)) return;
    off();
    if (now.state === "done") void done().then(() => { location.hash = `#/search/${encodeURIComponent(collection)}/`; });
  });
  void look();
}
