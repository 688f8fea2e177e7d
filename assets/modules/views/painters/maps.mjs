/** Paints fields over two axes: truth and answer in the colours of one scale, the error in those of its own. */

import { brushOf, el, put, setText } from "../../lib/dom.mjs";
import { number } from "../../lib/numbers.mjs";
import { barOf } from "../runs/example_bar.mjs";
import { largest } from "../runs/examples.mjs";
import { fillField } from "../runs/field_pixels.mjs";
import { rampWords } from "../pictures.mjs";

const NAMES = ["input", "truth", "prediction", "error"];
const SLIGHT = 0.02; // of the largest value: what is below zero by less needs no scale of two sides

/**
 * The four pictures of an example with their scales: {name, values, range, signed} each. Truth and answer share one.
 * @param {object} fields  see exampleOf
 */
export function picturesOf({ input, truth, prediction, error }) {
  const shared = largest(truth, prediction);
  const negative = (range, ...fields) => fields.some((field) => field.some((value) => value < -SLIGHT * range));
  const both = negative(shared, truth, prediction);
  return [
    { name: "input", values: input, range: largest(input), signed: negative(largest(input), input) },
    { name: "truth", values: truth, range: shared, signed: both },
    { name: "prediction", values: prediction, range: shared, signed: both },
    { name: "error", values: error, range: largest(error), signed: true },
  ];
}

/** What stands under the pictures while one points at them. */
export function pointWords(pictures, [rows, columns], row, column) {
  const at = row * columns + column;
  const values = pictures.map(({ name, values: field }) => `${name} ${number(field[at])}`);
  return `row ${row + 1} of ${rows}, column ${column + 1} of ${columns}: ${values.join(", ")}`;
}

/** Row and column under a place in a box, which the picture fills from its left upper corner as far as it keeps its form. */
export function pointAt({ width, height }, [rows, columns], x, y) {
  const size = Math.min(width / columns, height / rows);
  const place = (pixels, count) => Math.min(count - 1, Math.max(0, Math.floor(pixels / size)));
  return [place(y, rows), place(x, columns)];
}

/** Ends of a colour scale in words. */
export const scaleWords = ({ range, signed }) => (signed ? [number(-range, 2), "0", number(range, 2)] : ["0", number(range, 2)]);

function frameOf(name) {
  const canvas = el("canvas", { class: "map-picture", role: "img", "aria-label": name });
  const scale = el("div", { class: "legend-scale", "aria-hidden": "true" });
  const ends = el("div", { class: "map-ends" });
  const root = el("figure", { class: "map" }, el("figcaption", { text: name }), el("div", { class: "map-room" }, canvas), scale, ends);
  return { root, canvas, scale, ends };
}

function drawInto({ canvas, scale, ends }, picture, [rows, columns], ramp) {
  [canvas.width, canvas.height] = [columns, rows];
  canvas.parentElement.style.aspectRatio = `${columns} / ${rows}`;
  const context = brushOf(canvas);
  const image = context.createImageData(columns, rows);
  fillField(new Uint32Array(image.data.buffer), picture.values, picture.range, rampWords(ramp));
  context.putImageData(image, 0, 0);
  const colours = picture.signed ? ramp.fill : ramp.fill.slice(ramp.fill.length >> 1);
  scale.style.background = `linear-gradient(to right, ${colours.filter((_, k) => k % 4 === 0).join(", ")})`;
  put(ends, scaleWords(picture).map((text) => el("span", { text })));
}

function createBody(tools) {
  const frames = NAMES.map(frameOf);
  const note = el("p", { class: "muted small view-note" });
  let shown = null;
  const rest = () => setText(note, "Truth and prediction share one scale. Point at a picture to read its values.");
  for (const { canvas } of frames) {
    canvas.addEventListener("pointermove", (event) => {
      const box = canvas.getBoundingClientRect();
      const [row, column] = pointAt(box, shown.points, event.clientX - box.left, event.clientY - box.top);
      setText(note, pointWords(shown.pictures, shown.points, row, column));
    });
    canvas.addEventListener("pointerleave", rest);
  }
  rest();
  return {
    root: el("div", { class: "maps" }, el("div", { class: "map-row" }, frames.map(({ root }) => root)), note),
    draw(fields) {
      shown = { pictures: picturesOf(fields), points: fields.grid.points };
      const ramp = tools.theme().ramps.voltages;
      frames.forEach((frame, k) => drawInto(frame, shown.pictures[k], shown.points, ramp));
    },
  };
}

/** It has more to show than fits beside the curves. */
export const roomy = true;

/**
 * @param {Element} host
 * @param {{header: object, arrays: object}} view
 * @param {{theme: () => object, chosen: {example: number, grid: string}}} tools
 */
export function paint(host, view, tools) {
  barOf(host, () => createBody(tools), tools.chosen).show(view);
}
