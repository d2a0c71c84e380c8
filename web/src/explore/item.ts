import { api } from "../api";
import { failure, h, short } from "../dom";
import type { Stored } from "../types";
import { type Acts, type Shown, card, ofSimilar } from "./card";

/** One item: its text, its payload, what is near it. `seen` is told once it is there. */
export function itemPane(collection: string, id: string, acts: Acts, seen: (item: Stored, near: Shown[]) => void): HTMLElement {
  const place = h("article", { class: "item", "aria-live": "polite" }, h("p", { class: "quiet", role: "status" }, "Loading …"));
  void fill(place, collection, id, acts, seen);
  return place;
}

async function fill(place: HTMLElement, collection: string, id: string, acts: Acts, seen: (item: Stored, near: Shown[]) => void): Promise<void> {
  try {
    const { item } = await api.item(collection, id);
    const shown: Shown = { ...item, heading: "", score: null, highlights: [], passages: item.passages.map((p) => p.number), more: 0, explain: [] };
    const near = await api.similar(collection, { positive: [item.id], k: 8 }).then((a) => a.hits.map(ofSimilar), () => []);
    const rows = Object.entries(item.payload).map(([k, v]) => h("tr", {}, h("th", { scope: "row" }, k), h("td", {}, short(v, 400))));
    const name = item.title || item.path || item.id;
    place.replaceChildren(
      h("a", { class: "back", href: "#/back", onclick: (e: Event) => { e.preventDefault(); history.back(); } }, "← Back to the results"),
      h("h1", {}, name),
      item.path !== name || item.id !== item.path ? h("p", { class: "path" }, item.path ?? item.id) : "",
      h("div", { class: "row" },
        h("button", { type: "button", onclick: () => acts.like(shown) }, "+ More like this"),
        h("button", { type: "button", onclick: () => acts.unlike(shown) }, "− Less like this"),
        h("button", { type: "button", onclick: () => acts.locate(shown) }, "◎ Show on the map")),
      item.text ? h("div", { class: "text", tabindex: "0", "aria-label": "Text" }, item.text) : h("p", { class: "quiet" }, "This item has no text."),
      rows.length > 0 ? h("div", { class: "scroll" }, h("table", { class: "facts" }, ...rows)) : "",
      h("h2", {}, "Nearest"),
      near.length > 0 ? h("ul", { class: "hits" }, ...near.map((n, i) => card(collection, n, i + 1, 1, acts))) : h("p", { class: "quiet" }, "It has no vector, or no neighbours."));
    seen(item, near);
  } catch (e) {
    place.replaceChildren(failure(e));
  }
}
