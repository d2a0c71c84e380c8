import { api } from "../api";
import type { Shown } from "../explore/card";
import { counted, failure, h, number } from "../dom";
import { dark, onTheme } from "../theme";
import type { MapStatus } from "../types";
import { Choice } from "./choice";
import { none } from "./colours";
import { Layer, visible } from "./layer";
import { Legend } from "./legend";
import { Overlay } from "./overlay";
import { Plot } from "./plot";
import { Tooltip } from "./tooltip";

/** What the rest of the page hears of the map. */
export interface MapHeard {
  open: (id: string) => void;
  chosen: (passages: number[]) => void;
  hover: (id: string | null) => void;
  ready: (status: MapStatus) => void;
}

/** Collections of so many passages get their map without being asked for it. */
const UNASKED = 20_000;
/** So many hits are pinned. */
const PINS = 20;

/** The map of a collection with its tools. */
export class MapPanel {
  readonly element = h("section", { class: "map", "aria-label": "Map", tabindex: "0" });
  private readonly layer: Layer;
  private readonly tip: Tooltip;
  private readonly overlay: Overlay;
  private readonly legend = new Legend((alone) => { this.alone = alone; void this.refilter(); });
  private readonly tools = h("div", { class: "tools", hidden: true });
  private readonly stage = h("div", { class: "stage" });
  private readonly note = h("div", { class: "note" });
  private readonly choice: Choice;
  private readonly colours = h("select", { "aria-label": "Colour by", onchange: () => void this.recolour() });
  private readonly lassoButton = h("button", { type: "button", class: "icon", "aria-pressed": "false", title: "Choose with a lasso (g, or shift and drag)", onclick: () => this.lasso() }, "◌ Lasso");
  private plot: Plot | null = null;
  private alone: ReadonlySet<number> = new Set();
  private bits: Uint8Array | null = null;
  private question: { query: string; filter: string | undefined } | null = null;
  private pinned: Shown[] = [];
  private timer = 0;
  private gone = false;
  private readonly offTheme: () => void;

  constructor(private readonly collection: string, private readonly passages: number, private readonly heard: MapHeard) {
    this.layer = new Layer(collection);
    this.tip = new Tooltip(collection);
    this.choice = new Choice(collection, { list: (passages) => heard.chosen(passages), drop: () => this.unchoose(true) });
    this.overlay = new Overlay((x, y) => this.plot?.project(x, y) ?? [0, 0]);
    const button = (sign: string, title: string, run: () => void) => h("button", { type: "button", class: "icon", title, "aria-label": title, onclick: run }, sign);
    this.tools.append(
      h("label", {}, h("span", {}, "Colour"), this.colours), this.lassoButton,
      button("▣ In view", "Choose all that is in view (v)", () => this.chooseInView()),
      h("span", { class: "zoom" }, button("+", "Nearer (+)", () => this.plot?.zoomBy(1.5)), button("−", "Farther (−)", () => this.plot?.zoomBy(1 / 1.5)), button("⤢", "All of it (0)", () => this.plot?.reset()), button("Aa", "Names of regions (n)", () => this.names())));
    this.element.append(this.stage, this.tools, this.legend.element, this.choice.element, this.note);
    this.element.addEventListener("keydown", (e) => this.key(e));
    this.offTheme = onTheme(() => this.repaint());
    void this.begin();
  }

  destroy(): void {
    this.gone = true;
    clearTimeout(this.timer);
    this.offTheme();
    this.plot?.destroy();
  }

  private async begin(): Promise<void> {
    try {
      const status = await api.map(this.collection);
      if (this.gone) return;
      if (status.points > 0 && status.state !== "running") await this.draw(status);
      else if (status.state === "none" && status.views.length > 0 && this.passages > 0 && this.passages <= UNASKED) await this.make();
      else this.offer(status);
    } catch (e) {
      this.note.replaceChildren(failure(e));
    }
  }

  private async make(): Promise<void> {
    try {
      await api.makeMap(this.collection);
      this.watch();
    } catch (e) {
      this.note.replaceChildren(failure(e));
    }
  }

