"use strict";
(() => {
  const $ = id => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const words = text => { const s = atob(text), b = new Uint8Array(s.length); for (let i = 0; i < s.length; i++) b[i] = s.charCodeAt(i); return new Uint16Array(b.buffer); };
  const n = data.count, places = words(data.places), items = data.items;
  const fields = data.fields.map(f => ({ ...f, of: words(f.of) }));
  const NONE = 65535, HOW_NEAR = 14;
  const map = $("map"), over = $("over"), tip = $("tip"), legend = $("legend"), search = $("search");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let field = fields[0] || null, chosen = new Set(), found = null, at = -1, pinned = -1, hovered = -1;
  // World: x and y within 0..1. View: the world's place at the middle of the screen, and pixels per unit.
  let view = { x: .5, y: .5, k: 1 }, width = 1, height = 1, ratio = 1, queued = false;

  const label = i => items.length ? items[i] : "row " + i;
  const group = i => field ? field.of[i] : NONE;

  // Colours: ten that tell well apart, then turns of the golden angle; a ramp for scales.
  const TEN = ["#4477aa", "#ee7733", "#228833", "#cc3377", "#66aadd", "#aa7733", "#8855cc", "#bbaa22", "#009988", "#dd5555"];
  const hex = h => [1, 3, 5].map(i => parseInt(h.slice(i, i + 2), 16));
  const hsl = (h, s, l) => { const f = k => { const a = (k + h / 30) % 12; return Math.round(255 * (l - s * Math.min(l, 1 - l) * Math.max(-1, Math.min(a - 3, 9 - a, 1)))); }; return [f(0), f(8), f(4)]; };
  const RAMP = ["#4b3a8f", "#3b6fb0", "#2fa08f", "#8cc152", "#f2c230"].map(hex);
  const colour = g => {
    if (g === NONE) return dark.matches ? [105, 115, 125] : [165, 172, 180];
    if (field.scale) { const t = field.groups.length < 2 ? 0 : g / (field.groups.length - 1) * (RAMP.length - 1), a = Math.min(Math.floor(t), RAMP.length - 2); return RAMP[a].map((v, c) => Math.round(v + (RAMP[a + 1][c] - v) * (t - a))); }
    return g < TEN.length ? hex(TEN[g]) : hsl(g * 137.508 % 360, .55, dark.matches ? .62 : .45);
  };
  const css = c => `rgb(${c.join(",")})`;

  // A point counts as shown when its group is chosen (or none is) and the search finds it (or is empty).
  const shown = i => (!chosen.size || chosen.has(group(i))) && (!found || found.mask[i]);
  const colours = new Uint8Array(n * 4);
  const paintColours = () => {
    const cache = new Map();
    for (let i = 0; i < n; i++) {
      const g = group(i); let c = cache.get(g); if (!c) cache.set(g, c = colour(g));
      colours[4 * i] = c[0]; colours[4 * i + 1] = c[1]; colours[4 * i + 2] = c[2];
      colours[4 * i + 3] = shown(i) ? (g === NONE && !found && field ? 150 : 235) : dark.matches ? 42 : 26;
    }
    if (gl) { gl.bindBuffer(gl.ARRAY_BUFFER, colourBuffer); gl.bufferData(gl.ARRAY_BUFFER, colours, gl.DYNAMIC_DRAW); }
    draw();
  };

  // WebGL, with a plain canvas where there is none.
  let gl = map.getContext("webgl", { antialias: false, alpha: true, premultipliedAlpha: false, preserveDrawingBuffer: false }), plain = null, program, colourBuffer, where;
  const shader = (type, source) => { const s = gl.createShader(type); gl.shaderSource(s, source); gl.compileShader(s); return s; };
  const start = () => {
    program = gl.createProgram();
    gl.attachShader(program, shader(gl.VERTEX_SHADER, "attribute vec2 p;attribute vec4 c;uniform vec4 v;uniform mediump float s;varying mediump vec4 f;void main(){gl_Position=vec4((p-v.xy)*v.zw,0.,1.);gl_PointSize=c.a<.2?max(s*.7,1.):s;f=c;}"));
    gl.attachShader(program, shader(gl.FRAGMENT_SHADER, "precision mediump float;uniform mediump float s;varying mediump vec4 f;void main(){float r=length(gl_PointCoord-.5)*s;float a=s<3.?1.:clamp(s*.5-r+.25,0.,1.);gl_FragColor=vec4(f.rgb,f.a*a);}"));
    gl.linkProgram(program); gl.useProgram(program);
    const buffer = (name, size, type, source) => { const b = gl.createBuffer(), l = gl.getAttribLocation(program, name); gl.bindBuffer(gl.ARRAY_BUFFER, b); gl.bufferData(gl.ARRAY_BUFFER, source, gl.STATIC_DRAW); gl.enableVertexAttribArray(l); gl.vertexAttribPointer(l, size, type, true, 0, 0); return b; };
    buffer("p", 2, gl.UNSIGNED_SHORT, places); colourBuffer = buffer("c", 4, gl.UNSIGNED_BYTE, colours);
    where = { v: gl.getUniformLocation(program, "v"), s: gl.getUniformLocation(program, "s") };
    gl.enable(gl.BLEND); gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  };
  if (gl) start(); else plain = map.getContext("2d");
  map.addEventListener("webglcontextlost", e => e.preventDefault());
  map.addEventListener("webglcontextrestored", () => { start(); paintColours(); });

  const fit = () => Math.min(width, height) * .92;
  const size = () => Math.max(1.4, Math.min(13, (n > 30000 ? 2 : n > 5000 ? 3 : 5) * Math.sqrt(view.k / fit()))) * ratio;
  const px = i => (places[2 * i] / 65535 - view.x) * view.k + width / 2;
  const py = i => height / 2 - (places[2 * i + 1] / 65535 - view.y) * view.k;
  const draw = () => { if (!queued) { queued = true; requestAnimationFrame(paint); } };
  const paint = () => {
    queued = false;
    if (gl) {
      gl.viewport(0, 0, map.width, map.height); gl.clearColor(0, 0, 0, 0); gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform4f(where.v, view.x, view.y, 2 * view.k / width, 2 * view.k / height); gl.uniform1f(where.s, size());
      gl.drawArrays(gl.POINTS, 0, n);
    } else {
      plain.setTransform(ratio, 0, 0, ratio, 0, 0); plain.clearRect(0, 0, width, height); const s = size() / ratio;
      for (let i = 0; i < n; i++) { const x = px(i), y = py(i); if (x < -9 || y < -9 || x > width + 9 || y > height + 9) continue; plain.fillStyle = `rgba(${colours[4 * i]},${colours[4 * i + 1]},${colours[4 * i + 2]},${colours[4 * i + 3] / 255})`; if (n > 20000) plain.fillRect(x - s / 2, y - s / 2, s, s); else { plain.beginPath(); plain.arc(x, y, s / 2, 0, 7); plain.fill(); } }
    }
    annotate();
  };

  // Names of groups at their middles, and a ring around what is looked at.
  const pen = over.getContext("2d");
  let middles = [];
  const findMiddles = () => {
    middles = []; if (!field || field.scale) return;
    const xs = field.groups.map(() => []), ys = field.groups.map(() => []), step = Math.max(1, Math.floor(n / 40000));
    for (let i = 0; i < n; i += step) { const g = field.of[i]; if (g !== NONE) { xs[g].push(places[2 * i]); ys[g].push(places[2 * i + 1]); } }
    const middle = v => v.sort((a, b) => a - b)[v.length >> 1] / 65535;
    xs.forEach((v, g) => { if (v.length) middles.push({ g, x: middle(v), y: middle(ys[g]), size: v.length }); });
    middles.sort((a, b) => b.size - a.size);
  };
  const annotate = () => {
    pen.setTransform(ratio, 0, 0, ratio, 0, 0); pen.clearRect(0, 0, width, height);
    const style = getComputedStyle(document.documentElement), ink = style.getPropertyValue("--ink"), page = style.getPropertyValue("--page");
    const taken = []; pen.textAlign = "center"; pen.textBaseline = "middle"; pen.font = "600 12.5px system-ui,sans-serif"; pen.lineJoin = "round";
    for (const m of middles) {
      if (chosen.size && !chosen.has(m.g) || found && !found.groups.has(m.g)) continue;
      let x = (m.x - view.x) * view.k + width / 2; const y = height / 2 - (m.y - view.y) * view.k; if (x < 0 || y < 40 || x > width || y > height) continue;
      let text = field.groups[m.g]; if (text.length > 34) text = text.slice(0, 33) + "…";
      const w = pen.measureText(text).width / 2 + 4; x = Math.max(w, Math.min(width - w, x)); const box = [x - w, y - 9, x + w, y + 9];
      if (taken.some(t => t[0] < box[2] && box[0] < t[2] && t[1] < box[3] && box[1] < t[3])) continue;
      taken.push(box); pen.lineWidth = 3.5; pen.strokeStyle = page; pen.strokeText(text, x, y); pen.fillStyle = ink; pen.fillText(text, x, y);
      if (taken.length > 60) break;
    }
    for (const i of [pinned, hovered]) if (i >= 0) { pen.beginPath(); pen.arc(px(i), py(i), Math.max(7, size() / ratio), 0, 7); pen.lineWidth = 2.5; pen.strokeStyle = style.getPropertyValue("--mark"); pen.stroke(); }
  };

  // Nearest point by a grid over the world.
  const CELLS = Math.max(1, Math.min(512, Math.round(Math.sqrt(n / 2)))), firsts = new Int32Array(CELLS * CELLS).fill(-1), nexts = new Int32Array(n);
  const cell = v => Math.min(CELLS - 1, Math.floor(v / 65536 * CELLS));
  for (let i = n - 1; i >= 0; i--) { const c = cell(places[2 * i + 1]) * CELLS + cell(places[2 * i]); nexts[i] = firsts[c]; firsts[c] = i; }
  const nearest = (x, y, reach) => {
    const wx = (x - width / 2) / view.k + view.x, wy = (height / 2 - y) / view.k + view.y, r = reach / view.k; let best = -1, least = r * r;
    const from = v => Math.max(0, Math.floor(v * CELLS)), to = v => Math.min(CELLS - 1, Math.floor(v * CELLS));
    for (let cy = from(wy - r); cy <= to(wy + r); cy++) for (let cx = from(wx - r); cx <= to(wx + r); cx++)
      for (let i = firsts[cy * CELLS + cx]; i >= 0; i = nexts[i]) { if (!shown(i)) continue; const dx = places[2 * i] / 65535 - wx, dy = places[2 * i + 1] / 65535 - wy, d = dx * dx + dy * dy; if (d < least) { least = d; best = i; } }
    return best;
  };

  const tell = i => {
    if (i < 0) { tip.className = ""; return; }
    tip.replaceChildren(document.createTextNode(label(i)));
    for (const f of fields) { const g = f.of[i], s = document.createElement("small"); s.textContent = f.name + ": " + (g === NONE ? "none" : f.groups[g]); tip.append(s); }
    const x = px(i), y = py(i); tip.className = "shown";
    const w = tip.offsetWidth, h = tip.offsetHeight;
    tip.style.left = Math.max(8, Math.min(width - w - 8, x + 14)) + "px"; tip.style.top = (y + 14 + h > height ? Math.max(8, y - h - 14) : y + 14) + "px";
  };
  const look = i => { if (hovered !== i) { hovered = i; tell(i >= 0 ? i : pinned); draw(); } };
  const pin = i => { pinned = i; tell(i); draw(); };

  const zoom = (factor, x, y) => {
    const wx = (x - width / 2) / view.k + view.x, wy = (height / 2 - y) / view.k + view.y;
    view.k = Math.max(fit() * .3, Math.min(fit() * 3000, view.k * factor));
    view.x = wx - (x - width / 2) / view.k; view.y = wy - (height / 2 - y) / view.k; if (pinned >= 0) tell(pinned); draw();
  };
  const pan = (dx, dy) => { view.x -= dx / view.k; view.y += dy / view.k; if (pinned >= 0) tell(pinned); draw(); };
  const all = () => { view = { x: .5, y: .5, k: fit() }; if (pinned >= 0) tell(pinned); draw(); };
  const go = i => { view.x = places[2 * i] / 65535; view.y = places[2 * i + 1] / 65535; view.k = Math.max(view.k, fit() * 4); pin(i); };
  const resize = () => {
    const keep = view.k / fit(); width = innerWidth; height = innerHeight; ratio = Math.min(devicePixelRatio || 1, 2);
    for (const c of [map, over]) { c.width = width * ratio; c.height = height * ratio; }
    view.k = fit() * (resize.done ? keep : 1); resize.done = true; draw();
  };

  // Pointers: one drags, two pinch, a tap pins.
  const fingers = new Map(); let moved = 0;
  map.addEventListener("pointerdown", e => { map.setPointerCapture(e.pointerId); fingers.set(e.pointerId, [e.clientX, e.clientY]); moved = 0; map.classList.add("drag"); });
  map.addEventListener("pointermove", e => {
    const before = fingers.get(e.pointerId);
    if (!before) { look(nearest(e.clientX, e.clientY, HOW_NEAR)); return; }
    if (fingers.size === 1) pan(e.clientX - before[0], e.clientY - before[1]);
    else { const other = [...fingers].find(f => f[0] !== e.pointerId)[1], far = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]), now = [e.clientX, e.clientY]; zoom(far(now, other) / Math.max(1, far(before, other)), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2); }
    moved += Math.abs(e.clientX - before[0]) + Math.abs(e.clientY - before[1]); fingers.set(e.pointerId, [e.clientX, e.clientY]);
  });
  const lift = e => { if (fingers.delete(e.pointerId) && e.type === "pointerup" && moved < 5) pin(nearest(e.clientX, e.clientY, e.pointerType === "touch" ? 28 : HOW_NEAR)); if (!fingers.size) map.classList.remove("drag"); };
  map.addEventListener("pointerup", lift); map.addEventListener("pointercancel", lift); map.addEventListener("pointerleave", () => look(-1));
  map.addEventListener("wheel", e => { e.preventDefault(); zoom(Math.exp(-e.deltaY * (e.deltaMode ? .05 : .0015)), e.clientX, e.clientY); }, { passive: false });
  map.addEventListener("dblclick", e => zoom(2.5, e.clientX, e.clientY));

  // Search: every word must occur in the item or in the name of one of its groups.
  const lower = items.map(t => t.toLowerCase());
  const seek = () => {
    const parts = search.value.toLowerCase().split(/\s+/).filter(Boolean); at = -1;
    if (!parts.length) { found = null; $("found").textContent = ""; paintColours(); return; }
    const mask = new Uint8Array(n), ids = [];
    for (let i = 0; i < n; i++) { const t = (lower[i] || "row " + i) + " " + fields.map(f => f.of[i] === NONE ? "" : f.groups[f.of[i]].toLowerCase()).join(" "); if (parts.every(p => t.includes(p))) { mask[i] = 1; ids.push(i); } }
    found = { mask, ids }; regroup(); $("found").textContent = ids.length.toLocaleString("en") + " found"; paintColours();
  };
  const regroup = () => { if (found) found.groups = new Set(found.ids.map(group)); };
  const walk = by => { const ids = found ? found.ids : null; if (!ids || !ids.length) return; at = (at + by + ids.length) % ids.length; $("found").textContent = `${at + 1} of ${ids.length}`; go(ids[at]); };
  let waiting; search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(seek, n > 20000 ? 180 : 40); });
  search.addEventListener("keydown", e => { if (e.key === "Enter") { e.preventDefault(); clearTimeout(waiting); if (!found || at < 0) seek(); walk(e.shiftKey ? -1 : 1); } if (e.key === "Escape") { search.value = ""; seek(); map.focus(); } });

  addEventListener("keydown", e => {
    if (e.target === search || e.ctrlKey || e.metaKey || e.altKey) return;
    const step = 70, keys = { ArrowLeft: () => pan(step, 0), ArrowRight: () => pan(-step, 0), ArrowUp: () => pan(0, step), ArrowDown: () => pan(0, -step), "+": () => zoom(1.5, width / 2, height / 2), "=": () => zoom(1.5, width / 2, height / 2), "-": () => zoom(1 / 1.5, width / 2, height / 2), "0": all, "/": () => search.focus(), n: () => walk(1), p: () => walk(-1), Escape: () => { chosen.clear(); press(); pin(-1); } };
    if (e.key === "Enter" && e.target === map) { pin(nearest(width / 2, height / 2, 1e9)); return; }
    if (e.target.tagName === "SELECT") return;
    if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
  });

  const press = () => { legend.classList.toggle("some", chosen.size > 0); for (const b of legend.children) b.setAttribute("aria-pressed", chosen.has(+b.dataset.g)); paintColours(); };
  const fillLegend = () => {
    legend.replaceChildren(); chosen.clear(); if (!field) return;
    const counts = new Map(); for (let i = 0; i < n; i++) counts.set(field.of[i], (counts.get(field.of[i]) || 0) + 1);
    const groups = field.groups.map((_, g) => g).filter(g => counts.get(g)); if (counts.get(NONE)) groups.push(NONE);
    for (const g of groups) {
      const b = document.createElement("button"), i = document.createElement("i"), s = document.createElement("span"), c = document.createElement("small");
      b.dataset.g = g; b.setAttribute("aria-pressed", "false"); i.style.background = css(colour(g)); s.textContent = g === NONE ? "none" : field.groups[g]; b.title = s.textContent; c.textContent = counts.get(g).toLocaleString("en");
      b.append(i, s, c); b.onclick = () => { if (!chosen.delete(g)) chosen.add(g); press(); }; legend.append(b);
    }
    legend.classList.remove("some");
  };
  const choose = f => { field = f; regroup(); fillLegend(); findMiddles(); paintColours(); };
  const setLegend = open => { legend.hidden = !open || !field; $("groups").setAttribute("aria-expanded", String(!legend.hidden)); };
  fields.forEach((f, i) => $("field").append(new Option(f.name, i)));
  $("field").onchange = e => choose(fields[+e.target.value]);
  if (!fields.length) { $("by").hidden = true; $("by").style.display = "none"; $("groups").style.display = "none"; }
  $("groups").onclick = () => setLegend(legend.hidden);
  $("in").onclick = () => zoom(1.5, width / 2, height / 2); $("out").onclick = () => zoom(1 / 1.5, width / 2, height / 2); $("all").onclick = all;
  $("title").textContent = data.title; $("title").title = data.title; $("count").textContent = n.toLocaleString("en") + " items";
  dark.addEventListener("change", () => choose(field)); addEventListener("resize", resize);
  resize(); choose(field); setLegend(innerWidth > 640);
  const asked = new URLSearchParams(location.hash.slice(1)).get("q"); if (asked) { search.value = asked; seek(); }
})();
