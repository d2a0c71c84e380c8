// A map of a million points in the page: `node benches/page.mjs VECTORY [POINTS]`. Makes a collection of places, opens it in
// Chromium and says when the first points were seen, when all, and how many frames a second moving gave. Needs `make web` (playwright-core);
// `VECTORY_SCREENSHOTS` names a folder for a picture.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "../web/node_modules/playwright-core/index.mjs";

const [vectory, count = "1000000"] = process.argv.slice(2);
const n = Number(count);
const folder = mkdtempSync(join(tmpdir(), "page-"));
const server = spawn(vectory, ["serve", "--dir", folder, "--port", "0", "--max-body", "256"], { stdio: ["ignore", "ignore", "pipe"] });
const url = await new Promise((done) => createInterface(server.stderr).once("line", (line) => done(line.split(" ")[0])));
const ask = async (method, path, body) => {
  const response = await fetch(url + path, { method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return (await response.json()).result;
};

// 40 heaps in the plane, by a generator that is the same everywhere.
let state = 1;
const random = () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; };
const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-9)) * Math.cos(2 * Math.PI * random());
const heaps = Array.from({ length: 40 }, () => [random() * 2 - 1, random() * 2 - 1, 0.02 + 0.08 * random()]);
try {
  await ask("PUT", "/collections/million", { vectors: { size: 2, distance: "Euclid" } });
  const step = 20_000;
  for (let start = 0; start < n; start += step) {
    const points = Array.from({ length: Math.min(step, n - start) }, (_, i) => {
      const k = Math.floor(random() * heaps.length);
      const [x, y, r] = heaps[k];
      return { id: start + i, vector: [x + r * normal(), y + r * normal()], payload: { heap: k } };
    });
    await ask("PUT", "/collections/million/points?wait=true", { points });
    if (start % (step * 10) === 0) console.error(`${start + points.length} points`);
  }
  await ask("POST", "/collections/million/map", {});
  for (;;) {
    const { state, error, seconds } = await ask("GET", "/collections/million/map");
    if (state === "failed") throw new Error(error);
    if (state === "ready") { console.error(`map made in ${seconds.toFixed(1)} s`); break; }
    await new Promise((done) => setTimeout(done, 300));
  }
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"] });
  for (let round = 0; round < 3; round++) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${url}/#/search/million/`);
    await page.waitForFunction(() => document.querySelector(".map")?.dataset.paint, null, { timeout: 120_000 });
    const [first, all] = await page.evaluate(() => { const d = document.querySelector(".map").dataset; return [Number(d.first), Number(d.paint)]; });
    if (round === 0 && process.env.VECTORY_SCREENSHOTS) await page.screenshot({ path: join(process.env.VECTORY_SCREENSHOTS, "million.png"), timeout: 180_000 });
    const times = await page.evaluate(async () => {
      const plot = document.querySelector(".map").plot;
      const times = [];
      const start = performance.now();
      // Every frame waits until the picture is there: a pixel of it is read.
      while (performance.now() - start < 4000 || times.length < 10) {
        const before = performance.now();
        plot.pan(0.01, 0);
        await new Promise((done) => requestAnimationFrame(done));
        const canvas = document.querySelector(".stage canvas");
        canvas.getContext("2d").getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1);
        times.push(performance.now() - before);
      }
      return times;
    });
    const frames = 1000 * times.length / times.reduce((a, b) => a + b, 0);
    const median = [...times].sort((a, b) => a - b)[times.length >> 1];
    console.log(JSON.stringify({ points: n, first_points_seconds: first / 1000, all_points_seconds: all / 1000, frames_per_second_moving: Number(frames.toFixed(1)), frames_ms: { first: Math.round(times[0]), median: Math.round(median), longest: Math.round(Math.max(...times)) }, renderer: "software (SwiftShader)" }));
    await page.close();
  }
  await browser.close();
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