  private watch(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.begin(), 700);
  }

  /** Says why there is no map, and how far it is. */
  private offer(status: MapStatus): void {
    const make = (text: string) => h("button", { type: "button", class: "main", onclick: () => void this.make() }, text);
    if (status.state === "running") {
      const { stage = "beginning", done = 0, total = null } = status.job ?? {};
      this.note.replaceChildren(h("p", {}, "The map is being made"), h("progress", total ? { max: total, value: Math.min(done, total) } : {}), h("p", { class: "quiet" }, `${stage || "beginning"}${total ? `: ${number(done)} of ${number(total)}` : " …"}`));
      this.watch();
    } else if (status.state === "failed") this.note.replaceChildren(failure(status.error), make("Try again"));
    else if (status.views.length === 0) this.note.replaceChildren(h("p", { class: "quiet" }, "A map needs a view of vectors; this collection has words only."));
    else if (this.passages === 0) this.note.replaceChildren(h("p", { class: "quiet" }, "Nothing to map: the collection is empty."));
    else this.note.replaceChildren(h("p", {}, `A map of ${counted(this.passages, "passage")} takes a while to make and is kept.`), make("Make the map"));
  }

  private async draw(status: MapStatus): Promise<void> {
    const start = performance.now();
    const options = ["region", ...status.fields].map((f) => new Option(f, f));
    this.colours.replaceChildren(...options, new Option("score of the question", "\u0000score"));
    this.scorable();
    const points = await this.layer.load("region");
    const fetched = performance.now() - start;
    if (this.gone) return;
    this.note.replaceChildren(status.stale ? h("p", { class: "stale" }, "The collection has changed since. ", h("button", { type: "button", onclick: () => void this.make() }, "Make the map anew")) : "");
    const canvas = h("canvas", { "aria-hidden": "true" });
    this.stage.replaceChildren(canvas, this.overlay.element, this.tip.element);
    this.tools.hidden = false;
    this.plot?.destroy();
    this.plot = new Plot(canvas, { hover: (p) => this.hover(p), open: (p) => void this.open(p), chosen: (p) => this.choose(p), moved: () => this.moved() }, dark());
    // For tests, which look at what is drawn.
    Object.assign(this.element, { plot: this.plot });
    const palette = this.layer.palette(dark());
    await this.plot.load(points, palette, dark());
    this.element.dataset["points"] = String(points.x.length);
    this.element.dataset["first"] = (fetched + this.plot.firstPaint).toFixed(0);
    this.element.dataset["paint"] = (performance.now() - start).toFixed(0);
    this.overlay.regions(status.regions);
    this.explain();
    this.hits(this.pinned);
    this.heard.ready(status);
    if (this.bits) await this.refilter();
  }

  private explain(): void {
    const { head, colours } = this.layer.points!;
    this.legend.show(head, colours, this.layer.palette(dark()), none(dark()));
    this.alone = new Set();
  }

  private async recolour(): Promise<void> {
    if (!this.plot || !this.layer.points) return;
    const field = this.colours.value;
    if (field !== "\u0000score") await this.layer.colour(field);
    else if (this.question) await this.layer.score(this.question.query, this.question.filter);
    const points = this.layer.points;
    await this.plot.recolour(points.colours, this.layer.palette(dark()), dark());
    this.explain();
    await this.refilter();
  }

  private repaint(): void {
    if (!this.plot || !this.layer.points) return;
    this.plot.paint(this.layer.palette(dark()), dark());
    this.explain();
  }

  private async refilter(): Promise<void> {
    if (this.plot && this.layer.points) await this.plot.filter(visible(this.layer.points, this.bits, this.alone));
  }

  /** Shows only what a filter lets through. */
  async filter(expression: string | undefined): Promise<void> {
    this.bits = expression === undefined ? null : await api.matching(this.collection, expression).catch(() => null);
    await this.refilter();
  }

  /** What was asked, for colours by score. */
  async ask(question: { query: string; filter: string | undefined } | null): Promise<void> {
    this.question = question;
    this.scorable();
    if (this.colours.value === "\u0000score") {
      if (!question) this.colours.value = "region";
      await this.recolour();
    }
  }

  private scorable(): void {
    const option = this.colours.options[this.colours.options.length - 1];
    if (option) option.disabled = this.question === null;
  }

  /** Pins the first hits. */
  hits(hits: Shown[]): void {
    this.pinned = hits;
    const points = this.layer.points;
    if (!points || !this.plot) return;
    const pins = hits.slice(0, PINS).flatMap((hit, i) => {
      const at = this.points(hit)[0];
      return at === undefined ? [] : [{ x: points.x[at]!, y: points.y[at]!, text: String(i + 1) }];
    });
    this.overlay.pin(pins.reverse());
  }

  /** A ring around a hit. */
  point(hit: Shown | null): void {
    const at = hit ? this.points(hit)[0] : undefined;
    const points = this.layer.points;
    this.overlay.around(at === undefined || !points ? null : [points.x[at]!, points.y[at]!]);
  }

  /** Moves to a hit. */
  locate(hit: Shown): void {
    const points = this.points(hit);
    if (points.length > 0) this.plot?.zoomTo(points.length > 1 ? points : near(this.layer.points!, points[0]!));
    this.point(hit);
  }

  private points(hit: Shown): number[] {
    return hit.passages.map((p) => this.layer.of(p)).filter((p) => p >= 0);
  }

  private hover(point: number | null): void {
    const at = point === null ? null : this.plot?.screen(point);
    if (point === null || !at) {
      this.tip.hide();
      this.heard.hover(null);
      return;
    }
    const passage = this.layer.points!.passages[point]!;
    this.tip.show(passage, at);
    void this.tip.passage(passage).then((p) => this.heard.hover(p?.id ?? null), () => null);
  }

  private async open(point: number): Promise<void> {
    const found = await this.tip.passage(this.layer.points!.passages[point]!);
    this.plot?.choose([]);
    if (found) this.heard.open(String(found.id));
  }

  private choose(points: number[]): void {
    if (this.lassoButton.getAttribute("aria-pressed") === "true" && points.length > 0) this.lasso();
    const passages = points.map((p) => this.layer.points!.passages[p]!);
    this.choice.show(passages, () => this.plot?.zoomTo(points));
    if (points.length > 0) this.heard.chosen(passages);
  }

  unchoose(tell = false): void {
    if (tell) this.heard.chosen([]);
    this.plot?.choose([]);
    this.choice.show([], () => {});
  }

  chooseInView(): void {
    const points = this.plot?.inView() ?? [];
    if (points.length === 0) return;
    this.plot?.choose(points);
    this.choose(points);
  }

  lasso(): void {
    const on = this.lassoButton.getAttribute("aria-pressed") !== "true";
    this.lassoButton.setAttribute("aria-pressed", String(on));
    this.element.classList.toggle("drawing", on);
    this.plot?.lasso(on);
  }

  private names(): void {
    this.overlay.named = !this.overlay.named;
    this.overlay.draw();
  }

  private moved(): void {
    this.overlay.draw();
    this.tip.hide();
  }

  private key(e: KeyboardEvent): void {
    if (e.target !== this.element || e.ctrlKey || e.metaKey || e.altKey) return;
    const step = 0.15;
    const acts: Record<string, () => void> = {
      ArrowLeft: () => this.plot?.pan(-step, 0), ArrowRight: () => this.plot?.pan(step, 0), ArrowUp: () => this.plot?.pan(0, step), ArrowDown: () => this.plot?.pan(0, -step),
      "+": () => this.plot?.zoomBy(1.3), "=": () => this.plot?.zoomBy(1.3), "-": () => this.plot?.zoomBy(1 / 1.3), "0": () => this.plot?.reset(), n: () => this.names(),
      v: () => this.chooseInView(), g: () => this.lasso(),
    };
    const act = acts[e.key];
    if (act) {
      e.preventDefault();
      e.stopPropagation();
      act();
    }
  }
}

/** A point and the nearest others: so that moving to one shows where it lies. */
function near(points: { x: Float32Array; y: Float32Array }, point: number): number[] {
  const distance = (i: number) => (points.x[i]! - points.x[point]!) ** 2 + (points.y[i]! - points.y[point]!) ** 2;
  const reach = 0.06 ** 2;
  const found = [point];
  for (let i = 0; i < points.x.length && found.length < 400; i++) if (i !== point && distance(i) < reach) found.push(i);
  return found;
}
