import { api } from "../api";
import { debounced, h, short } from "../dom";
import type { Passage } from "../types";

/** What a point is, beside it. */
export class Tooltip {
  readonly element = h("div", { class: "tip", hidden: true, role: "tooltip" });
  private readonly known = new Map<number, Passage | null>();
  private wanted: { passage: number; at: [number, number] } | null = null;
  private readonly load = debounced(40, () => void this.fetch());

  constructor(private readonly collection: string) {}

  show(passage: number, at: [number, number]): void {
    this.wanted = { passage, at };
    if (this.known.has(passage)) this.draw();
    else this.load();
  }

  hide(): void {
    this.wanted = null;
    this.element.hidden = true;
  }

  /** What a passage is. */
  async passage(passage: number): Promise<Passage | null> {
    if (!this.known.has(passage)) this.known.set(passage, (await api.passages(this.collection, [passage]))[0] ?? null);
    return this.known.get(passage) ?? null;
  }

  private async fetch(): Promise<void> {
    if (!this.wanted) return;
    await this.passage(this.wanted.passage).catch(() => null);
    this.draw();
  }

  private draw(): void {
    const found = this.wanted && this.known.get(this.wanted.passage);
    if (!this.wanted || !found) return;
    const [x, y] = this.wanted.at;
    const name = found.title || found.path || found.id;
    this.element.replaceChildren(h("b", {}, short(name, 90)), found.heading && found.heading !== name ? h("em", {}, short(found.heading, 80)) : "", found.text ? h("p", {}, short(found.text, 180)) : "");
    this.element.hidden = false;
    const room = this.element.parentElement!;
    const left = Math.min(Math.max(8, x + 14), room.clientWidth - this.element.offsetWidth - 8);
    const below = y + 14 + this.element.offsetHeight < room.clientHeight;
    const top = below ? y + 14 : Math.max(8, y - this.element.offsetHeight - 14);
    this.element.style.transform = `translate(${left.toFixed(0)}px,${top.toFixed(0)}px)`;
  }
}
