import { api } from "../api";
import { counted, failure, h, number, short } from "../dom";
import type { Facet } from "../types";
import type { Filters, Value } from "./filters";

/** So many values of a field are shown; a field of more numbers is a range. */
const VALUES = 16;

/** A row of fields, each with its values to choose from, and what is chosen. */
export class Facets {
  readonly element = h("div", { class: "facets", role: "group", "aria-label": "Filters" });
  private readonly fields = h("div", { class: "fields" });
  private readonly chips = h("div", { class: "chips" });

  constructor(private readonly collection: string, private readonly views: string[], private readonly filters: Filters, private readonly changed: () => void) {
    this.element.append(this.fields, this.chips);
    document.addEventListener("click", this.outside);
  }

  /** Shows a button for every field, and one for a typed condition. */
  show(fields: string[]): void {
    this.fields.replaceChildren(...fields.map((field) => this.field(field)), this.typed(), ...(this.views.length > 1 ? [this.asked()] : []));
    this.refresh();
  }

  destroy(): void {
    document.removeEventListener("click", this.outside);
  }

  /** Opens the first field: for the keyboard. */
  focus(): void {
    this.fields.querySelector("summary")?.focus();
  }

  private readonly outside = (e: Event) => {
    for (const open of this.fields.querySelectorAll("details[open]")) if (!open.contains(e.target as Node)) open.removeAttribute("open");
  };

  private field(field: string): HTMLElement {
    const list = h("div", { class: "values" });
    const place = h("details", { class: "facet" }, h("summary", {}, field), list);
    place.addEventListener("toggle", () => {
      if (place.open) {
        for (const other of this.fields.querySelectorAll("details[open]")) if (other !== place) other.removeAttribute("open");
        void this.fill(field, list);
      } else list.replaceChildren();
    });
    place.addEventListener("keydown", (e) => {
      if (e.key === "Escape" && place.open) {
        e.stopPropagation();
        place.open = false;
        place.querySelector("summary")?.focus();
      }
    });
    return place;
  }

  private async fill(field: string, list: HTMLElement): Promise<void> {
    let values: Facet[];
    list.replaceChildren(h("p", { class: "quiet" }, "Counting …"));
    try {
      values = await api.facet(this.collection, field, VALUES + 1, this.filters.json(field));
    } catch (e) {
      return list.replaceChildren(failure(e));
    }
    const many = values.length > VALUES;
    if (values.length === 0 || (many && values.every((v) => typeof v.value === "number"))) {
      list.replaceChildren(this.rangeForm(field));
      return;
    }
    const most = Math.max(...values.map((v) => v.count), 1);
    list.replaceChildren(...values.slice(0, VALUES).map((v) => this.value(field, v, most)), ...(many ? [h("p", { class: "quiet" }, "… and more values; type a condition for them.")] : []));
  }

  private value(field: string, { value, count }: Facet, most: number): HTMLElement {
    const on = this.filters.values.get(field)?.has(value) ?? false;
    const box = h("input", { type: "checkbox", checked: on, onchange: () => this.toggle(field, value) });
    return h("label", { class: "value" }, box, h("span", { class: "name" }, short(String(value), 40)), h("span", { class: "count" }, number(count)), h("i", { style: `width:${(100 * count) / most}%` }));
  }

  private rangeForm(field: string): HTMLElement {
    const now = this.filters.ranges.get(field) ?? {};
    const input = (label: string, value: number | undefined) => h("input", { type: "number", step: "any", "aria-label": `${field} ${label}`, placeholder: label, value: value ?? "" });
    const [from, to] = [input("from", now.from), input("to", now.to)];
    const read = (i: HTMLInputElement) => (i.value === "" ? undefined : i.valueAsNumber);
    return h("form", { class: "range", onsubmit: (e: Event) => { e.preventDefault(); this.filters.range(field, read(from), read(to)); this.refresh(); this.changed(); } }, from, to, h("button", { class: "main" }, "Set"));
  }

  private typed(): HTMLElement {
    const input = h("input", { name: "filter", class: "condition", placeholder: 'year >= 2020 and lang = "en"', "aria-label": "Condition on the payload", value: this.filters.typed });
    const submit = (e: Event) => { e.preventDefault(); this.filters.typed = input.value; this.refresh(); this.changed(); };
    const place = h("details", { class: "facet" }, h("summary", {}, "Condition…"), h("div", { class: "values" }, h("form", { class: "range", onsubmit: submit }, input, h("button", { class: "main" }, "Set"))));
    place.addEventListener("toggle", () => { if (place.open) input.focus(); });
    return place;
  }

  /** Which views are asked. */
  private asked(): HTMLElement {
    const silent = this.filters.silent;
    const view = (name: string) => {
      const box = h("input", { type: "checkbox", checked: !silent.has(name), onchange: () => {
        if (box.checked) silent.delete(name);
        else if (silent.size < this.views.length - 1) silent.add(name);
        else box.checked = true;
        this.changed();
      } });
      return h("label", { class: "value" }, box, h("span", { class: "name" }, name || "(no name)"));
    };
    return h("details", { class: "facet" }, h("summary", {}, "Views"), h("div", { class: "values" }, ...this.views.map(view)));
  }

  private toggle(field: string, value: Value): void {
    this.filters.toggle(field, value);
    this.refresh();
    this.changed();
  }

  /** Chips of what is chosen, each with a way to drop it. */
  refresh(): void {
    const f = this.filters;
    const chip = (text: string, drop: () => void) => h("button", { type: "button", class: "chip", title: "Drop this filter", onclick: () => { drop(); this.refresh(); this.changed(); } }, text, h("span", { "aria-hidden": "true" }, "×"));
    const chips: HTMLElement[] = [];
    for (const [field, values] of f.values) for (const v of values) chips.push(chip(`${field}: ${short(String(v), 30)}`, () => f.toggle(field, v)));
    for (const [field, { from, to }] of f.ranges) chips.push(chip(`${field}: ${from ?? "…"} to ${to ?? "…"}`, () => f.range(field, undefined, undefined)));
    if (f.typed.trim()) chips.push(chip(f.typed.trim(), () => { f.typed = ""; }));
    if (f.within) chips.push(chip(`${counted(f.within.length, "item")} chosen on the map`, () => { f.within = null; }));
    if (chips.length > 1) chips.push(h("button", { type: "button", class: "chip plain", onclick: () => { f.clear(); this.refresh(); this.changed(); } }, "Clear all"));
    this.chips.replaceChildren(...chips);
    this.chips.hidden = chips.length === 0;
  }
}
