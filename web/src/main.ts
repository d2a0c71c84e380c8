import "./style.css";
import { api } from "./api";
import { collectionsView } from "./collections";
import { failure } from "./dom";
import { itemView } from "./item";
import { searchView } from "./search";

const main = document.getElementById("main") as HTMLElement;
const pick = document.getElementById("collection") as HTMLSelectElement;
let names: string[] = [];

/** `#/`, `#/search/COLLECTION/QUESTION`, `#/item/COLLECTION/ID`, `#/collections`. */
function show(): void {
  const [, view = "", collection = "", rest = ""] = location.hash.replace(/^#/, "").split("/").map(decodeURIComponent);
  if (names.includes(collection)) pick.value = collection;
  const current = pick.value;
  if (view === "item") main.replaceChildren(itemView(collection, rest));
  else if (view === "collections" || !current) main.replaceChildren(collectionsView(names));
  else main.replaceChildren(searchView(current, rest, remember));
  if (view !== "item") document.querySelector<HTMLInputElement>("input[type=search]")?.focus();
}

/** Keeps a question in the address, so that it can be sent to somebody; without showing everything anew. */
function remember(question: string): void {
  history.replaceState(null, "", `#/search/${encodeURIComponent(pick.value)}/${encodeURIComponent(question)}`);
}

addEventListener("hashchange", show);
pick.addEventListener("change", () => { location.hash = `#/search/${encodeURIComponent(pick.value)}/`; });
addEventListener("keydown", (e) => {
  const typing = e.target instanceof HTMLInputElement || e.target instanceof HTMLSelectElement;
  if (e.key === "/" && !typing) {
    e.preventDefault();
    document.querySelector<HTMLInputElement>("input[type=search]")?.focus();
  }
});
api.collections().then((found) => {
  names = found;
  pick.replaceChildren(...names.map((name) => new Option(name, name)));
  show();
}, (e: unknown) => main.replaceChildren(failure(e)));
