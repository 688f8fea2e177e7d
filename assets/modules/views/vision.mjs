/** The card beside a circuit that looks at pictures: the image as voltages, and the answers as racing bars. */

import { answerNames } from "./blocks.mjs";
import { RAMP_HALF, rampOf } from "../paint/colours.mjs";
import { el, iconButton, put, setText } from "../lib/dom.mjs";
import { quantity } from "../lib/numbers.mjs";
import { createPad } from "./pad.mjs";
import { bars, fillPicture, gridOf, inputPicture, rampWords } from "./pictures.mjs";

const MOST_ANSWERS = 20;

/** What there is to show of a circuit: {picture, outputs, names, drawn}, or null. Pure. */
export function visionOf(scene, network) {
  const outputs = network ? network.outputs : [];
  if (!network) for (let n = 0; n < scene.N; n++) if (scene.role[n] === 2) outputs.push(n);
  const picture = network ? gridOf(scene, network.inputs) : inputPicture(scene);
  if (!picture || outputs.length < 2 || outputs.length > MOST_ANSWERS) return null;
  const drawn = Boolean(network?.id) && picture.rows === picture.columns && picture.rows >= 8;
  return { picture, outputs, names: answerNames(scene, outputs, network?.classes), drawn };
}

/** Largest magnitude of some nodes over all times, and whether any of them is ever below zero. Pure. */
export function reachOf(sim, ids) {
  let range = 0;
  let least = 0;
  for (const id of ids) {
    for (const value of sim.nodeSeries(id)) {
      if (Math.abs(value) > range && Math.abs(value) < Infinity) range = Math.abs(value);
      if (value < least) least = value;
    }
  }
  return { range, signed: least < -0.02 * range };
}

/** @param {{container: HTMLElement, store, theme: function, onShown: (card: HTMLElement) => void}} parts */
export function createVision({ container, store, theme, onShown }) {
  const title = el("span", { class: "legend-title" });
  const clear = iconButton("bin", "Clear the pad", { class: "small", on: { click: () => pad.clear() } });
  const pad = createPad({ theme, onImage: (image) => store.set({ drawn: image }) });
  const picture = el("canvas", { class: "vision-picture", role: "img", "aria-label": "Voltages of the input nodes" });
  const context = picture.getContext("2d");
  const low = el("span", {});
  const high = el("span", {});
  const scale = el("div", { class: "legend-scale", "aria-hidden": "true" });
  const note = el("p", { class: "muted small vision-note", text: "Draw, or press 0 to 9." });
  const list = el("ol", { class: "vision-bars", "aria-label": "Output voltages" });
  const card = el("section", { class: "board-card vision", hidden: true, "aria-label": "Picture and answers" },
    el("div", { class: "legend-head" }, title, clear), pad.element, picture,
    el("div", { class: "vision-scale" }, low, scale, high), note, list);
  container.append(card);
  for (const type of ["pointerdown", "dblclick", "wheel"]) card.addEventListener(type, (event) => event.stopPropagation());

  let known = { scene: null, network: null, vision: null };
  let reach = { sim: null, range: 0, signed: false };
  let rows = [];
  let buffer = null;
  let words = { ramp: null, list: null };
  let shownKey = "";

  function prepare(scene) {
    const { network } = store.get();
    if (known.scene === scene && known.network === network) return;
    const before = known.vision;
    known = { scene, network, vision: visionOf(scene, network) };
    const { vision } = known;
    reach = { sim: null, range: 0, signed: false };
    if (!vision) return;
    [picture.width, picture.height] = [vision.picture.columns, vision.picture.rows];
    const image = context.createImageData(picture.width, picture.height);
    buffer = { image, pixels: new Uint32Array(image.data.buffer) };
    pad.setSide(vision.picture.rows);
    if (vision.drawn) greet(scene, vision.picture.cells);
    if (before && JSON.stringify(before.names) === JSON.stringify(vision.names) && rows.length > 0) return;
    rows = vision.names.map((name) => {
      const bar = el("span", { class: "vision-bar" });
      const value = el("span", { class: "vision-value" });
      return { bar, value, row: el("li", {}, el("span", { class: "vision-name", text: name, title: name }), el("span", { class: "vision-track" }, bar), value) };
    });
    put(list, rows.map(({ row }) => row));
  }

  /** A network opens with the picture in its file; where that is blank it gets an example. */
  function greet(scene, cells) {
    const start = Float32Array.from(cells, (n) => scene.voltage[n]);
    if (start.some((value) => value !== 0)) pad.show(start);
    else pad.example(3);
  }

  /** Called after each painted frame. */
  function update(scene, frame, { lane, range }) {
    prepare(scene);
    const { vision } = known;
    const { mode, network, sim } = store.get();
    const wanted = Boolean(vision) && (Boolean(network) || mode !== "build") && lane !== "adjoint";
    const appears = wanted && card.hidden;
    if (card.hidden === wanted) card.hidden = !wanted;
    if (!wanted) return;
    if (appears) requestAnimationFrame(() => onShown(card));
    paintHead(range, lane);
    if (!vision.drawn) {
      fillPicture(buffer.pixels, vision.picture.cells, frame.v, range, words.list);
      context.putImageData(buffer.image, 0, 0);
    }
    paintBars(scene, frame, sim);
  }

  function paintHead(range, lane) {
    const { drawn } = known.vision;
    const ramp = rampOf(theme(), lane);
    if (words.ramp !== ramp) {
      words = { ramp, list: rampWords(ramp) };
      pad.paint();
    }
    const key = `${drawn}/${known.vision.outputs.length}/${range}/${theme().name}`;
    if (key === shownKey) return;
    shownKey = key;
    setText(title, drawn ? (known.vision.outputs.length === 10 ? "Draw a digit" : "Draw a picture") : "Input picture");
    pad.element.hidden = clear.hidden = note.hidden = !drawn;
    picture.hidden = drawn;
    const edge = drawn ? 1 : range;
    setText(low, quantity(-edge, "V", 2));
    setText(high, `+${quantity(edge, "V", 2)}`);
    const stops = [0, 0.25, 0.5, 0.75, 1].map((u) => ramp.fill[Math.round(u * 2 * RAMP_HALF)]);
    scale.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
  }

  function paintBars(scene, frame, sim) {
    const { outputs } = known.vision;
    if (reach.sim !== sim) reach = { sim, ...(sim ? reachOf(sim, outputs.map((n) => scene.nodeIds[n])) : { range: 0, signed: false }) };
    const values = outputs.map((n) => frame.v[n]);
    const { list: lengths, leader } = bars(values, reach.range, reach.signed);
    list.dataset.signed = String(reach.signed);
    rows.forEach(({ bar, value, row }, k) => {
      bar.style.left = `${(100 * lengths[k].start).toFixed(1)}%`;
      bar.style.width = `${(100 * lengths[k].length).toFixed(1)}%`;
      bar.dataset.sign = values[k] < 0 ? "negative" : "positive";
      setText(value, quantity(values[k], "V", 2));
      const leads = k === leader ? "true" : "false";
      if (row.dataset.leads !== leads) row.dataset.leads = leads;
    });
  }

  return { update, element: card };
}
