import { api } from "./api";
import { failure, h, number, short } from "./dom";

/** One item: its text, its payload, what is near it. */
export function itemView(collection: string, id: string): HTMLElement {
  const place = h("section", {}, h("p", { class: "quiet", role: "status" }, "Loading …"));
  void fill(place, collection, id);
  return place;
}

async function fill(place: HTMLElement, collection: string, id: string): Promise<void> {
  try {
    const { item, neighbours } = await api.item(collection, id);
    const rows = Object.entries(item.payload).map(([k, v]) => h("tr", {}, h("th", { scope: "row" }, k), h("td", {}, short(v))));
    const near = neighbours.map((n) => h("li", { class: "hit" },
      h("h2", {}, h("a", { href: `#/item/${encodeURIComponent(collection)}/${encodeURIComponent(String(n.id))}` }, n.title || String(n.id))),
      h("div", { class: "path" }, `nearness ${number(n.score)}`), n.text ? h("p", {}, n.text) : null));
    place.replaceChildren(
      h("h1", {}, item.title || item.id), h("p", { class: "path" }, item.path ?? item.id),
      item.text ? h("div", { class: "text", tabindex: "0" }, item.text) : h("p", { class: "quiet" }, "This item has no text."),
      rows.length > 0 ? h("div", { class: "scroll" }, h("table", {}, ...rows)) : null as never,
      h("h2", {}, "More like this"), near.length > 0 ? h("ul", { class: "hits" }, ...near) : h("p", { class: "quiet" }, "It has no vector, or no neighbours."));
  } catch (e) {
    place.replaceChildren(failure(e));
  }
}
