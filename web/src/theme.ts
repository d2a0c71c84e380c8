type Theme = "auto" | "light" | "dark";

const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
const order: Theme[] = ["auto", "light", "dark"];

function chosen(): Theme {
  const kept = localStorage.getItem("theme");
  return order.find((t) => t === kept) ?? "auto";
}

/** Whether the page is dark now. */
export function dark(): boolean {
  const theme = chosen();
  return theme === "auto" ? system.matches : theme === "dark";
}

/** Calls when light becomes dark or the other way round; gives back what ends that. */
export function onTheme(run: () => void): () => void {
  listeners.add(run);
  return () => listeners.delete(run);
}

function apply(button: HTMLElement): void {
  const theme = chosen();
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  button.textContent = { auto: "◐", light: "☀", dark: "☾" }[theme];
  button.title = `Colours: ${theme} (t)`;
  for (const run of listeners) run();
}

/** The button in the header. */
export function themeButton(button: HTMLElement): void {
  system.addEventListener("change", () => apply(button));
  button.addEventListener("click", () => {
    localStorage.setItem("theme", order[(order.indexOf(chosen()) + 1) % order.length]!);
    apply(button);
  });
  apply(button);
}
