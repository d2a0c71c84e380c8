import { type Child, h, marked, short } from "../dom";
import type { Explained, Hit, Passage, Payload, Similar } from "../types";

/** A hit of whatever kind, as it is shown. */
export interface Shown {
  id: string; title: string; path: string | null; heading: string; score: number | null; payload: Payload;
  text: string; highlights: { start: number; end: number }[]; passages: number[]; more: number; explain: Explained[];
}

export const ofHit = (hit: Hit): Shown => ({ ...hit, text: hit.snippet.text, highlights: hit.snippet.highlights, passages: [hit.passage], explain: hit.explain ?? [] });
export const ofSimilar = (hit: Similar): Shown => ({ ...hit, id: String(hit.id), heading: "", highlights: [], more: 0, explain: [] });
export const ofPassage = (p: Passage): Shown => ({ ...p, id: String(p.id), score: null, highlights: [], passages: [p.passage], more: 0, explain: [] });

/** What can be done with a hit. */
export interface Acts {
  open: (id: string) => void;
  like: (hit: Shown) => void;
  unlike: (hit: Shown) => void;
  point: (hit: Shown | null) => void;
  locate: (hit: Shown) => void;
}

/** A hit with its rank, its text, how each view judged it, and what can be done with it; `plain` where all hits are of one file. */
export function card(collection: string, hit: Shown, rank: number | null, most: number, acts: Acts, plain = false): HTMLElement {
  const name = hit.title || hit.path || hit.id;
  const where = [plain ? null : hit.path ?? hit.id, hit.heading].filter((x) => x && x !== name).join(" › ");
  const act = (label: string, key: string, sign: string, run: () => void) => h("button", { type: "button", class: "act", title: `${label} (${key})`, "aria-label": `${label}: ${short(name, 40)}`, onclick: run }, sign);
  return h("li", { class: "hit", "data-id": hit.id, tabindex: "-1", onmouseenter: () => acts.point(hit), onmouseleave: () => acts.point(null), onfocusin: () => acts.point(hit) },
    h("div", { class: "head" },
      rank !== null && h("span", { class: "rank" }, String(rank)),
      h("h3", {}, h("a", { href: itemLink(collection, hit.id) }, name)),
      h("div", { class: "acts" }, act("More like this", "m", "+", () => acts.like(hit)), act("Less like this", "l", "−", () => acts.unlike(hit)), act("Show on the map", "s", "◎", () => acts.locate(hit)))),
    where || hit.more > 0 ? h("div", { class: "path" }, where, hit.more > 0 && ` (+${hit.more} more passages)`) : null,
    hit.text && h("p", { class: "snippet" }, ...marked(hit.text, hit.highlights)),
    hit.explain.length > 0 ? h("div", { class: "why", "aria-label": "How each view judged it" }, ...hit.explain.flatMap((e, i) => why(e, i, most)))
      : hit.score !== null && h("div", { class: "path" }, `nearness ${hit.score.toFixed(3)}`),
    tags(hit.payload));
}

export const itemLink = (collection: string, id: string) => `#/item/${encodeURIComponent(collection)}/${encodeURIComponent(id)}`;

/** What a view added to the score: a bar, its rank and score, the words that matched. */
function why(e: Explained, i: number, most: number): HTMLElement[] {
  const width = Math.max(0, Math.min(100, (100 * e.part) / most)).toFixed(1);
  const words: Child[] = e.matched.slice(0, 8).map((w) => h("b", {}, w));
  const tone = `tone${i % 4}`;
  return [
    h("span", { class: `view ${tone}` }, e.view),
    h("span", { class: "bar", title: "What the view adds to the score" }, h("i", { class: tone, style: `width:${width}%` })),
    h("span", { class: "part" }, `${e.part >= 0 ? "+" : "−"}${Math.abs(e.part).toFixed(2)}`),
    h("span", { class: "says" }, h("span", {}, e.rank ? `rank ${e.rank}` : "not in its list", ` · scores ${Number.isFinite(e.score) ? e.score.toFixed(2) : "–"}`), ...words),
  ];
}

function tags(payload: Payload): HTMLElement | null {
  const simple = Object.entries(payload).filter(([, v]) => v !== null && typeof v !== "object" && String(v).length <= 60).slice(0, 6);
  return simple.length > 0 ? h("div", { class: "tags" }, ...simple.map(([k, v]) => h("span", {}, h("em", {}, k), ` ${short(v, 40)}`))) : null;
}
