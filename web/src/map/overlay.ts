import { h } from "../dom";
import type { Region } from "../types";

/** Something of the map that has a place on the screen. */
export type Project = (x: number, y: number) => [number, number];

/** Names are written so many pixels above the middle: small regions stay to be seen. */
const ABOVE = 15;

/** Names of regions, and pins of hits, over the points. */
export class Overlay {
  readonly element = h("div", { class: "overlay", "aria-hidden": "true" });
  private readonly names = h("div", {});
  private readonly pins = h("div", {});
  private readonly ring = h("div", { class: "ring", hidden: true });
  private labels: { region: Region; element: HTMLElement; width: number }[] = [];
  private marks: { x: number; y: number; element: HTMLElement }[] = [];
  private ringAt: [number, number] | null = null;
  private frame = 0;
  named = true;

  constructor(private readonly project: Project) {
    this.element.append(this.names, this.pins, this.ring);
  }

  regions(regions: Region[]): void {
    const largest = Math.max(...regions.map((r) => r.count), 1);
    this.labels = [...regions].sort((a, b) => b.count - a.count).slice(0, 120).map((region) => {
      const scale = 0.72 + 0.24 * Math.sqrt(region.count / largest);
      const element = h("span", { class: "label", style: `font-size:${scale.toFixed(2)}rem` }, region.name);
      return { region, element, width: 0 };
    });
    this.names.replaceChildren(...this.labels.map((l) => l.element));
    this.draw();
  }

  /** Numbered pins: the hits in order. */
  pin(places: { x: number; y: number; text: string }[]): void {
    this.marks = places.map((p) => ({ ...p, element: h("span", { class: "pin" }, p.text) }));
    this.pins.replaceChildren(...this.marks.map((m) => m.element));
    this.draw();
  }

  /** A ring around one place. */
  around(place: [number, number] | null): void {
    this.ringAt = place;
    this.draw();
  }

  /** Puts everything where it belongs, once a frame. */
  draw(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.place();
    });
  }

  private place(): void {
    const [w, height] = [this.element.clientWidth, this.element.clientHeight];
    const taken: [number, number, number, number][] = [];
    const free = (box: [number, number, number, number]) => taken.every((t) => box[2] < t[0] || box[0] > t[2] || box[3] < t[1] || box[1] > t[3]);
    if (w === 0) return;
    for (const label of this.labels) label.width ||= label.element.offsetWidth;
    for (const { region, element, width } of this.labels) {
      const [x, middle] = this.project(region.x, region.y);
      const y = middle - ABOVE;
      const box: [number, number, number, number] = [x - width / 2 - 4, y - 13, x + width / 2 + 4, y + 13];
      const inside = box[0] >= 0 && box[2] <= w && box[1] >= 0 && box[3] <= height;
      const seen = this.named && inside && free(box);
      if (seen) taken.push(box);
      element.style.visibility = seen ? "visible" : "hidden";
      if (seen) element.style.transform = `translate(${x.toFixed(1)}px,${y.toFixed(1)}px) translate(-50%,-50%)`;
    }
    for (const mark of this.marks) put(mark.element, this.project(mark.x, mark.y));
    this.ring.hidden = this.ringAt === null;
    if (this.ringAt) put(this.ring, this.project(...this.ringAt));
  }
}

function put(element: HTMLElement, [x, y]: [number, number]): void {
  element.style.transform = `translate(${x.toFixed(1)}px,${y.toFixed(1)}px) translate(-50%,-50%)`;
}
