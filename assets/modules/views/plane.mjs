/** The card beside a circuit of two nodes: a cloud of starts moving through the plane of their voltages. */

import { boardCard, reveal } from "./card.mjs";
import { el, setText } from "../lib/dom.mjs";
import { quantity } from "../lib/numbers.mjs";
import { PlanePainter } from "./plane_paint.mjs";
import { isPlane } from "./plane_picture.mjs";

const SHARE = 0.46; // of the board's width
const LARGEST = 620;
const AROUND = 164; // pixels of the card and the board around the picture
const PARTS = [["points", "Points"], ["density", "Density"], ["arrows", "Arrows"]];

/** Side of the square on a board of some size. */
const sideOn = (width, height) => Math.round(Math.max(160, Math.min(SHARE * width, height - AROUND, LARGEST)));

/** The card's elements: the card itself, its canvas, a button for each part, and the places of its words. */
function planeCard(onToggle) {
  const canvas = el("canvas", { class: "plane-picture", role: "img", "aria-label": "Voltages of both nodes: a cloud of starts moving with time" });
  const buttons = new Map(PARTS.map(([name, text]) => [name, el("button", { type: "button", class: "segment", text, "aria-pressed": "true", on: { click: () => onToggle(name) } })]));
  const [across, up] = [el("span", { class: "plane-name" }), el("span", { class: "plane-name" })];
  const [left, right, top, bottom] = ["", "", "", ""].map(() => el("span", {}));
  const note = el("p", { class: "muted small plane-note" });
  const card = boardCard("plane", "Flow in the plane",
    el("div", { class: "legend-head" }, el("span", { class: "legend-title", text: "Flow in the plane" }),
      el("div", { class: "segments small", role: "group", "aria-label": "What is shown" }, [...buttons.values()])),
    el("div", { class: "plane-frame" },
      el("div", { class: "plane-up" }, top, up, bottom), canvas,
      el("div", { class: "plane-across" }, left, across, right)),
    note);
  return { card, canvas, buttons, across, up, left, right, top, bottom, note };
}

/** Writes the ends of both axes and what the picture is made of. */
function describe({ left, right, top, bottom, note }, { header, arrays }, run) {
  const { low, high, note: words } = header;
  setText(left, quantity(low[0], "V", 2));
  setText(right, quantity(high[0], "V", 2));
  setText(bottom, quantity(low[1], "V", 2));
  setText(top, quantity(high[1], "V", 2));
  const whose = run ? "The trained circuit: " : ""; // a replay has no picture of every epoch
  setText(note, `${whose}${words || `${arrays.cloud.shape[1].toLocaleString("en")} starts from N(0, 1), and their density.`}`);
}

/** @param {{container: HTMLElement, store, theme: function, onShown: (card: HTMLElement) => void}} parts */
export function createPlane({ container, store, theme, onShown }) {
  const parts = planeCard(toggle);
  const { card, canvas, buttons } = parts;
  const context = canvas.getContext("2d");
  container.append(card);
  const shown = { points: true, density: true, arrows: true };
  let painter = null;
  let known = { plane: null, theme: null };
  let painted = ""; // what is on the canvas
  let side = 0;
  let last = {}; // options of the last frame

  function toggle(name) {
    shown[name] = !shown[name];
    buttons.get(name).setAttribute("aria-pressed", String(shown[name]));
    painted = "";
    update(null, null, last);
  }

  /** Called after each painted frame. */
  function update(_scene, _frame, options) {
    last = options;
    const { doc, plane, mode, time } = store.get();
    if (!reveal(card, isPlane(doc) && Boolean(plane) && mode !== "build", onShown)) return;
    prepare(plane, doc);
    resize(options);
    const key = `${time}/${side}/${theme().name}/${JSON.stringify(shown)}`;
    if (key === painted) return;
    painted = key;
    painter.paint(context, { time, side, shown, colours: theme() });
  }

  function prepare(plane, doc) {
    setText(parts.across, doc.nameOf(doc.nodes[0].id));
    setText(parts.up, doc.nameOf(doc.nodes[1].id));
    if (known.plane === plane && known.theme === theme().name) return;
    painted = "";
    known = { plane, theme: theme().name };
    painter = new PlanePainter(plane, theme());
    describe(parts, plane, store.get().run);
    buttons.get("density").disabled = !plane.arrays.density;
  }

  function resize({ width = 0, height = 0 }) {
    const next = sideOn(width, height);
    if (next === side || width === 0) return;
    side = next;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    canvas.width = canvas.height = Math.round(side * ratio);
    canvas.style.width = canvas.style.height = `${side}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    painted = "";
  }

  return { update };
}
