import "./style/base.css";
import "./style/results.css";
import "./style/map.css";
import "./style/pages.css";
import { api } from "./api";
import { collectionsPage } from "./collections/page";
import { watchJobs } from "./collections/jobs";
import { failure, typing } from "./dom";
import { Explore } from "./explore/explore";
import { showKeys } from "./keys";
import { reportPage } from "./report";
import { themeButton } from "./theme";

const main = document.getElementById("main") as HTMLElement;
const pick = document.getElementById("collection") as HTMLSelectElement;
let names: string[] = [];
let explore: Explore | null = null;

/** `#/`, `#/search/COLLECTION/QUESTION`, `#/item/COLLECTION/ID`, `#/report/COLLECTION`, `#/collections`. */
async function show(): Promise<void> {
  const [, view = "", collection = "", rest = ""] = location.hash.replace(/^#/, "").split("/").map(decodeURIComponent);
  if (names.includes(collection)) pick.value = collection;
  const current = pick.value;
  const page = view === "collections" || !current ? "collections" : view === "report" ? "report" : "search";
  for (const link of document.querySelectorAll<HTMLElement>("nav a[data-view]")) link.toggleAttribute("aria-current", link.dataset["view"] === page);
  document.title = current && page !== "collections" ? `${current} · Vectory` : "Vectory";
  if (page !== "search") {
    leave();
    main.replaceChildren(page === "report" ? reportPage(current) : collectionsPage(names, begin));
    return;
  }
  await enter(current);
  if (view === "item") explore?.open(rest);
  else explore?.ask(rest);
}

/** Shows a collection, if it is not shown already. */
async function enter(collection: string): Promise<void> {
  if (explore?.collection === collection) return;
  leave();
  const info = await api.info(collection);
  explore = new Explore(collection, info, (question) => history.replaceState(null, "", `#/search/${encodeURIComponent(collection)}/${encodeURIComponent(question)}`));
  main.replaceChildren(explore.element);
}

function leave(): void {
  explore?.destroy();
  explore = null;
}

/** Asks for the collections again, and shows what the address says. */
async function begin(): Promise<void> {
  try {
    names = await api.collections();
    const kept = pick.value;
    pick.replaceChildren(...names.map((name) => new Option(name, name)));
    if (names.includes(kept)) pick.value = kept;
    await show();
  } catch (e) {
    main.replaceChildren(failure(e));
  }
}

const shown = () => void show().catch((e: unknown) => main.replaceChildren(failure(e)));
addEventListener("hashchange", shown);
pick.addEventListener("change", () => { location.hash = location.hash.startsWith("#/report") ? `#/report/${encodeURIComponent(pick.value)}` : `#/search/${encodeURIComponent(pick.value)}/`; });
const theme = document.getElementById("theme") as HTMLElement;
themeButton(theme);
document.getElementById("help")?.addEventListener("click", showKeys);
addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || (typing(e.target) && e.key !== "Escape") || document.querySelector("dialog[open]")) return;
  if (typing(e.target)) return (e.target as HTMLElement).blur();
  if (e.key === "?") showKeys();
  else if (e.key === "t") theme.click();
  else if (explore?.key(e.key)) e.preventDefault();
});
watchJobs(document.getElementById("jobs") as HTMLElement);
void begin();
