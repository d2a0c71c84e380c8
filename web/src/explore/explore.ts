import { api } from "../api";
import { counted, h, number } from "../dom";
import { MapPanel } from "../map/panel";
import type { Info } from "../types";
import { type Acts, type Shown, itemLink, ofHit, ofPassage, ofSimilar } from "./card";
import { Examples } from "./examples";
import { Facets } from "./facets";
import { Filters } from "./filters";
import { itemPane } from "./item";
import { Results } from "./results";

/** Hits of a page. */
const PAGE = 20;
/** So many items that were chosen on the map are listed, and searched inside. */
const LISTED = 100;
const INSIDE = 2000;

/** A collection to look around in: a question, filters and hits on one side, the map on the other, each following the other. */
export class Explore {
  readonly element = h("div", { class: "explore", "data-tab": "results" });
  private readonly box = h("input", { type: "search", name: "q", placeholder: "Ask in words", "aria-label": "Question", autocomplete: "off", enterkeyhint: "search", spellcheck: "false" });
  private readonly filters = new Filters();
  private readonly facets: Facets;
  private readonly examples = new Examples(() => void this.run());
  private readonly results: Results;
  private readonly item = h("div", { class: "pane-item", hidden: true });
  private readonly found = h("div", { class: "pane-found" });
  private readonly map: MapPanel;
  private readonly acts: Acts;
  private readonly views: string[];
  private limit = PAGE;
  private turn = 0;
  private ranked = false;

  constructor(readonly collection: string, info: Info, private readonly asked: (question: string) => void) {
    this.acts = {
      open: (id) => { location.hash = itemLink(collection, id); },
      like: (hit) => this.example(hit, true),
      unlike: (hit) => this.example(hit, false),
      point: (hit) => this.map.point(hit),
      locate: (hit) => { this.tab("map"); this.map.locate(hit); },
    };
    this.results = new Results(collection, this.acts);
    this.views = info.info.views.map((v) => v.name);
    this.facets = new Facets(collection, this.views, this.filters, () => void this.narrowed());
    this.map = new MapPanel(collection, info.info.passages, {
      open: this.acts.open, chosen: (passages) => void this.chosen(passages), hover: (id) => this.results.light(id), ready: (status) => this.overview(status.regions.length),
    });
    const form = h("form", { class: "ask", role: "search", onsubmit: (e: Event) => { e.preventDefault(); this.submit(); } }, this.box, h("button", { class: "main" }, "Search"));
    this.found.append(this.examples.element, this.results.element);
    const left = h("section", { class: "side", "aria-label": "Search" }, h("div", { class: "asking" }, form, this.facets.element), h("div", { class: "panes" }, this.found, this.item));
    const tab = (name: "results" | "map", text: string) => h("button", { type: "button", "data-tab": name, "aria-pressed": String(name === "results"), onclick: () => this.tab(name) }, text);
    this.element.append(left, this.map.element, h("div", { class: "tabs", role: "group", "aria-label": "Show" }, tab("results", "Results"), tab("map", "Map")));
    this.box.addEventListener("search", () => { if (this.box.value === "") this.submit(); });
    void api.map(collection).then((m) => this.facets.show(m.fields), () => this.facets.show([]));
  }

  destroy(): void {
    this.facets.destroy();
    this.map.destroy();
  }

  /** Shows the answers to a question. */
  ask(question: string): void {
    this.item.hidden = true;
    this.found.hidden = false;
    if (question === this.box.value.trim() && this.results.shown.length > 0) {
      this.map.hits(this.ranked ? this.results.shown : []);
      return this.map.point(null);
    }
    this.box.value = question;
    this.limit = PAGE;
    void this.run();
  }

  /** Shows one item, the hits kept behind it. */
  open(id: string): void {
    this.tab("results");
    this.item.replaceChildren(itemPane(this.collection, id, this.acts, (stored, near) => {
      this.map.hits(near);
      this.map.point({ ...near[0]!, ...stored, heading: "", score: null, highlights: [], passages: stored.passages.map((p) => p.number), more: 0, explain: [] });
    }));
    this.item.hidden = false;
    this.found.hidden = true;
  }

  private submit(): void {
    this.examples.clear();
    this.asked(this.box.value.trim());
    this.item.hidden = true;
    this.found.hidden = false;
    this.limit = PAGE;
    void this.run();
  }

  private example(hit: Shown, liked: boolean): void {
    this.item.hidden = true;
    this.found.hidden = false;
    this.limit = PAGE;
    if (location.hash.startsWith("#/item/")) this.asked(this.box.value.trim());
    this.examples.add(hit, liked);
  }

  /** Filters changed: the map shows what they let through, the hits are asked for anew. */
  private async narrowed(): Promise<void> {
    if (!this.filters.within) this.map.unchoose();
    void this.map.filter(this.filters.expression(false));
    await this.run();
  }

