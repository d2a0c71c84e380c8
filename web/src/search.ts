import { type Answers, type Explained, type Hit, api } from "./api";
import { failure, h, marked, number, short } from "./dom";

/** Chosen facet values, by field. */
type Chosen = Map<string, string | number | boolean>;

/** The question, filters and hits of a collection. */
export function searchView(collection: string, question: string, go: (question: string) => void): HTMLElement {
  const chosen: Chosen = new Map();
  const box = h("input", { type: "search", name: "q", value: question, placeholder: "Ask in words", "aria-label": "Question", autocomplete: "off" }) as HTMLInputElement;
  const filter = h("input", { name: "filter", placeholder: 'year >= 2020 and lang = "en"' }) as HTMLInputElement;
  const hits = h("ul", { class: "hits", "aria-live": "polite" });
  const facets = h("aside", { class: "facets", "aria-label": "Facets" });
  const status = h("p", { class: "quiet", role: "status" });
  const run = async () => {
    const text = box.value.trim();
    if (!text) return showSome(collection, hits, status);
    status.textContent = "Searching …";
    try {
      const answers = await api.search(collection, { query: text, k: 20, explain: true, filter: expression(filter.value, chosen) });
      status.textContent = `${answers.hits.length} hits from ${answers.views.join(" and ")}, ${number(answers.candidates)} candidates, ${answers.milliseconds.toFixed(1)} ms`;
      hits.replaceChildren(...answers.hits.map((hit) => hitView(collection, hit, answers)));
      if (answers.hits.length === 0) hits.append(h("li", { class: "quiet" }, "Nothing found. Fewer words or a wider filter may help."));
    } catch (e) {
      status.textContent = "";
      hits.replaceChildren(h("li", {}, failure(e)));
    }
  };
  const form = h("form", { class: "ask", role: "search", onsubmit: (e: Event) => { e.preventDefault(); go(box.value.trim()); void run(); } },
    box, h("button", { class: "main" }, "Search"),
    h("details", { class: "more" }, h("summary", {}, "Filter"), h("div", {}, h("label", {}, "Condition on the payload", filter))));
  void run();
  void showFacets(collection, facets, chosen, () => void run());
  return h("section", {}, form, status, h("div", { class: "result" }, facets, hits));
}

/** The typed condition and the chosen values, as one expression. */
function expression(typed: string, chosen: Chosen): string | undefined {
  const quoted = (v: string | number | boolean) => (typeof v === "string" ? JSON.stringify(v) : String(v));
  const parts = [...chosen].map(([field, value]) => `\`${field}\` = ${quoted(value)}`);
  if (typed.trim()) parts.unshift(`(${typed.trim()})`);
  return parts.length > 0 ? parts.join(" and ") : undefined;
}

function hitView(collection: string, hit: Hit, answers: Answers): HTMLElement {
  const link = `#/item/${encodeURIComponent(collection)}/${encodeURIComponent(hit.id)}`;
  const most = Math.max(...answers.hits.flatMap((x) => x.explain.map((e) => e.part)), 1e-9);
  return h("li", { class: "hit" },
    h("h2", {}, h("a", { href: link }, hit.title || hit.id)),
    h("div", { class: "path" }, [hit.path ?? hit.id, hit.heading].filter((x) => x && x !== hit.title).join(" › "), hit.more > 0 ? ` (+${hit.more} more passages)` : ""),
    h("p", {}, ...marked(hit.snippet.text, hit.snippet.highlights)),
    h("div", { class: "why" }, ...hit.explain.flatMap((e) => whyView(e, most))),
    h("div", { class: "tags" }, ...Object.entries(hit.payload).slice(0, 8).map(([k, v]) => h("span", {}, `${k}: ${short(v)}`))));
}

/** What a view added to the score. */
function whyView(e: Explained, most: number): HTMLElement[] {
  const width = `width:${Math.max(0, Math.min(100, (100 * e.part) / most)).toFixed(0)}%`;
  const sparse = e.matched.length > 0 || e.view === "words";
  const says = e.matched.length > 0 ? e.matched.join(", ") : e.rank ? `rank ${e.rank}` : "not in its list";
  return [h("span", {}, e.view), h("div", { class: "bar", title: `score ${number(e.score)}` }, h("i", { style: width, class: sparse ? "sparse" : "" })), h("span", {}, `${e.part >= 0 ? "+" : ""}${e.part.toFixed(2)} · ${says}`)];
}

async function showSome(collection: string, hits: HTMLElement, status: HTMLElement): Promise<void> {
  try {
    const points = await api.some(collection, 10);
    status.textContent = points.length > 0 ? "The first items of the collection:" : "The collection is empty.";
    hits.replaceChildren(...points.map((p) => h("li", { class: "hit" },
      h("h2", {}, h("a", { href: `#/item/${encodeURIComponent(collection)}/${encodeURIComponent(String(p.id))}` }, String(p.id))),
      h("div", { class: "tags" }, ...Object.entries(p.payload ?? {}).slice(0, 8).map(([k, v]) => h("span", {}, `${k}: ${short(v)}`))))));
  } catch (e) {
    hits.replaceChildren(h("li", {}, failure(e)));
  }
}

/** The fields of the first items that have few values, with how often each comes. */
async function showFacets(collection: string, place: HTMLElement, chosen: Chosen, again: () => void): Promise<void> {
  const points = await api.some(collection, 50).catch(() => []);
  const fields = [...new Set(points.flatMap((p) => Object.keys(p.payload ?? {})))].slice(0, 12);
  for (const field of fields) {
    const values = await api.facet(collection, field).catch(() => []);
    const top = values[0];
    if (!top || top.count < 2 || values.some((v) => String(v.value).length > 60)) continue;
    const buttons = values.map((v) => h("button", { type: "button", "aria-pressed": "false", onclick: (e: Event) => {
      const button = e.currentTarget as HTMLElement;
      const on = chosen.get(field) !== v.value;
      on ? chosen.set(field, v.value) : chosen.delete(field);
      buttons.forEach((b) => b.setAttribute("aria-pressed", "false"));
      button.setAttribute("aria-pressed", String(on));
      again();
    } }, h("span", {}, String(v.value)), h("span", {}, number(v.count))));
    place.append(h("h3", {}, field), ...buttons);
  }
}
