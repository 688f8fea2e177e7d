/** The card beside a circuit of two nodes: a cloud of starts moving through the plane of their voltages. */

import { el, setText } from "../lib/dom.mjs";
import { quantity } from "../lib/numbers.mjs";
import { arrowsOf, densityWords, fieldAt, fillDensity, fullDensity, isPlane, sampleAt, toPixels } from "./plane_picture.mjs";

const SHARE = 0.46; // of the board's width
const LARGEST = 620;
const AROUND = 164; // pixels of the card and the board around the picture
const PARTS = [["points", "Points"], ["density", "Density"], ["arrows", "Arrows"]];

/** @param {{container: HTMLElement, store, theme: function, onShown: (card: HTMLElement) => void}} parts */
export function createPlane({ container, store, theme, onShown }) {
  const canvas = el("canvas", { class: "plane-picture", role: "img", "aria-label": "Voltages of both nodes: a cloud of starts moving with time" });
  const context = canvas.getContext("2d");
  const buttons = new Map(PARTS.map(([name, text]) => [name, el("button", { type: "button", class: "segment", text, "aria-pressed": "true", on: { click: () => toggle(name) } })]));
  const across = el("span", { class: "plane-name" });
  const up = el("span", { class: "plane-name" });
  const [left, right, top, bottom] = ["", "", "", ""].map(() => el("span", {}));
  const note = el("p", { class: "muted small plane-note" });
  const card = el("section", { class: "board-card plane", hidden: true, "aria-label": "Flow in the plane" },
    el("div", { class: "legend-head" }, el("span", { class: "legend-title", text: "Flow in the plane" }),
      el("div", { class: "segments small", role: "group", "aria-label": "What is shown" }, [...buttons.values()])),
    el("div", { class: "plane-frame" },
      el("div", { class: "plane-up" }, top, up, bottom), canvas,
      el("div", { class: "plane-across" }, left, across, right)),
    note);
  container.append(card);
  for (const type of ["pointerdown", "dblclick", "wheel"]) card.addEventListener(type, (event) => event.stopPropagation());

  const shown = { points: true, density: true, arrows: true };
  const buffers = {};
  let prepared = { plane: null, theme: null };
  let painted = "";
  let side = 0;

  function toggle(name) {
    shown[name] = !shown[name];
    buttons.get(name).setAttribute("aria-pressed", String(shown[name]));
    painted = "";
    update(null, null, last);
  }

  let last = {};
  /** Called after each painted frame. */
  function update(_scene, _frame, options) {
    last = options;
    const { doc, plane, mode, time } = store.get();
    const wanted = isPlane(doc) && Boolean(plane) && mode !== "build";
    const appears = wanted && card.hidden;
    if (card.hidden === wanted) card.hidden = !wanted;
    if (!wanted) return;
    if (appears) requestAnimationFrame(() => onShown(card));
    prepare(plane, doc);
    resize(options);
    const key = `${time}/${side}/${theme().name}/${JSON.stringify(shown)}`;
    if (key === painted && prepared.plane === plane) return;
    painted = key;
    paint(plane, time);
  }

  function prepare(plane, doc) {
    setText(across, doc.nodes[0].label || doc.nodes[0].id);
    setText(up, doc.nodes[1].label || doc.nodes[1].id);
    if (prepared.plane === plane && prepared.theme === theme().name) return;
    painted = "";
    prepared = { plane, theme: theme().name };
    const { low, high, note: words } = plane.header;
    setText(left, quantity(low[0], "V", 2));
    setText(right, quantity(high[0], "V", 2));
    setText(bottom, quantity(low[1], "V", 2));
    setText(top, quantity(high[1], "V", 2));
    const density = plane.arrays.density;
    const whose = store.get().run ? "The trained circuit: " : ""; // a replay has no picture of every epoch
    setText(note, `${whose}${words || `${plane.arrays.cloud.shape[1].toLocaleString("en")} starts from N(0, 1), and their density.`}`);
    buttons.get("density").disabled = !density;
    if (!density) return;
    const [, rows, columns] = density.shape;
    const layer = document.createElement("canvas");
    [layer.width, layer.height] = [columns, rows];
    const layerContext = layer.getContext("2d");
    const image = layerContext.createImageData(columns, rows);
    Object.assign(buffers, { layer, layerContext, image, pixels: new Uint32Array(image.data.buffer), full: fullDensity(density), words: densityWords(theme()) });
  }

  function resize({ width = 0, height = 0 }) {
    const next = Math.round(Math.max(160, Math.min(SHARE * width, height - AROUND, LARGEST)));
    if (next === side || width === 0) return;
    side = next;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    canvas.width = canvas.height = Math.round(side * ratio);
    canvas.style.width = canvas.style.height = `${side}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    painted = "";
  }

  function paint(plane, time) {
    const { low, high } = plane.header;
    const { t, cloud, picture_t: pictureTimes, density, field, field_t: starts, field_points: points } = plane.arrays;
    const colours = theme();
    context.fillStyle = colours.board;
    context.fillRect(0, 0, side, side);
    if (shown.density && density) {
      const [, rows, columns] = density.shape;
      buffers.density = sampleAt(density, pictureTimes.data, time, buffers.density);
      fillDensity(buffers.pixels, buffers.density, rows, columns, buffers.full, buffers.words);
      buffers.layerContext.putImageData(buffers.image, 0, 0);
      context.imageSmoothingEnabled = true;
      context.drawImage(buffers.layer, 0, 0, side, side);
    }
    if (shown.arrows) {
      paintArrows(arrowsOf(points.data, fieldAt(field, starts.data, time), low, high, side), colours);
    }
    if (shown.points) {
      buffers.cloud = sampleAt(cloud, t.data, time, buffers.cloud);
      paintPoints(buffers.cloud, low, high, colours);
    }
  }

  function paintPoints(cloud, low, high, colours) {
    context.fillStyle = colours.current;
    context.globalAlpha = 0.85;
    const size = side > 400 ? 2.4 : 2;
    for (let k = 0; k < cloud.length; k += 2) {
      const [x, y] = toPixels([cloud[k], cloud[k + 1]], low, high, side);
      context.fillRect(x - size / 2, y - size / 2, size, size);
    }
    context.globalAlpha = 1;
  }

  function paintArrows(arrows, colours) {
    context.strokeStyle = colours.muted;
    context.globalAlpha = 0.75;
    context.lineWidth = 1.2;
    context.beginPath();
    for (const [x0, y0, x1, y1] of arrows) {
      const angle = Math.atan2(y1 - y0, x1 - x0);
      const head = Math.min(5, 0.4 * Math.hypot(x1 - x0, y1 - y0));
      context.moveTo(x0, y0);
      context.lineTo(x1, y1);
      for (const turn of [2.6, -2.6]) {
        context.moveTo(x1, y1);
        context.lineTo(x1 + head * Math.cos(angle + turn), y1 + head * Math.sin(angle + turn));
      }
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  return { update };
}
