import createScatterplot from "regl-scatterplot";
import { type MapPoints, NONE } from "./binary";
import { none, rgba } from "./colours";

/** What happens on the map. */
export interface Heard {
  hover: (point: number | null) => void;
  open: (point: number) => void;
  chosen: (points: number[]) => void;
  moved: () => void;
}

/** So many points are drawn first, and while a map without a graphics card is moved. */
const FEW = 40_000;
const MANY = 120_000;
/** A map that was not moved for so many milliseconds rests. */
const REST = 1500;
const FULL_VIEW = 1.12;

/** Points drawn by regl-scatterplot: colours, filters, choices, the camera. */
export class Plot {
  private readonly plot: ReturnType<typeof createScatterplot>;
  private points: MapPoints | null = null;
  private shown: number[] | null = null;
  private slow = false;
  private moving = 0;
  private chosen: number[] = [];
  private lassoed = -Infinity;
  private lassoing = false;
  private seen = "";
  private width = 1;
  private height = 1;
  private busy: Promise<void> = Promise.resolve();
  private readonly watch: ResizeObserver;
  /** Milliseconds from the points' arrival to the first picture. */
  firstPaint = 0;

  constructor(private readonly canvas: HTMLCanvasElement, private readonly heard: Heard, dark: boolean) {
    const box = canvas.parentElement!.getBoundingClientRect();
    [this.width, this.height] = [Math.max(1, box.width), Math.max(1, box.height)];
    this.slow = isSoftware();
    this.plot = createScatterplot({
      canvas, width: this.width, height: this.height, ...look(dark), colorBy: "valueA", pointSize: 4, pointSizeSelected: 1, pointOutlineWidth: 1.5,
      lassoLineWidth: 2, lassoMinDelay: 8, deselectOnEscape: false, deselectOnDblClick: false, cameraDistance: this.whole,
      // How dense the view is takes as long to count as some points take to draw.
      opacityByDensityDebounceTime: this.slow ? REST : 25, opacityInactiveMax: 1, opacityInactiveScale: 0.35, spatialIndexUseWorker: false, actionKeyMap: { lasso: "shift" },
    } as unknown as Parameters<typeof createScatterplot>[0]);
    this.plot.subscribe("pointover" as "select", (p: unknown) => this.heard.hover(p as number));
    this.plot.subscribe("pointout" as "deselect", () => this.heard.hover(null));
    this.plot.subscribe("select", ({ points }: { points: number[] }) => this.selected([...points]));
    this.plot.subscribe("lassoEnd", () => { this.lassoed = performance.now(); });
    this.plot.subscribe("deselect", () => this.heard.chosen([]));
    // At every picture, not at the event "view": that one leaves out moves that were asked for by us.
    this.plot.subscribe("drawing", () => this.pictured());
    // Before the first picture of a move: that one would draw all.
    canvas.addEventListener("wheel", () => this.move(), { passive: true, capture: true });
    canvas.addEventListener("pointermove", (e) => { if (e.buttons === 1 && !e.shiftKey && !this.lassoing) this.move(); }, { passive: true, capture: true });
    this.watch = new ResizeObserver(() => this.resize());
    this.watch.observe(canvas.parentElement!);
  }

  /** How far away the camera sees all of the map. */
  private get whole(): number {
    return FULL_VIEW * Math.max(1, this.height / this.width);
  }

  /** Draws points; of very many, some at once and all right after. */
  async load(points: MapPoints, palette: string[], dark: boolean): Promise<void> {
    const start = performance.now();
    const n = points.x.length;
    this.plot.set({ pointSize: size(n), ...(n > 4000 ? { opacityBy: "density", opacityByDensityFill: 0.22 } : { opacity: 0.88 }) } as never);
    this.paint(palette, dark);
    if (n > MANY) {
      const some = Array.from({ length: FEW }, (_, i) => Math.floor((i * n) / FEW));
      const pick = (from: ArrayLike<number>) => Float32Array.from(some, (i) => from[i]!);
      await this.plot.draw({ x: pick(points.x), y: pick(points.y), valueA: Float32Array.from(some, (i) => code(points.colours[i]!, palette.length)) }, { zDataType: "categorical" });
      await frame();
      this.firstPaint = performance.now() - start;
      await frame();
    }
    this.points = points;
    await this.draw(palette);
    if (n <= MANY) this.firstPaint = performance.now() - start;
    this.heard.moved();
  }

  /** New colours for the same points. */
  recolour(colours: Uint16Array, palette: string[], dark: boolean): Promise<void> {
    if (!this.points) return Promise.resolve();
    this.points = { ...this.points, colours };
    this.paint(palette, dark);
    return this.draw(palette);
  }

  /** The theme's colours. */
  paint(palette: string[], dark: boolean): void {
    const colours = [...palette, none(dark)];
    this.plot.set({ ...look(dark), pointColor: colours.map((c) => rgba(c)), pointColorActive: dark ? "#ffffff" : "#111318", pointColorHover: dark ? "#ffffff" : "#111318" } as never);
  }

  private draw(palette: string[]): Promise<void> {
    const points = this.points!;
    const run = async () => {
      const n = points.x.length;
      const values = new Float32Array(n);
      for (let i = 0; i < n; i++) values[i] = code(points.colours[i]!, palette.length);
      const index = this.plot.get("isPointsDrawn") && (this.plot.get("points") as unknown[]).length === n ? this.plot.get("spatialIndex") : undefined;
      await this.plot.draw({ x: points.x, y: points.y, valueA: values }, { zDataType: "categorical", preventFilterReset: true, ...(index ? { spatialIndex: index } : {}) });
      if (this.shown) this.plot.filter(this.shown, { preventEvent: true });
    };
    // One drawing at a time: the component leaves out what comes in between.
    this.busy = this.busy.then(run, run);
    return this.busy;
  }

