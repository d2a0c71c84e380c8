import { type Info, api } from "./api";
import { failure, h, number } from "./dom";

/** Every collection with what it holds and what goes on. */
export function collectionsView(names: string[]): HTMLElement {
  const place = h("section", {}, h("h1", {}, "Collections"));
  if (names.length === 0) place.append(h("p", { class: "quiet" }, "There are none yet. Start the server with a space, or make one through the API."));
  for (const name of names) {
    const card = h("article", { class: "hit" }, h("h2", {}, name), h("p", { class: "quiet" }, "Loading …"));
    place.append(card);
    api.info(name).then((info) => card.replaceChildren(h("h2", {}, name), ...describe(info)), (e: unknown) => card.append(failure(e)));
  }
  return place;
}

function describe({ info, status }: Info): HTMLElement[] {
  const facts: [string, string][] = [
    ["items", number(info.documents)], ["passages", number(info.passages)], ["segments", number(info.segments)],
    ["on disk", `${number(Math.round(info.bytes / 1e5) / 10)} MB`], ["deleted, still on disk", number(info.dead)], ["commit", number(info.generation)],
    ["health", status.failed_merges > 0 ? `${status.failed_merges} merges failed` : status.merging ? `merging ${number(status.merging_rows)} passages` : "well"],
    ["waiting changes", number(status.waiting)],
  ];
  const views = info.views.map((v) => h("tr", {}, h("td", {}, v.name || "(no name)"), h("td", {}, v.kind), h("td", {}, v.encoder ?? "given"),
    h("td", {}, v.dim ? `${v.dim} values` : v.terms ? `${number(v.terms)} terms` : ""), h("td", {}, v.graph_rows > 0 ? `${number(v.graph_rows)} in graphs` : "exact")));
  return [
    h("div", { class: "scroll" }, h("table", {}, ...facts.map(([k, v]) => h("tr", {}, h("th", { scope: "row" }, k), h("td", {}, v))))),
    h("h3", {}, "Views"),
    h("div", { class: "scroll" }, h("table", {}, h("tr", {}, ...["name", "kind", "made by", "size", "search"].map((x) => h("th", { scope: "col" }, x))), ...views)),
  ];
}
