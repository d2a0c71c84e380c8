// Puts the built page where the server embeds it from: with its own content policy and the hash of its sources.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { embedded, hash, web } from "./sources.mjs";

const page = readFileSync(join(web, "dist/index.html"), "utf8");
const scripts = [...page.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)].map((m) => `'sha256-${createHash("sha256").update(m[1]).digest("base64")}'`);
// The map's component makes its drawing functions from text ('unsafe-eval'); no other script than the page's own runs.
const policy = `default-src 'self'; connect-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src ${scripts.join(" ")} 'unsafe-eval'`;
const head = `<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">\n<meta name="sources" content="${hash()}">`;
const out = page.replace(/<meta charset="utf-8" ?\/?>/i, () => head);
if (out === page) throw new Error("the page has no <meta charset>");
writeFileSync(embedded, out);
console.log(`${embedded}: ${(out.length / 1000).toFixed(0)} kB`);
