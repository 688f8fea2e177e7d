/** The glass over the scope's curves: the cursor of time, the tip at the pointer, dragging and zooming. */

import { el, put } from "../lib/dom.mjs";
import { clockTime, quantity } from "../lib/numbers.mjs";
import { valueOf } from "./scope_legend.mjs";

const MOST_ROWS = 5;

function tipRow(id, value, colour, unit) {
  return el("div", { class: "tip-row" },
    colour ? el("span", { class: "scope-swatch", style: { background: colour } }) : null,
    el("span", { text: id }), el("b", { text: quantity(value, unit) }));
}

/** The curves nearest to a value, the nearest first. */
function lineRows(shown, at, time) {
  return shown.choice.ids
    .map((id) => ({ id, value: valueOf(shown, id, time) }))
    .filter(({ value }) => Number.isFinite(value))
    .sort((a, b) => Math.abs(a.value - at) - Math.abs(b.value - at))
    .slice(0, MOST_ROWS)
    .map(({ id, value }) => tipRow(id, value, shown.colours.get(id), shown.axis.unit));
}

function heatRow(shown, row, time) {
  const id = shown.heat.ids[row];
  return id === undefined ? [] : [tipRow(id, valueOf(shown, id, time), null, shown.axis.unit)];
}

const within = (axis, pixel) => pixel >= axis._offset && pixel <= axis._offset + axis._length;

/**
 * @param {object} parts
 * @param {any} parts.plot  plotly's element; its axes turn pixels into seconds and volts
 * @param {object} parts.store
 * @param {object} parts.playback
 * @param {() => any} parts.shown  {sim, lane, choice, axis, colours, heat} or null
 * @param {(id: string) => void} parts.select
 * @param {(centre: number, factor: number) => void} parts.zoom
 * @param {() => void} parts.unzoom
 */
export function createGlass({ plot, store, playback, shown, select, zoom, unzoom }) {
  const cursor = el("div", { class: "scope-cursor", hidden: true });
  const hair = el("div", { class: "scope-hair", hidden: true });
  const tip = el("div", { class: "scope-tip", hidden: true });
  const root = el("div", { class: "scope-glass", "aria-hidden": "true" }, hair, cursor, tip);
  const axes = () => plot._fullLayout ?? null;

  function placeCursor() {
    const layout = axes();
    if (!shown() || !layout?.xaxis?.l2p) {
      cursor.hidden = true;
      return;
    }
    const x = layout.xaxis.l2p(store.get().time);
    const visible = x >= -1 && x <= layout.xaxis._length + 1;
    cursor.hidden = !visible;
    if (visible) cursor.style.transform = `translateX(${layout.xaxis._offset + x}px)`;
    cursor.style.top = `${layout.yaxis._offset}px`;
    cursor.style.height = `${layout.yaxis._length}px`;
  }

  function timeAt(event) {
    const { xaxis } = axes();
    const x = event.clientX - root.getBoundingClientRect().left - xaxis._offset;
    return xaxis.p2l(Math.min(Math.max(x, 0), xaxis._length));
  }

  const rowAt = (y) => Math.round(axes().yaxis.p2l(y - axes().yaxis._offset));

  function hover(event) {
    const layout = axes();
    const now = shown();
    if (!now || !layout?.xaxis?.p2l) return;
    const box = root.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const { xaxis, yaxis } = layout;
    const inside = within(xaxis, x) && within(yaxis, y);
    hair.hidden = tip.hidden = !inside;
    if (!inside) return;
    const time = timeAt(event);
    hair.style.transform = `translateX(${x}px)`;
    hair.style.top = `${yaxis._offset}px`;
    hair.style.height = `${yaxis._length}px`;
    const head = el("div", { class: "tip-head", text: `t = ${clockTime(time, now.sim.duration)}` });
    put(tip, head, now.heat ? heatRow(now, rowAt(y), time) : lineRows(now, yaxis.p2l(y - yaxis._offset), time));
    const left = x + 14 + tip.offsetWidth > box.width ? x - 14 - tip.offsetWidth : x + 14;
    tip.style.transform = `translate(${left}px, ${Math.min(Math.max(y - 20, 0), Math.max(box.height - tip.offsetHeight, 0))}px)`;
  }

  const pickRow = (event) => {
    const id = shown().heat?.ids[rowAt(event.clientY - root.getBoundingClientRect().top)];
    if (id !== undefined) select(id);
  };
  const ready = () => Boolean(axes() && shown());
  attachScrubbing({ root, ready, timeAt, hover, playback, hide: () => { hair.hidden = tip.hidden = true; } });
  attachChoosing({ root, ready, timeAt, pickRow, zoom, unzoom });
  return { root, placeCursor, hideCursor: () => { cursor.hidden = true; } };
}

/** A click on a row of the heat map selects it; the wheel zooms, a double click shows all again. */
function attachChoosing({ root, ready, timeAt, pickRow, zoom, unzoom }) {
  root.addEventListener("click", (event) => { if (ready()) pickRow(event); });
  root.addEventListener("wheel", (event) => {
    if (!ready()) return;
    event.preventDefault();
    zoom(timeAt(event), event.deltaY > 0 ? 1.25 : 0.8);
  }, { passive: false });
  root.addEventListener("dblclick", unzoom);
}

/** A press sets the time, a drag scrubs. */
function attachScrubbing({ root, ready, timeAt, hover, hide, playback }) {
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
  root.addEventListener("pointerleave", hide);
}
