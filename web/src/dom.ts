export type Child = Node | string | null | undefined | false;

/** An element with attributes (`on…` are listeners) and children. Texts are always texts, never markup. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, unknown> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on") && typeof value === "function") element.addEventListener(key.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...present(children));
  return element;
}

/** What is there of these. */
export function present(children: Child[]): (Node | string)[] {
  return children.filter((c): c is Node | string => c !== null && c !== undefined && c !== false);
}

/** A text whose byte ranges (UTF-8, as the server gives them) are marked. */
export function marked(text: string, ranges: { start: number; end: number }[]): Node[] {
  const bytes = new TextEncoder().encode(text);
  const decode = (from: number, to: number) => new TextDecoder().decode(bytes.slice(from, to));
  const out: Node[] = [];
  let at = 0;
  for (const { start, end } of ranges) {
    if (start < at || end > bytes.length) continue;
    out.push(document.createTextNode(decode(at, start)), h("mark", {}, decode(start, end)));
    at = end;
  }
  out.push(document.createTextNode(decode(at, bytes.length)));
  return out;
}

/** What is wrong, said aloud. */
export function failure(error: unknown): HTMLElement {
  return h("p", { class: "error", role: "alert" }, error instanceof Error ? error.message : String(error));
}

/** 1234567 as 1,234,567; other numbers with three digits after the point. */
export function number(n: number): string {
  return Number.isInteger(n) ? n.toLocaleString("en") : n.toFixed(3);
}

/** "1 item", "2 items". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}

/** A value in a few words. */
export function short(value: unknown, most = 60): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** Calls once, when there were no more calls for a while. */
export function debounced(milliseconds: number, run: () => void): () => void {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(run, milliseconds);
  };
}

/** Whether keys go into a field. */
export function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type !== "checkbox" && target.type !== "radio");
}
