/** The current-voltage curve of one device, with the operating point that moves in playback. */

import { put, svg } from "../../lib/dom.mjs";
import { quantity } from "../../lib/numbers.mjs";

const WIDTH = 300;
const HEIGHT = 132;
const EDGE = { left: 44, right: 8, top: 8, bottom: 24 };
const POINTS = 121;
/** Laws that look at both ends have a curve for every target voltage: these many are asked for, between them it is linear. */
const LEVELS = 13;

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

  let law = null; // {kind, params, difference, range, vd: [low, high], source, target, key}
  let curves = new Map(); // level number -> {v, i}
  let asking = false;
  let frame = null; // {x: fn, y: fn, low, high, vLow, vHigh, key}
  let operating = null;

  /** Show another device or other parameters. */
  function show(next) {
    const key = JSON.stringify([next.kind, next.params, next.range, next.vd]);
    if (law && key === law.key) return;
    law = { ...next, key };
    curves = new Map();
    ask();
  }

  const levels = () => (law.difference || law.vd[0] === law.vd[1] ? 1 : LEVELS);
  const voltageOf = (level) => (law.difference ? 0 : levels() === 1 ? law.vd[0] : law.vd[0] + (level * (law.vd[1] - law.vd[0])) / (LEVELS - 1));

  /** Place of the present target voltage among the levels, 0 to LEVELS - 1. */
  function place() {
    if (levels() === 1) return 0;
    const vd = operating && Number.isFinite(operating.vd) ? operating.vd : law.vd[0];
    return Math.min(Math.max(((vd - law.vd[0]) / (law.vd[1] - law.vd[0])) * (LEVELS - 1), 0), LEVELS - 1);
  }

  /** Fetch the missing curves one after the other, nearest to the present voltage first. */
  async function ask() {
    if (asking) return;
    asking = true;
    while (law && curves.size < levels()) {
      const mine = law;
      const here = place();
      const missing = Array.from({ length: levels() }, (_, k) => k).filter((k) => !curves.has(k));
      const level = missing.reduce((best, k) => (Math.abs(k - here) < Math.abs(best - here) ? k : best));
      const [low, high] = mine.range;
      try {
        const vd = voltageOf(level); // the interface counts voltages from the target on
        const { v, i } = await api.curve({ kind: mine.kind, params: mine.params, low: low - vd, high: high - vd, points: POINTS, v_d: vd });
        if (law !== mine) continue;
        curves.set(level, { v: v.map((value) => value + vd), i });
        draw();
      } catch {
        if (law === mine) break; // the last curve stays; the next change asks again
      }
    }
    asking = false;
  }

  /** The curve at the present target voltage, linear between the two nearest levels that are known. */
  function current() {
    const here = place();
    const known = [...curves.keys()];
    const below = Math.max(...known.filter((k) => k <= here));
    const above = Math.min(...known.filter((k) => k >= here));
    if (!Number.isFinite(below)) return curves.get(above);
    if (!Number.isFinite(above) || above === below) return curves.get(below);
    const a = curves.get(below);
    const b = curves.get(above);
    const share = (here - below) / (above - below);
    return { v: a.v, i: a.i.map((value, k) => value + (b.i[k] - value) * share) };
  }

  /** One frame for all levels, so that the axes stand still in playback. */
  function measure() {
    const all = [...curves.values()];
    const values = all.flatMap(({ i }) => i).filter(Number.isFinite);
    let low = Math.min(0, ...values);
    let high = Math.max(0, ...values);
    if (high - low < 1e-15) {
      low -= 1;
      high += 1;
    }
    const pad = 0.06 * (high - low);
    low -= pad;
    high += pad;
    const { v } = all[0];
    const [vLow, vHigh] = [v[0], v[v.length - 1]];
    frame = {
      x: (value) => EDGE.left + ((value - vLow) / (vHigh - vLow)) * (WIDTH - EDGE.left - EDGE.right),
      y: (value) => HEIGHT - EDGE.bottom - ((value - low) / (high - low)) * (HEIGHT - EDGE.top - EDGE.bottom),
      low, high, vLow, vHigh,
    };
    drawGrid(vLow, vHigh, low, high);
  }

  function draw() {
    measure();
    drawLine();
    paintPoint();
  }

  function drawLine() {
    const { v, i } = current();
    const { x, y } = frame;
    line.setAttribute("d", v.map((value, k) => `${k === 0 ? "M" : "L"}${x(value).toFixed(1)} ${y(i[k]).toFixed(1)}`).join(""));
    const { source, target } = law;
    caption.textContent = law.difference
      ? `voltage from ${source} to ${target} (V)`
      : `voltage at ${source} (V)${target === "gnd" ? "" : ` while ${target} is at ${quantity(operating?.vd ?? law.vd[0], "V", 2)}`}`;
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
    if (law && !law.difference && curves.size > 0) drawLine();
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
  /** @type {[number, string]} */
  const [factor, prefix] = extent < 2e-9 ? [1e-12, "p"] : extent < 2e-6 ? [1e-9, "n"] : extent < 2e-3 ? [1e-6, "µ"] : extent < 0.2 ? [1e-3, "m"] : extent > 5e3 ? [1e3, "k"] : [1, ""];
  return `${Number((value / factor).toPrecision(3))} ${prefix}A`.replace("-", "−");
}
