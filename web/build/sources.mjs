// A hash of everything that the page is made from, kept in the built file: so that a change without `make web` is noticed
// (crates/serve/src/site/mod.rs computes the same).
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const web = fileURLToPath(new URL("..", import.meta.url));
export const embedded = join(web, "../crates/serve/src/site/page.html");

function files(folder) {
  return readdirSync(join(web, folder), { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? files(`${folder}/${e.name}`) : [`${folder}/${e.name}`]));
}

/** FNV-1a, 64 bits, of the sources' names and contents, by name. */
export function hash() {
  let h = 0xcbf29ce484222325n;
  const add = (bytes) => { for (const b of bytes) h = ((h ^ BigInt(b)) * 0x100000001b3n) & 0xffffffffffffffffn; };
  for (const file of ["index.html", "package-lock.json", "vite.config.ts", ...files("src")].sort()) {
    add(Buffer.from(`${file}\0`));
    add(readFileSync(join(web, file)));
    add([0]);
  }
  return h.toString(16).padStart(16, "0");
}
