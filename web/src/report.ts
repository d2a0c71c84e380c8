import { Refused, api } from "./api";
import { jobRow } from "./collections/jobs";
import { failure, h } from "./dom";
import { dark, onTheme } from "./theme";
import type { Job, Report } from "./types";

/** The report on a collection's vectors: made when it is asked for. */
export function reportPage(collection: string): HTMLElement {
  const place = h("div", { class: "page report" }, h("h1", {}, "Are the vectors any good?"));
  const out = h("div", { "aria-live": "polite" }, h("p", { class: "quiet" }, "Loading …"));
  place.append(out);
  void fill(collection, place, out);
  return place;
}

async function fill(collection: string, place: HTMLElement, out: HTMLElement): Promise<void> {
  try {
    const dense = (await api.info(collection)).info.views.filter((v) => v.kind === "dense").map((v) => v.name);
    if (dense.length === 0) return out.replaceChildren(h("p", { class: "quiet" }, "This collection has no view of vectors to report on."));
    if (dense.length > 1) place.insertBefore(h("label", { class: "row" }, "View ", h("select", { onchange: (e: Event) => void make(collection, (e.target as HTMLSelectElement).value, out) }, ...dense.map((d) => h("option", { value: d }, d)))), out);
    await make(collection, dense[0]!, out);
  } catch (e) {
    out.replaceChildren(failure(e));
  }
}

async function make(collection: string, view: string, out: HTMLElement): Promise<void> {
  try {
    let job: Job<Report> = await api.inspect(collection, view);
    while (job.state === "waiting" || job.state === "running") {
      out.replaceChildren(h("ul", { class: "joblist" }, jobRow(job)));
      await new Promise((done) => setTimeout(done, 500));
      if (!out.isConnected) return;
      job = await api.job<Report>(job.id);
    }
    if (!job.result) throw new Error(job.error ?? `The report was ${job.state}`);
    out.replaceChildren(framed(job.result.html));
  } catch (e) {
    const missing = e instanceof Refused && (e.status === 404 || e.status === 405);
    out.replaceChildren(missing ? h("p", { class: "quiet" }, "This server makes no reports; ", h("code", {}, "vectory inspect"), " does.") : failure(e));
  }
}

/** The report's own page, without scripts, as high as what is in it. */
function framed(html: string): HTMLElement {
  const frame = h("iframe", { title: "Report", sandbox: "allow-same-origin", class: "report-frame" });
  const fit = () => {
    const page = frame.contentDocument?.documentElement;
    if (!page) return;
    page.style.colorScheme = dark() ? "dark" : "light";
    frame.style.height = `${page.scrollHeight + 8}px`;
  };
  const off = onTheme(() => (frame.isConnected ? fit() : off()));
  frame.addEventListener("load", fit);
  new ResizeObserver(fit).observe(frame);
  frame.srcdoc = html;
  return frame;
}
