export type Value = string | number | boolean;

/** What narrows a search: chosen values, ranges, a typed condition, items chosen on the map. */
export class Filters {
  readonly values = new Map<string, Set<Value>>();
  readonly ranges = new Map<string, { from?: number; to?: number }>();
  typed = "";
  within: string[] | null = null;
  /** Views that are left out. */
  readonly silent = new Set<string>();

  toggle(field: string, value: Value): void {
    const set = this.values.get(field) ?? new Set<Value>();
    if (!set.delete(value)) set.add(value);
    if (set.size > 0) this.values.set(field, set);
    else this.values.delete(field);
  }

  range(field: string, from: number | undefined, to: number | undefined): void {
    if (from === undefined && to === undefined) this.ranges.delete(field);
    else this.ranges.set(field, { ...(from !== undefined ? { from } : {}), ...(to !== undefined ? { to } : {}) });
  }

  clear(): void {
    this.values.clear();
    this.ranges.clear();
    this.typed = "";
    this.within = null;
  }

  get isEmpty(): boolean {
    return this.expression() === undefined;
  }

  /** All of it as one expression of the server's; `within` can be left out. */
  expression(withChosen = true): string | undefined {
    const parts: string[] = [];
    if (this.typed.trim()) parts.push(`(${this.typed.trim()})`);
    for (const [field, values] of this.values) parts.push(`${name(field)} in [${[...values].map(literal).join(", ")}]`);
    for (const [field, { from, to }] of this.ranges) {
      if (from !== undefined) parts.push(`${name(field)} >= ${from}`);
      if (to !== undefined) parts.push(`${name(field)} <= ${to}`);
    }
    if (withChosen && this.within) parts.push(`id in [${this.within.map(literal).join(", ")}]`);
    return parts.length > 0 ? parts.join(" and ") : undefined;
  }

  /** What facets are counted under, as the REST API has it; the field's own values do not count against it. */
  json(except: string): object | undefined {
    const must: object[] = [];
    for (const [field, values] of this.values) if (field !== except) must.push({ key: field, match: { any: [...values].map((v) => (typeof v === "boolean" ? String(v) : v)) } });
    for (const [field, { from, to }] of this.ranges) if (field !== except) must.push({ key: field, range: { gte: from, lte: to } });
    if (this.within) must.push({ key: "id", match: { any: this.within } });
    return must.length > 0 ? { must } : undefined;
  }
}

const name = (field: string) => `\`${field}\``;
const literal = (value: Value) => (typeof value === "string" ? JSON.stringify(value) : String(value));
