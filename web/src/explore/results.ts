import { failure, h } from "../dom";
import { type Acts, type Shown, card } from "./card";

/** The list of hits, walked through by keys. */
export class Results {
  readonly status = h("p", { class: "status quiet", role: "status" });
  readonly list = h("ol", { class: "hits", "aria-label": "Results" });
  readonly element = h("div", { class: "results" }, this.status, this.list);
  shown: Shown[] = [];

  constructor(private readonly collection: string, private readonly acts: Acts) {}

  /** Shows hits; `more` fetches the next ones. */
  show(hits: Shown[], says: string, ranked: boolean, more: (() => void) | null): void {
    this.shown = hits;
    this.status.textContent = says;
    const most = Math.max(...hits.flatMap((hit) => hit.explain.map((e) => e.part)), 1e-9);
    const plain = hits.length > 1 && hits.every((hit) => hit.path !== null && hit.path === hits[0]!.path);
    const items = hits.map((hit, i) => card(this.collection, hit, ranked ? i + 1 : null, most, this.acts, plain));
    if (more) items.push(h("li", { class: "more" }, h("button", { type: "button", onclick: more }, "Show more")));
    this.list.replaceChildren(...items);
  }

  fail(error: unknown): void {
    this.shown = [];
    this.status.textContent = "";
    this.list.replaceChildren(h("li", {}, failure(error)));
  }

  busy(): void {
    this.status.textContent = "Searching …";
  }

  /** Lights up a hit that the map points at. */
  light(id: string | null): void {
    for (const item of this.list.children) item.classList.toggle("lit", id !== null && (item as HTMLElement).dataset["id"] === id);
  }

  /** The hit that has the focus. */
  get current(): Shown | null {
    const at = this.at();
    return at < 0 ? null : this.shown[at] ?? null;
  }

  private at(): number {
    return [...this.list.children].findIndex((item) => item.contains(document.activeElement));
  }

  /** Moves the focus to the next hit, or the one before. */
  step(by: 1 | -1): void {
    const at = this.at();
    const next = at < 0 ? (by > 0 ? 0 : this.shown.length - 1) : at + by;
    const item = this.list.children[Math.max(0, Math.min(next, this.shown.length - 1))] as HTMLElement | undefined;
    item?.querySelector<HTMLElement>("h3 a")?.focus();
    item?.scrollIntoView({ block: "nearest" });
  }
}
