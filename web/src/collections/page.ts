import { api } from "../api";
import { failure, h, number } from "../dom";
import type { Info } from "../types";
import { jobRow, look, onJobs } from "./jobs";
import { upload } from "./upload";

/** Every collection with what it holds and what goes on; jobs; a file to build from. */
export function collectionsPage(names: string[], again: () => Promise<void>): HTMLElement {
  const jobs = h("ul", { class: "joblist" });
  const running = h("section", { hidden: true }, h("h2", {}, "Jobs"), jobs);
  const place = h("div", { class: "page" }, h("h1", {}, "Collections"));
  const off = onJobs((list) => {
    if (!place.isConnected) return off();
    running.hidden = list.length === 0;
    jobs.replaceChildren(...list.slice(0, 12).map(jobRow));
  });
  const cards = h("div", { class: "cards" });
  place.append(upload(names, again), running, cards);
  if (names.length === 0) cards.append(h("p", { class: "quiet" }, "There are none yet: build one from a file, start the server with a space, or make one through the API."));
  for (const name of names) cards.append(collection(name));
  void look();
  return place;
}

function collection(name: string): HTMLElement {
  const head = () => h("h2", {}, h("a", { href: `#/search/${encodeURIComponent(name)}/` }, name));
  const card = h("article", { class: "card" }, head(), h("p", { class: "quiet" }, "Loading …"));
  api.info(name).then((info) => card.replaceChildren(head(), ...describe(name, info)), (e: unknown) => card.append(failure(e)));
  return card;
}

function describe(name: string, { info, status }: Info): HTMLElement[] {
  const health = status.failed_merges > 0 ? ["bad", `${status.failed_merges} merges failed`] : status.merging ? ["busy", `merging ${number(status.merging_rows)} passages`] : status.waiting > 0 ? ["busy", `${number(status.waiting)} changes wait`] : ["well", "well"];
  const fact = (value: string, what: string) => h("div", { class: "fact" }, h("b", {}, value), h("span", {}, what));
  const views = info.views.map((v) => h("tr", {}, h("td", {}, v.name || "(no name)"), h("td", {}, v.kind), h("td", {}, v.encoder ?? (v.terms ? "words of the text" : "given")),
    h("td", {}, v.dim ? `${v.dim} values` : v.terms ? `${number(v.terms)} terms` : ""), h("td", {}, v.kind === "sparse" ? "exact" : v.graph_rows > 0 ? `${number(v.graph_rows)} rows in graphs` : "exact")));
  return [
    h("p", { class: `health ${health[0]}` }, health[1]!),
    h("div", { class: "facts-row" }, fact(number(info.documents), "items"), fact(number(info.passages), "passages"), fact(bytes(info.bytes), "on disk"), fact(number(info.segments), "segments"), fact(number(info.dead), "deleted, on disk"), fact(number(info.generation), "commit")),
    h("div", { class: "scroll" }, h("table", {}, h("tr", {}, ...["view", "kind", "made by", "size", "search"].map((x) => h("th", { scope: "col" }, x))), ...views)),
    h("p", { class: "row" }, h("a", { href: `#/search/${encodeURIComponent(name)}/` }, "Explore"), h("a", { href: `#/report/${encodeURIComponent(name)}` }, "Report")),
  ];
}

function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const at = n < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3));
  return `${(n / 1000 ** at).toFixed(at === 0 ? 0 : 1)} ${units[at]}`;
}
