import { h, short } from "../dom";
import type { Shown } from "./card";

/** Items that hits are to be like, and unlike. */
export class Examples {
  readonly element = h("div", { class: "examples", hidden: true, role: "group", "aria-label": "Examples" });
  private like: Shown[] = [];
  private unlike: Shown[] = [];

  constructor(private readonly changed: () => void) {}

  get isEmpty(): boolean {
    return this.like.length === 0;
  }

  /** What the server is asked. */
  get question(): { positive: string[]; negative: string[] } {
    return { positive: this.like.map((e) => e.id), negative: this.unlike.map((e) => e.id) };
  }

  add(example: Shown, liked: boolean): void {
    const without = (list: Shown[]) => list.filter((e) => e.id !== example.id);
    [this.like, this.unlike] = [without(this.like), without(this.unlike)];
    (liked ? this.like : this.unlike).push(example);
    this.refresh();
    this.changed();
  }

  clear(): void {
    if (this.like.length + this.unlike.length === 0) return;
    [this.like, this.unlike] = [[], []];
    this.refresh();
  }

  private drop(example: Shown): void {
    this.like = this.like.filter((e) => e !== example);
    this.unlike = this.unlike.filter((e) => e !== example);
    this.refresh();
    this.changed();
  }

  private refresh(): void {
    const chip = (e: Shown, sign: string, kind: string) => h("button", { type: "button", class: `chip ${kind}`, title: "Drop this example", onclick: () => this.drop(e) }, `${sign} ${short(e.title || e.path || e.id, 36)}`, h("span", { "aria-hidden": "true" }, "×"));
    this.element.replaceChildren(
      h("span", { class: "quiet" }, this.like.length > 0 ? "Like these, unlike those:" : "Choose one more that hits are to be like:"),
      ...this.like.map((e) => chip(e, "+", "like")), ...this.unlike.map((e) => chip(e, "−", "unlike")),
      h("button", { type: "button", class: "chip plain", onclick: () => { this.clear(); this.changed(); } }, "Back to the search"));
    this.element.hidden = this.like.length + this.unlike.length === 0;
  }
}