  /** Shows these points only; all without. */
  async filter(points: number[] | null): Promise<void> {
    await this.busy;
    if (!this.points) return;
    this.shown = points;
    if (points) this.plot.filter(points, { preventEvent: true });
    else this.plot.unfilter({ preventEvent: true });
    this.heard.moved();
  }

  /** A lasso that ends where it began is a click, too, for the component: it is not one for us. */
  private selected(points: number[]): void {
    const click = points.length === 1;
    if (click && this.chosen.length > 1 && performance.now() - this.lassoed < 250) return this.choose(this.chosen);
    this.chosen = points;
    if (click) this.heard.open(points[0]!);
    else this.heard.chosen(points);
  }

  choose(points: number[]): void {
    if (!this.points) return;
    this.chosen = points;
    if (points.length > 0) this.plot.select([...points], { preventEvent: true });
    else this.plot.deselect({ preventEvent: true });
  }

  /** The points that are in view. */
  inView(): number[] {
    const [w, h] = [this.width, this.height];
    const all = this.points;
    if (!all) return [];
    const shown = this.shown ? new Set(this.shown) : null;
    const found: number[] = [];
    for (let i = 0; i < all.x.length; i++) {
      const [x, y] = this.project(all.x[i]!, all.y[i]!);
      if (x >= 0 && y >= 0 && x <= w && y <= h && (!shown || shown.has(i))) found.push(i);
    }
    return found;
  }

  /** Where a place of the map is on the canvas, in CSS pixels. */
  project(x: number, y: number): [number, number] {
    const v = this.plot.get("cameraView") as unknown as Float32Array;
    const aspect = this.width / this.height;
    const at = [(v[0]! * x + v[4]! * y + v[12]!) / aspect, v[1]! * x + v[5]! * y + v[13]!];
    return [((at[0]! + 1) / 2) * this.width, ((1 - at[1]!) / 2) * this.height];
  }

  screen(point: number): [number, number] | null {
    return this.points ? this.project(this.points.x[point]!, this.points.y[point]!) : null;
  }

  zoomTo(points: number[]): void {
    if (!this.points || points.length === 0) return;
    this.move();
    void this.plot.zoomToPoints(points, { padding: 0.35, transition: !this.slow, transitionDuration: 450 });
  }

  zoomBy(factor: number): void {
    this.move();
    const distance = this.plot.get("cameraDistance") as number;
    this.plot.set({ cameraDistance: Math.min(4, Math.max(0.001, distance / factor)) });
  }

  pan(dx: number, dy: number): void {
    this.move();
    const [x, y] = this.plot.get("cameraTarget") as [number, number];
    const distance = this.plot.get("cameraDistance") as number;
    this.plot.set({ cameraTarget: [x + dx * distance, y + dy * distance] });
  }

  reset(): void {
    this.move();
    void this.plot.zoomToLocation([0, 0], this.whole, { transition: !this.slow, transitionDuration: 450 });
  }

  lasso(on: boolean): void {
    this.lassoing = on;
    this.plot.set({ mouseMode: on ? "lasso" : "panZoom" });
  }

  destroy(): void {
    this.watch.disconnect();
    this.plot.destroy();
  }

  private pictured(): void {
    const view = (this.plot.get("cameraView") as unknown as Float32Array).join();
    if (view === this.seen) return;
    this.seen = view;
    this.move();
  }

  /** Without a graphics card, some of many points move, and all are drawn when the map rests. */
  private move(): void {
    this.heard.moved();
    const n = this.points?.x.length ?? 0;
    if (!this.slow || (this.shown?.length ?? n) < MANY) return;
    if (this.moving === 0) {
      const of = this.shown;
      const total = of?.length ?? n;
      this.plot.filter(Array.from({ length: FEW }, (_, i) => { const at = Math.floor((i * total) / FEW); return of ? of[at]! : at; }), { preventEvent: true });
    }
    clearTimeout(this.moving);
    this.moving = window.setTimeout(() => {
      this.moving = 0;
      if (this.shown) this.plot.filter(this.shown, { preventEvent: true });
      else this.plot.unfilter({ preventEvent: true });
    }, REST);
  }

  private resize(): void {
    const box = this.canvas.parentElement!.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return;
    const hidden = this.width < 2;
    [this.width, this.height] = [box.width, box.height];
    this.plot.set({ width: box.width, height: box.height, ...(hidden ? { cameraDistance: this.whole } : {}) });
    this.heard.moved();
  }
}

const frame = () => new Promise((done) => requestAnimationFrame(done));

/** The place of a colour in the palette; the last one is for points that have none. */
function code(colour: number, kinds: number): number {
  return colour === NONE || colour >= kinds ? kinds : colour;
}

function size(n: number): number {
  return n < 1500 ? 7 : n < 10_000 ? 5 : n < 60_000 ? 3.5 : n < 300_000 ? 2 : 1.4;
}

function look(dark: boolean): object {
  return { backgroundColor: dark ? "#0f1218" : "#ffffff", lassoColor: dark ? "#ffb454" : "#c2410c" };
}

/** Whether pictures are computed without a graphics card. */
function isSoftware(): boolean {
  const gl = document.createElement("canvas").getContext("webgl");
  const about = gl?.getExtension("WEBGL_debug_renderer_info");
  const renderer = about ? String(gl?.getParameter(about.UNMASKED_RENDERER_WEBGL)) : "";
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/i.test(renderer);
}
