// The page in a real browser, on a real space: `node page.mjs URL [FOLDER-FOR-SCREENSHOTS]`. Each test says its name when it passes.
import assert from "node:assert/strict";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [url, shots] = process.argv.slice(2);
const wait = { timeout: 60_000 };
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"] });
const problems = [];

/** A page that counts what goes wrong in it, and whom it asks. */
async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on("pageerror", (e) => problems.push(String(e)));
  page.on("console", (m) => { if (m.type() === "error" && !/status of 404/.test(m.text())) problems.push(m.text()); });
  page.on("request", (r) => { if (!r.url().startsWith(url) && !/^(data|blob|about):/.test(r.url())) problems.push(`asked ${r.url()}`); });
  await page.goto(url + path);
  return page;
}

const drawn = (page) => page.waitForFunction(() => document.querySelector(".map")?.dataset.paint, null, { timeout: 90_000 });
const ids = (page) => page.$$eval(".results .hit[data-id]", (all) => all.map((e) => e.dataset.id));
const shot = async (page, name) => { if (shots) await page.screenshot({ path: join(shots, `${name}.png`) }); };
const shown = (page) => page.evaluate(() => document.querySelector(".map").plot.plot.get("filteredPoints").length);

async function test(name, run) {
  const start = performance.now();
  try {
    await run();
  } catch (e) {
    console.error(`FAILED ${name}: ${e.stack}`);
    await browser.close();
    process.exit(1);
  }
  assert.deepEqual(problems, [], `${name}: the browser complained`);
  console.log(`ok ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
}

const page = await open("/#/search/garden/");

await test("a question in words finds, explains and marks", async () => {
  await page.fill("input[type=search]", "bread dough in a hot oven");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".hit .why", wait);
  const first = await page.textContent(".hit >> nth=0");
  assert.match(first, /kitchen/);
  assert.ok((await page.$$(".hit mark")).length > 0, "no word is marked");
  const views = await page.$$eval(".hit >> nth=0 >> .why .view", (all) => all.map((e) => e.textContent));
  assert.deepEqual(views, ["words", "meaning"]);
  assert.match(await page.textContent(".status"), /hits? from words and meaning .* ms/);
  assert.match(page.url(), /bread%20dough/);
});

await test("facets narrow the hits and the map", async () => {
  await drawn(page);
  await page.click(".facet summary:has-text('topic')");
  await page.click(".value:has-text('space')");
  await page.waitForFunction(() => [...document.querySelectorAll(".results .hit .tags")].length > 0 && [...document.querySelectorAll(".results .hit .tags")].every((t) => t.textContent.includes("space")), null, wait);
  await page.waitForFunction(() => document.querySelector(".map").plot.plot.get("filteredPoints").length === 60, null, wait);
  await page.keyboard.press("Escape");
  await page.click(".chip:has-text('topic: space')");
  await page.waitForFunction(() => document.querySelector(".map").plot.plot.get("filteredPoints").length === 180, null, wait);
});

await test("ranges and typed conditions, and what is wrong with them", async () => {
  await page.click(".facet summary:has-text('Condition')");
  await page.fill("input.condition", "year >= 2015 and topic = \"kitchen\"");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".map").plot.plot.get("filteredPoints").length < 60, null, wait);
  await page.fill("input.condition", "year >=");
  await page.keyboard.press("Enter");
  assert.match(await page.textContent(".error"), /filter.*expected/s);
  problems.length = 0;
  await page.click(".chip:has-text('year')");
  await page.waitForSelector(".hit .why", wait);
});

await test("the map is drawn, named and coloured", async () => {
  assert.equal(await page.getAttribute(".map", "data-points"), "180");
  assert.ok((await page.$$(".overlay .label")).length >= 2, "regions have no names");
  assert.ok((await page.$$(".overlay .pin")).length > 0, "hits are not pinned");
  await page.selectOption(".tools select", "topic");
  await page.waitForFunction(() => [...document.querySelectorAll(".kind span")].map((e) => e.textContent).sort().join() === "kitchen,space,zoo", null, wait);
  await page.click(".kind:has-text('zoo')");
  await page.waitForFunction(() => document.querySelector(".map").plot.plot.get("filteredPoints").length === 60, null, wait);
  await page.click(".kind:has-text('zoo')");
  await page.selectOption(".tools select", { label: "score of the question" });
  await page.waitForSelector(".legend .gradient", wait);
  await page.selectOption(".tools select", "region");
  const pixels = await page.evaluate(() => {
    const canvas = document.querySelector(".stage canvas");
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const colours = new Set();
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) colours.add(`${data[i] >> 5},${data[i + 1] >> 5},${data[i + 2] >> 5}`);
    return colours.size;
  });
  assert.ok(pixels >= 3, `${pixels} colours on the map`);
});

await test("hovering a point says what it is, and a hit says where it is", async () => {
  const at = await page.evaluate(() => {
    const stage = document.querySelector(".stage").getBoundingClientRect();
    const plot = document.querySelector(".map").plot;
    const free = Array.from({ length: 180 }, (_, i) => plot.screen(i)).find(([x, y]) => x > 60 && y > 90 && x < stage.width - 60 && document.elementFromPoint(stage.x + x, stage.y + y)?.tagName === "CANVAS");
    return [stage.x + free[0], stage.y + free[1]];
  });
  await page.mouse.move(at[0] - 20, at[1] - 20);
  await page.mouse.move(at[0], at[1], { steps: 5 });
  await page.waitForSelector(".tip:not([hidden]) b", wait);
  await page.hover(".results .hit >> nth=0");
  await page.waitForSelector(".ring:not([hidden])", wait);
  await shot(page, "explore-light");
});

await test("a lasso chooses, and searches look inside it", async () => {
  const stage = await (await page.$(".stage")).boundingBox();
  const path = [[0.5, 0.12], [0.98, 0.12], [0.98, 0.95], [0.5, 0.95], [0.5, 0.13]].map(([x, y]) => [stage.x + stage.width * x, stage.y + stage.height * y]);
  await page.click(".tools button:has-text('Lasso')");
  await page.mouse.move(...path[0]);
  await page.mouse.down();
  for (const place of path.slice(1)) await page.mouse.move(...place, { steps: 8 });
  await page.mouse.up();
  await page.waitForSelector(".chosen:not([hidden])", wait);
  const chosen = Number((await page.textContent(".chosen b")).replace(/\D/g, ""));
  assert.ok(chosen > 2 && chosen < 180, `${chosen} chosen`);
  await page.waitForSelector(`.chip:has-text('${chosen} items chosen')`, wait);
  assert.equal(await page.evaluate(() => document.querySelector(".map").plot.plot.get("selectedPoints").length), chosen);
  await page.click(".facet summary:has-text('topic')");
  await page.waitForSelector(".value .count", wait);
  const inside = await page.$$eval(".value .count", (all) => all.reduce((sum, e) => sum + Number(e.textContent), 0));
  assert.equal(inside, chosen, "facets count what was chosen");
  await page.keyboard.press("Escape");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("Escape");
  await page.waitForSelector(".chosen", { state: "hidden", ...wait });
});

await test("keys ask, walk, open, go back, and take examples", async () => {
  await page.keyboard.press("/");
  await page.keyboard.type("rocket to the moon");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /space/.test(document.querySelector(".results .hit")?.textContent ?? ""), null, wait);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  const first = (await ids(page))[0];
  assert.equal(await page.evaluate(() => document.activeElement.closest(".hit")?.dataset.id), first);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".item .text", wait);
  assert.ok((await page.$$(".item .hits .hit")).length > 0, "an item has neighbours");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("Escape");
  await page.waitForSelector(".item", { state: "hidden", ...wait });
  await page.keyboard.press("j");
  await page.keyboard.press("m");
  await page.waitForSelector(".chip.like", wait);
  await page.waitForFunction((id) => document.querySelector(".results .hit")?.dataset.id !== id && /likest/.test(document.querySelector(".status").textContent), first, wait);
  await page.keyboard.press("?");
  await page.waitForSelector("dialog[open]", wait);
  await page.keyboard.press("Escape");
  await page.focus(".map");
  const before = await page.evaluate(() => document.querySelector(".map").plot.screen(0).join());
  await page.keyboard.press("ArrowLeft");
  await page.waitForFunction((was) => document.querySelector(".map").plot.screen(0).join() !== was, before, wait);
});

await test("every control has a name", async () => {
  const nameless = await page.$$eval("button, input, select, a", (all) => all.filter((e) => !e.hidden && !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length || e.title)).map((e) => e.outerHTML));
  assert.deepEqual(nameless, []);
});
await page.context().close();

await test("a phone shows hits or the map, and nothing sticks out", async () => {
  const phone = await open("/#/search/garden/lion%20cubs", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 1 });
  await phone.waitForSelector(".hit .why", wait);
  const wide = () => phone.evaluate(() => [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && !e.closest(".overlay, .stage, .scroll, .says") && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.className || e.tagName));
  assert.deepEqual(await wide(), []);
  await phone.tap(".tabs [data-tab=map]");
  await drawn(phone);
  await phone.waitForFunction(() => document.querySelector(".stage canvas").getBoundingClientRect().width > 300, null, wait);
  assert.deepEqual(await wide(), []);
  await shot(phone, "phone-map");
  await phone.tap("nav a:has-text('Collections')");
  await phone.waitForSelector(".card .fact", wait);
  assert.deepEqual(await wide(), []);
  await phone.context().close();
});

await test("dark is dark, and the choice is kept", async () => {
  const dark = await open("/#/search/garden/lion%20cubs", { colorScheme: "dark" });
  await dark.waitForSelector(".hit .why", wait);
  const light = () => dark.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).map(Number).reduce((a, b) => a + b) / 765);
  assert.ok((await light()) < 0.2, "the page is not dark");
  await drawn(dark);
  await shot(dark, "explore-dark");
  await dark.click("#theme");
  assert.ok((await light()) > 0.8, "the page is not light");
  await dark.reload();
  await dark.waitForSelector(".hit .why", wait);
  assert.ok((await light()) > 0.8, "the choice was forgotten");
  await dark.context().close();
});

await test("collections say how they are", async () => {
  const page = await open("/#/collections");
  await page.waitForSelector(".card .fact", wait);
  assert.match(await page.textContent(".card"), /garden.*well.*180items/s);
  await shot(page, "collections");
  await page.context().close();
});

const jobs = (await fetch(`${url}/jobs`)).ok;
if (!jobs) console.log("skipped: this server has no jobs: reports and building from a file are not tested");

if (jobs) await test("a file becomes a collection before one's eyes", async () => {
  const page = await open("/#/collections");
  const lines = Array.from({ length: 30 }, (_, i) => JSON.stringify({ id: `f${i}`, title: `harbour note ${i}`, text: `The ferry number ${i} leaves the harbour at ${i} o'clock.` }));
  await page.setInputFiles("input[type=file]", { name: "harbour.jsonl", mimeType: "application/jsonl", buffer: Buffer.from(lines.join("\n")) });
  assert.equal(await page.inputValue("input[name=collection]"), "harbour");
  await page.click(".upload button.main");
  await page.waitForFunction(() => location.hash.startsWith("#/search/harbour"), null, wait);
  await page.fill("input[type=search]", "ferry");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".hit .why", wait);
  await page.goto(`${url}/#/collections`);
  await page.waitForSelector(".job.done:has-text('harbour')", wait);
  await page.context().close();
});

if (jobs) await test("the report has its pictures", async () => {
  const page = await open("/#/report/garden");
  await page.waitForSelector(".report-frame", wait);
  const frame = await (await page.$(".report-frame")).contentFrame();
  await frame.waitForSelector("svg", { state: "attached", ...wait });
  assert.match(await frame.textContent("body"), /Isotropy.*Hubness/s);
  await page.waitForFunction(() => document.querySelector(".report-frame").offsetHeight > 1000, null, wait);
  await page.context().close();
});

await browser.close();
