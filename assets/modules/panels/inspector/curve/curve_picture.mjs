/** The drawing of a current over a voltage: axes, line, the operating point and its guides. */

import { put, svg } from "../../../lib/dom.mjs";

const WIDTH = 300;
const HEIGHT = 136;
const EDGE = { left: 44, right: 8, top: 8, bottom: 28 };
const INNER = { width: WIDTH - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
const BOTTOM = HEIGHT - EDGE.bottom;

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

export class CurvePicture {
  constructor() {
    this.grid = svg("g", { class: "curve-grid" });
    this.line = svg("path", { class: "curve-line", fill: "none" });
    this.point = svg("circle", { class: "curve-point", r: 5, visibility: "hidden" });
    this.guide = svg("path", { class: "curve-guide", fill: "none", visibility: "hidden" });
    this.caption = svg("text", { class: "curve-caption", x: EDGE.left + INNER.width / 2, y: HEIGHT - 4, "text-anchor": "middle" });
    this.root = svg("svg", { class: "curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "Current over voltage" },
      this.grid, this.guide, this.line, this.point, this.caption);
    this.extent = null; // {low, high, vLow, vHigh} as soon as there are axes
  }

  #x(value) {
    const { vLow, vHigh } = this.extent;
    return EDGE.left + ((value - vLow) / (vHigh - vLow)) * INNER.width;
  }

  #y(value) {
    const { low, high } = this.extent;
    return BOTTOM - ((value - low) / (high - low)) * INNER.height;
  }

  /** @param {{low: number, high: number, vLow: number, vHigh: number}} extent  of currents and voltages */
  drawAxes(extent) {
    this.extent = extent;
    const { low, high, vLow, vHigh } = extent;
    const kind = (value) => (value === 0 ? "axis" : "rule");
    put(
      this.grid,
      ticks(vLow, vHigh, 5).map((value) => [
        svg("path", { class: kind(value), d: `M${this.#x(value)} ${EDGE.top}V${BOTTOM}` }),
        svg("text", { x: this.#x(value), y: BOTTOM + 11, "text-anchor": "middle", text: short(value) }),
      ]),
      ticks(low, high, 3).map((value) => [
        svg("path", { class: kind(value), d: `M${EDGE.left} ${this.#y(value)}H${WIDTH - EDGE.right}` }),
        svg("text", { x: EDGE.left - 5, y: this.#y(value) + 3.5, "text-anchor": "end", text: currentTick(value, high - low) }),
      ]),
    );
  }

  /** @param {{v: number[], i: number[]}} curve */
  drawLine({ v, i }, caption) {
    this.line.setAttribute("d", v.map((value, k) => `${k === 0 ? "M" : "L"}${this.#x(value).toFixed(1)} ${this.#y(i[k]).toFixed(1)}`).join(""));
    this.caption.textContent = caption;
  }

  /** @param {{v: number, i: number}|null} at  the operating point; null hides it */
  drawPoint(at) {
    const visible = this.extent && at ? "visible" : "hidden";
    this.point.setAttribute("visibility", visible);
    this.guide.setAttribute("visibility", visible);
    if (visible === "hidden") return;
    const { low, high, vLow, vHigh } = this.extent;
    const x = this.#x(Math.min(Math.max(at.v, vLow), vHigh)).toFixed(1);
    const y = this.#y(Math.min(Math.max(at.i, low), high)).toFixed(1);
    this.point.setAttribute("cx", x);
    this.point.setAttribute("cy", y);
    this.guide.setAttribute("d", `M${x} ${BOTTOM}V${y}H${EDGE.left}`);
  }
}

const short = (value) => String(Number(value.toPrecision(3))).replace("-", "−");

function currentTick(value, extent) {
  if (value === 0) return "0";
  /** @type {[number, string]} */
  const [factor, prefix] = extent < 2e-9 ? [1e-12, "p"] : extent < 2e-6 ? [1e-9, "n"] : extent < 2e-3 ? [1e-6, "µ"] : extent < 0.2 ? [1e-3, "m"] : extent > 5e3 ? [1e3, "k"] : [1, ""];
  return `${Number((value / factor).toPrecision(3))} ${prefix}A`.replace("-", "−");
}
