/** Two cursors on the scope that are dragged or moved by keys, and the table of what they read. */

import { el, put } from "../../lib/dom.mjs";
import { clockTime } from "../../lib/numbers.mjs";
import { amount } from "./legend_values.mjs";
import { readingsOf, slopeUnit } from "./readings.mjs";

const NAMES = ["A", "B"];
const FIRST_AT = [0.25, 0.75]; // of the part of the time axis on show
const [STEP, FAR_STEP] = [1 / 200, 1 / 20]; // of that part, by arrow key

/**
 * @param {object} parts
 * @param {() => any} parts.frame  where the plot lies, see chart.mjs
 * @param {() => any} parts.shown  what is on show
 * @param {() => [number, number]} parts.range  of the time axis
 */
export function createCursors({ frame, shown, range }) {
  const lines = NAMES.map((name, k) => el("div", {
    class: "scope-mark", role: "slider", tabindex: 0, "aria-label": `Cursor ${name}`, "aria-orientation": "horizontal", dataset: { name }, on: { keydown: (event) => press(event, k) },
  }));
  const root = el("div", { class: "scope-marks", hidden: true }, lines);
  const table = el("div", { class: "scope-readings", hidden: true });
  /** @type {[number, number]|null} */
  let times = null;
  let on = false;

  function set(k, time) {
    const { duration } = shown().sim;
    times = /** @type {[number, number]} */ (times?.map((old, j) => (j === k ? Math.min(Math.max(time, 0), duration) : old)));
    place();
  }

  function press(event, k) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || !times) return;
    const [from, to] = range();
    set(k, times[k] + by * (to - from) * (event.shiftKey ? FAR_STEP : STEP));
    event.preventDefault();
    event.stopPropagation();
  }

  /** Lines and table where the curves are now. */
  function place() {
    const [now, plot] = [shown(), frame()];
    root.hidden = table.hidden = !on || !now || !plot;
    if (root.hidden) return;
    const [from, to] = range();
    times ??= /** @type {[number, number]} */ (FIRST_AT.map((share) => from + share * (to - from)));
    const inside = /** @type {[number, number]} */ (times.map((time) => Math.min(time, now.sim.duration)));
    lines.forEach((line, k) => placeLine(line, plot, inside[k], now.sim.duration));
    paintReadings(table, now, inside);
  }

  attachDragging(lines, { frame, set });
  return {
    root, table, place,
    isOn: () => on,
    toggle() {
      on = !on;
      times = null;
      place();
    },
    /** Another simulation of another duration: the old times mean nothing. */
    forget: () => { times = null; },
  };
}

function placeLine(line, plot, time, duration) {
  const x = plot.xOf(time);
  line.hidden = !(x >= plot.left - 1 && x <= plot.left + plot.width + 1);
  line.style.transform = `translateX(${x}px)`;
  line.style.top = `${plot.top}px`;
  line.style.height = `${plot.height}px`;
  for (const [name, value] of [["min", 0], ["max", duration], ["now", time]]) line.setAttribute(`aria-value${name}`, String(value));
  line.setAttribute("aria-valuetext", clockTime(time, duration));
}

function attachDragging(lines, { frame, set }) {
  lines.forEach((line, k) => {
    line.addEventListener("pointerdown", (event) => {
      line.setPointerCapture(event.pointerId);
      line.focus({ preventScroll: true });
      event.preventDefault();
    });
    line.addEventListener("pointermove", (event) => {
      const plot = frame();
      if (!line.hasPointerCapture(event.pointerId) || !plot) return;
      const left = line.parentElement.getBoundingClientRect().left;
      set(k, plot.timeAt(Math.min(Math.max(event.clientX - left, plot.left), plot.left + plot.width)));
    });
  });
}

function paintReadings(table, shown, times) {
  const { unit } = shown.axis;
  const { dt, rate, rows } = readingsOf(shown, times);
  const value = (number, of = unit) => (Number.isFinite(number) ? amount(number, of) : "–");
  const [a, b] = times.map((time) => clockTime(time, shown.sim.duration));
  put(table,
    el("p", { class: "scope-times" }, el("span", { text: `A ${a}` }), el("span", { text: `B ${b}` }), el("b", { text: `Δt ${value(dt, "s")}` }), el("span", { text: `1/Δt ${value(rate, "Hz")}` })),
    el("table", {},
      el("thead", {}, el("tr", {}, ["", "A", "B", "Δ", "Slope"].map((text) => el("th", { scope: "col", text })))),
      el("tbody", {}, rows.map((row) => el("tr", {},
        el("th", { scope: "row", title: row.id }, el("span", { class: "scope-swatch", style: { background: shown.colours.get(row.id) } }), el("span", { class: "scope-id", text: shown.nameOf(row.id) })),
        [value(row.a), value(row.b), value(row.delta), value(row.slope, slopeUnit(unit))].map((text) => el("td", { text })))))));
}
