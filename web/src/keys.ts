import { h } from "./dom";

const KEYS: [string, string][] = [
  ["/", "Ask a question"], ["j k or ↓ ↑", "Next hit, the one before"], ["Enter", "Open the hit"], ["m l", "More like the hit, less like it"], ["s", "Show the hit on the map"],
  ["f", "Filters"], ["g", "Lasso on the map"], ["v", "Choose all points in view"], ["Esc", "Back; drop the choice"],
  ["On the map: ← → ↑ ↓", "Move"], ["+ − 0", "Nearer, farther, all of it"], ["n", "Names of regions"], ["t", "Light or dark"], ["?", "These keys"],
];

/** The keys, in a dialog. */
export function showKeys(): void {
  const open = document.querySelector<HTMLDialogElement>("dialog.keys");
  if (open) return open.close();
  const dialog = h("dialog", { class: "keys", "aria-label": "Keys" },
    h("h2", {}, "Keys"), h("table", {}, ...KEYS.map(([k, what]) => h("tr", {}, h("td", {}, ...k.split(" ").map((x) => (/^(or|On|the|map:)$/.test(x) ? `${x} ` : h("kbd", {}, x)))), h("td", {}, what)))),
    h("form", { method: "dialog" }, h("button", { class: "main" }, "Close")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
