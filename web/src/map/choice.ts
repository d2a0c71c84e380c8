import { api } from "../api";
import { h, number } from "../dom";

/** What was chosen on the map, and what can be done with it. */
export class Choice {
  readonly element = h("div", { class: "chosen", hidden: true, role: "status" });

  constructor(private readonly collection: string, private readonly acts: { list: (passages: number[]) => void; drop: () => void }) {}

  /** Says how many; nothing when there are none. */
  show(passages: number[], zoom: () => void): void {
    this.element.hidden = passages.length === 0;
    if (passages.length === 0) return;
    this.element.replaceChildren(
      h("b", {}, `${number(passages.length)} chosen`),
      h("button", { type: "button", onclick: () => this.acts.list(passages) }, "Search inside"),
      h("button", { type: "button", onclick: zoom }, "Zoom"),
      h("button", { type: "button", onclick: () => void this.save(passages) }, "Save as JSON lines"),
      h("button", { type: "button", class: "icon", "aria-label": "Drop the choice", onclick: () => this.acts.drop() }, "×"));
  }

  private async save(passages: number[]): Promise<void> {
    const lines: string[] = [];
    for (let i = 0; i < passages.length; i += 2000) {
      for (const p of await api.passages(this.collection, passages.slice(i, i + 2000))) lines.push(JSON.stringify(p));
    }
    const link = h("a", { href: URL.createObjectURL(new Blob([lines.join("\n"), "\n"])), download: `${this.collection}-chosen.jsonl` });
    link.click();
    URL.revokeObjectURL(link.href);
  }
}
