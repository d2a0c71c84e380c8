import { h, number, short } from "../dom";
import { type MapPoints, NONE } from "./binary";

/** What colours mean; kinds can be shown alone. */
export class Legend {
  private readonly list = h("div", {});
  readonly element = h("details", { class: "legend", hidden: true, open: !matchMedia("(max-width: 48rem)").matches }, h("summary", {}, "Legend"), this.list);
  private readonly alone = new Set<number>();

  constructor(private readonly isolate: (kinds: ReadonlySet<number>) => void) {}

  show(head: MapPoints["head"], colours: Uint16Array, palette: string[], none: string): void {
    this.alone.clear();
    this.element.hidden = false;
    this.element.classList.remove("some");
    if (head.scale) {
      const [first, last] = [head.groups[0] ?? "", head.groups[head.groups.length - 1] ?? ""];
      const bar = h("i", { class: "gradient", style: `background:linear-gradient(90deg,${palette.join(",")})` });
      this.list.replaceChildren(h("div", { class: "scale" }, h("span", {}, first.split(" to ")[0] ?? ""), bar, h("span", {}, last.split(" to ").pop() ?? "")));
      return;
    }
    const counts = new Uint32Array(head.groups.length + 1);
    for (const c of colours) counts[c === NONE ? head.groups.length : Math.min(c, head.groups.length)]!++;
    const order = head.groups.map((_, i) => i).sort((a, b) => counts[b]! - counts[a]!);
    const row = (i: number, name: string, colour: string) => h("button", { type: "button", class: "kind", "aria-pressed": "false", title: `Only ${name}`, onclick: (e: Event) => this.toggle(i, e.currentTarget as HTMLElement) },
      h("i", { style: `background:${colour}` }), h("span", {}, short(name, 34)), h("em", {}, number(counts[i]!)));
    const rows = order.filter((i) => counts[i]! > 0).map((i) => row(i, head.groups[i]!, palette[i]!));
    if (counts[head.groups.length]! > 0) rows.push(row(head.groups.length, head.name === "region" ? "between regions" : "none", none));
    this.list.replaceChildren(...rows);
  }

  private toggle(kind: number, button: HTMLElement): void {
    if (!this.alone.delete(kind)) this.alone.add(kind);
    button.setAttribute("aria-pressed", String(this.alone.has(kind)));
    this.element.classList.toggle("some", this.alone.size > 0);
    this.isolate(this.alone);
  }
}
