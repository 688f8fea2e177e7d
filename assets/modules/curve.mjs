/** The current-voltage curve of one device, with the operating point that moves in playback. */

import { put, svg } from "./dom.mjs";
import { number } from "./numbers.mjs";

const WIDTH = 300;
const HEIGHT = 132;
const EDGE = { left: 44, right: 8, top: 8, bottom: 24 };
const POINTS = 121;
/** Curves of laws that depend on both ends are asked for on this many target voltages. */
const TARGET_LEVELS = 40;
const ASK_MS = 120;

/** The voltage interval a curve covers: what the simulation visits with a margin, at least ±1 V. */
export function curveRange(values) {
  let low = Math.min(-1, ...values.filter(Number.isFinite));
  let high = Math.max(1, ...values.filter(Number.isFinite));
  const margin = 0.08 * (high - low);
  low -= margin;
  high += margin;
  return [Number(low.toPrecision(3)), Number(high.toPrecision(3))];
}

/** Round ticks (1, 2, 5 steps) inside [low, high]. */
export function ticks(low, high, count = 4) {
  const raw = (high - low) / count;
  if (!(raw > 0)) return [];
  const scale = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * scale).find((s) => s >= raw * 0.99);
  const result = [];
  for (let k = Math.ceil(low / step); k * step <= high + 1e-9 * step; k += 1) result.push(Number((k * step).toPrecision(12)));
  return result;
}

/** @param {{api}} parts */
export function createCurve({ api }) {
  const grid = svg("g", { class: "curve-grid" });
  const line = svg("path", { class: "curve-line", fill: "none" });
  const point = svg("circle", { class: "curve-point", r: 5, visibility: "hidden" });
  const guide = svg("path", { class: "curve-guide", fill: "none", visibility: "hidden" });
  const caption = svg("text", { class: "curve-caption", x: EDGE.left + (WIDTH - EDGE.left - EDGE.right) / 2, y: HEIGHT - 1, "text-anchor": "middle" });
  const root = svg("svg", { class: "curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "Current over voltage" }, grid, guide, line, point, caption);

  let law = null; // {kind, params, difference, range, vd: [low, high]}
  let wanted = "";
  let timer = null;
  let asked = 0;
  const cache = new Map();
  let frame = null; // {x: fn, y: fn, low, high}
  let operating = null;

  /** Show another device or other parameters. */
  function show(next) {
    const key = JSON.stringify([next.kind, next.params, next.range]);
    if (law && key === law.key) return;
    law = { ...next, key };
    cache.clear();
    wanted = "";
    ask(operating);
  }

  const level = (vd) => {
    const [low, high] = law.vd;
    const step = (high - low) / TARGET_LEVELS || 1;
    return low + Math.round((vd - low) / step) * step;
  };

  function ask(at) {
    if (!law) return;
    const vd = law.difference || !at || !Number.isFinite(at.vd) ? 0 : level(at.vd);
    const key = `${law.key}|${vd}`;
    if (key === wanted) return;
    wanted = key;
    if (cache.has(key)) {
      draw(cache.get(key));
      return;
    }
    if (timer === null) timer = setTimeout(fetchCurve, Math.max(0, ASK_MS - (performance.now() - asked)), vd);
  }

  async function fetchCurve() {
    timer = null;
    asked = performance.now();
    const mine = law;
    const key = wanted;
    const vd = Number(key.slice(key.lastIndexOf("|") + 1));
    const [low, high] = mine.range;
    try {
      const answer = await api.curve({ kind: mine.kind, params: mine.params, low, high, points: POINTS, v_d: mine.difference ? 0 : vd });
      if (law !== mine) return;
      cache.set(key, { ...answer, vd });
      if (wanted === key) draw(cache.get(key));
    } catch (error) {
      if (law === mine && !error.offline) wanted = "";
    }
  }

  function draw({ v, i, vd }) {
    const finite = i.filter(Number.isFinite);
    let low = Math.min(0, ...finite);
    let high = Math.max(0, ...finite);
    if (high - low < 1e-15) {
      low -= 1;
      high += 1;
    }
    const pad = 0.06 * (high - low);
    low -= pad;
    high += pad;
    const x = (value) => EDGE.left + ((value - v[0]) / (v[v.length - 1] - v[0])) * (WIDTH - EDGE.left - EDGE.right);
    const y = (value) => HEIGHT - EDGE.bottom - ((value - low) / (high - low)) * (HEIGHT - EDGE.top - EDGE.bottom);
    frame = { x, y, low, high, vLow: v[0], vHigh: v[v.length - 1] };
    line.setAttribute("d", v.map((value, k) => `${k === 0 ? "M" : "L"}${x(value).toFixed(1)} ${y(i[k]).toFixed(1)}`).join(""));
    drawGrid(v[0], v[v.length - 1], low, high);
    caption.textContent = law.difference ? "v_s − v_d (V)" : `v_s (V) at v_d = ${number(vd, 2)} V`;
    paintPoint();
  }

  function drawGrid(vLow, vHigh, low, high) {
    const { x, y } = frame;
    const bottom = HEIGHT - EDGE.bottom;
    put(
      grid,
      ticks(vLow, vHigh, 5).map((value) => [
        svg("path", { class: value === 0 ? "axis" : "rule", d: `M${x(value)} ${EDGE.top}V${bottom}` }),
        svg("text", { x: x(value), y: bottom + 11, "text-anchor": "middle", text: short(value) }),
      ]),
      ticks(low, high, 3).map((value) => [
        svg("path", { class: value === 0 ? "axis" : "rule", d: `M${EDGE.left} ${y(value)}H${WIDTH - EDGE.right}` }),
        svg("text", { x: EDGE.left - 5, y: y(value) + 3.5, "text-anchor": "end", text: currentTick(value, high - low) }),
      ]),
    );
  }

  /** @param {{vs: number, vd: number, i: number}|null} at  the present state of the device */
  function operate(at) {
    operating = at;
    if (law && !law.difference) ask(at);
    paintPoint();
  }

  function paintPoint() {
    const at = operating;
    const visible = frame && at && Number.isFinite(at.i) && Number.isFinite(at.vs) && Number.isFinite(at.vd);
    point.setAttribute("visibility", visible ? "visible" : "hidden");
    guide.setAttribute("visibility", visible ? "visible" : "hidden");
    if (!visible) return;
    const v = law.difference ? at.vs - at.vd : at.vs;
    const px = frame.x(Math.min(Math.max(v, frame.vLow), frame.vHigh));
    const py = frame.y(Math.min(Math.max(at.i, frame.low), frame.high));
    point.setAttribute("cx", px.toFixed(1));
    point.setAttribute("cy", py.toFixed(1));
    guide.setAttribute("d", `M${px.toFixed(1)} ${HEIGHT - EDGE.bottom}V${py.toFixed(1)}H${EDGE.left}`);
  }

  return { root, show, operate };
}

const short = (value) => String(Number(value.toPrecision(3))).replace("-", "−");

function currentTick(value, extent) {
  if (value === 0) return "0";
  const scale = extent < 2e-9 ? [1e-12, "p"] : extent < 2e-6 ? [1e-9, "n"] : extent < 2e-3 ? [1e-6, "µ"] : extent < 0.2 ? [1e-3, "m"] : extent > 5e3 ? [1e3, "k"] : [1, ""];
  return `${Number((value / scale[0]).toPrecision(3))} ${scale[1]}A`.replace("-", "−");
}
