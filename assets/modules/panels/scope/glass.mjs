/** The glass over the scope's curves: the cursor of time, the tip at the pointer, dragging, zooming and choosing. */

import { el, put } from "../../lib/dom.mjs";
import { clockTime } from "../../lib/numbers.mjs";
import { amount, valueOf } from "./legend_values.mjs";
import { curveAt } from "./nearest.mjs";

const MOST_ROWS = 5;
const STILL = 3; // pixels; what moves farther is a drag

function tipRow(name, value, colour, unit) {
  return el("div", { class: "tip-row" },
    colour ? el("span", { class: "scope-swatch", style: { background: colour } }) : null,
    el("span", { text: name }), el("b", { text: amount(value, unit) }));
}

/** The curves nearest to a value, the nearest first. */
function lineRows(shown, at, time) {
  return shown.choice.ids
    .map((id) => ({ id, value: valueOf(shown, id, time) }))
    .filter(({ value }) => Number.isFinite(value))
    .sort((a, b) => Math.abs(a.value - at) - Math.abs(b.value - at))
    .slice(0, MOST_ROWS)
    .map(({ id, value }) => tipRow(shown.nameOf(id), value, shown.colours.get(id), shown.axis.unit));
}

function heatRow(shown, id, time) {
  return id === undefined ? [] : [tipRow(shown.nameOf(id), valueOf(shown, id, time), null, shown.axis.unit)];
}

const within = (frame, { x, y }) =>
  x >= frame.left && x <= frame.left + frame.width && y >= frame.top && y <= frame.top + frame.height;

/** What a point of the glass means. */
function createSight({ root, frame, shown }) {
  const pointOf = (event) => {
    const box = root.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  return {
    pointOf,
    ready: () => Boolean(shown() && frame()),
    timeAt(event) {
      const plot = frame();
      return plot.timeAt(Math.min(Math.max(pointOf(event).x, plot.left), plot.left + plot.width));
    },
    /** The node or device whose row or curve is there. */
    idAt(event) {
      const [now, plot, point] = [shown(), frame(), pointOf(event)];
      if (!within(plot, point)) return undefined;
      if (now.heat) return now.heat.ids[Math.round(plot.valueAt(point.y))];
      return curveAt(now.choice.ids, (id, time) => valueOf(now, id, time), plot, point);
    },
  };
}

/** Puts an upright line of the plot's height at x. */
function stand(line, { top, height }, x) {
  line.style.transform = `translateX(${x}px)`;
  line.style.top = `${top}px`;
  line.style.height = `${height}px`;
}

/** Beside the pointer, on the side where there is room. */
function placeTip(tip, { clientWidth, clientHeight }, { x, y }) {
  const left = x + 14 + tip.offsetWidth > clientWidth ? x - 14 - tip.offsetWidth : x + 14;
  tip.style.transform = `translate(${left}px, ${Math.min(Math.max(y - 20, 0), Math.max(clientHeight - tip.offsetHeight, 0))}px)`;
}

/**
 * @param {object} parts
 * @param {() => any} parts.frame  where the plot lies and what its pixels mean, see chart.mjs; null when nothing is drawn
 * @param {object} parts.store
 * @param {object} parts.playback
 * @param {() => any} parts.shown  {sim, lane, choice, axis, colours, heat} or null
 * @param {(id: string) => void} parts.select
 * @param {(centre: number, factor: number) => void} parts.zoom
 * @param {() => void} parts.unzoom
 */
export function createGlass({ frame, store, playback, shown, select, zoom, unzoom }) {
  const cursor = el("div", { class: "scope-cursor", hidden: true });
  const hair = el("div", { class: "scope-hair", hidden: true });
  const tip = el("div", { class: "scope-tip", hidden: true });
  const root = el("div", { class: "scope-glass", "aria-hidden": "true" }, hair, cursor, tip);
  const { ready, pointOf, timeAt, idAt } = createSight({ root, frame, shown });

  function placeCursor() {
    const plot = shown() ? frame() : null;
    const x = plot?.xOf(store.get().time);
    cursor.hidden = !plot || !(x >= plot.left - 1 && x <= plot.left + plot.width + 1);
    if (!cursor.hidden) stand(cursor, plot, x);
  }

  function leave() {
    hair.hidden = tip.hidden = true;
    delete root.dataset.over;
  }

  function hover(event) {
    if (!ready()) return;
    const [now, plot, point] = [shown(), frame(), pointOf(event)];
    if (!within(plot, point)) {
      leave();
      return;
    }
    const [time, id] = [timeAt(event), idAt(event)];
    hair.hidden = tip.hidden = false;
    root.dataset.over = String(id !== undefined);
    stand(hair, plot, point.x);
    const head = el("div", { class: "tip-head", text: `t = ${clockTime(time, now.sim.duration)}` });
    put(tip, head, now.heat ? heatRow(now, id, time) : lineRows(now, plot.valueAt(point.y), time));
    placeTip(tip, root, point);
  }

  const pick = (event) => {
    const id = idAt(event);
    if (id !== undefined) select(id);
  };
  attachScrubbing({ root, ready, timeAt, hover, playback, leave });
  attachChoosing({ root, ready, timeAt, pick, zoom, unzoom });
  return { root, placeCursor, hideCursor: () => { cursor.hidden = true; } };
}

/** A click on a curve or a row of the heat map selects it; the wheel zooms, a double click shows all again. */
function attachChoosing({ root, ready, timeAt, pick, zoom, unzoom }) {
  let pressed = { clientX: 0, clientY: 0 };
  root.addEventListener("pointerdown", (event) => { pressed = event; });
  root.addEventListener("click", (event) => {
    const moved = Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY);
    if (ready() && moved <= STILL) pick(event);
  });
  root.addEventListener("wheel", (event) => {
    if (!ready()) return;
    event.preventDefault();
    zoom(timeAt(event), event.deltaY > 0 ? 1.25 : 0.8);
  }, { passive: false });
  root.addEventListener("dblclick", unzoom);
}

/** A press sets the time, a drag scrubs. */
function attachScrubbing({ root, ready, timeAt, hover, leave, playback }) {
  let dragging = false;
  root.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !ready()) return;
    dragging = true;
    root.setPointerCapture(event.pointerId);
    playback.pause();
    playback.seek(timeAt(event));
    event.preventDefault();
  });
  root.addEventListener("pointermove", (event) => {
    if (dragging && ready()) playback.seek(timeAt(event));
    hover(event);
  });
  for (const type of ["pointerup", "pointercancel"]) root.addEventListener(type, () => { dragging = false; });
  root.addEventListener("pointerleave", leave);
}