  /** Asks for hits: by examples, by the question, or any. The last one asked for is the one that is shown. */
  private async run(): Promise<void> {
    const turn = ++this.turn;
    const question = this.box.value.trim();
    const filter = this.filters.expression();
    this.results.busy();
    void this.map.ask(question ? { query: question, filter: this.filters.expression() } : null);
    try {
      const more = (count: number) => (count >= this.limit ? () => { this.limit += PAGE; void this.run(); } : null);
      if (!this.examples.isEmpty) {
        const { hits } = await api.similar(this.collection, { ...this.examples.question, k: this.limit, filter });
        if (turn === this.turn) this.show(hits.map(ofSimilar), `${counted(hits.length, "item")}, the likest first`, true, more(hits.length));
      } else if (question) {
        const views = this.filters.silent.size > 0 ? this.views.filter((v) => !this.filters.silent.has(v)) : undefined;
        const a = await api.search(this.collection, { query: question, k: this.limit, explain: true, filter, views });
        const says = a.hits.length === 0 ? "Nothing found. Fewer words or a wider filter may help."
          : `${counted(a.hits.length, "hit")} from ${a.views.join(" and ")} · ${counted(a.candidates, "candidate")} · ${a.milliseconds.toFixed(1)} ms`;
        if (turn === this.turn) this.show(a.hits.map(ofHit), says, true, more(a.hits.length));
      } else await this.browse(turn, more);
    } catch (e) {
      if (turn === this.turn) this.results.fail(e);
    }
  }

  /** Without a question: the first items that the filters let through. */
  private async browse(turn: number, more: (count: number) => (() => void) | null): Promise<void> {
    const points = await api.some(this.collection, this.limit, this.filters.json(""));
    const hits = await Promise.all(points.map((p) => api.item(this.collection, String(p.id)).then(({ item }): Shown => ({
      ...item, heading: "", score: null, text: item.text.slice(0, 260), highlights: [], passages: item.passages.slice(0, 64).map((x) => x.number), more: 0, explain: [],
    }), () => null)));
    if (turn !== this.turn) return;
    const there = hits.filter((x): x is Shown => x !== null);
    this.show(there, there.length > 0 ? "The first items. Ask something, filter, or look around on the map." : this.filters.isEmpty ? "The collection is empty." : "Nothing passes the filters.", false, more(points.length));
    this.map.hits([]);
  }

  private show(hits: Shown[], says: string, ranked: boolean, more: (() => void) | null): void {
    this.ranked = ranked;
    this.results.show(hits, says, ranked, more);
    if (this.item.hidden) this.map.hits(ranked ? hits : []);
  }

  /** Passages were chosen on the map: they are listed, and searches look inside them. */
  private async chosen(passages: number[]): Promise<void> {
    if (passages.length === 0) {
      if (!this.filters.within) return;
      this.filters.within = null;
      this.facets.refresh();
      return void this.run();
    }
    const inside = await api.passages(this.collection, passages.slice(0, INSIDE));
    this.filters.within = [...new Set(inside.map((p) => String(p.id)))];
    this.facets.refresh();
    this.item.hidden = true;
    this.found.hidden = false;
    if (this.box.value.trim() || !this.examples.isEmpty) return void this.run();
    this.turn++;
    const cut = passages.length > INSIDE ? ` (the first ${number(INSIDE)} are searched)` : "";
    this.show(inside.slice(0, LISTED).map(ofPassage), `${counted(passages.length, "passage")} chosen on the map${cut}`, false, null);
  }

  private overview(regions: number): void {
    this.element.dataset["regions"] = String(regions);
    if (this.item.hidden) this.map.hits(this.ranked ? this.results.shown : []);
    if (this.filters.expression(false)) void this.map.filter(this.filters.expression(false));
  }

  private tab(name: "results" | "map"): void {
    this.element.dataset["tab"] = name;
    for (const button of this.element.querySelectorAll(".tabs button")) button.setAttribute("aria-pressed", String((button as HTMLElement).dataset["tab"] === name));
  }

  /** Keys outside of fields; says whether the key was one. */
  key(key: string): boolean {
    const current = this.results.current;
    const acts: Record<string, () => void> = {
      "/": () => { this.tab("results"); this.box.focus(); this.box.select(); },
      j: () => this.results.step(1), k: () => this.results.step(-1), ArrowDown: () => this.results.step(1), ArrowUp: () => this.results.step(-1),
      f: () => this.facets.focus(), g: () => this.map.lasso(), v: () => this.map.chooseInView(),
      m: () => { if (current) this.acts.like(current); }, l: () => { if (current) this.acts.unlike(current); }, s: () => { if (current) this.acts.locate(current); },
      Escape: () => this.escape(),
    };
    const act = acts[key];
    act?.();
    return act !== undefined;
  }

  private escape(): void {
    if (!this.item.hidden) history.back();
    else if (this.filters.within) {
      this.map.unchoose();
      void this.chosen([]);
    } else if (!this.examples.isEmpty) {
      this.examples.clear();
      void this.run();
    }
  }
}
