/** Paints pictures on one grid beside each other, such as a field, the answer and their difference. */

import { el } from "../../lib/dom.mjs";
import { quantity } from "../../lib/numbers.mjs";
import { largest } from "../runs/examples.mjs";
import { fillField } from "../runs/field_pixels.mjs";
import { rampWords } from "../pictures.mjs";

/** The pictures of a view: {title, range, rows, columns, values} each. */
export function picturesOf({ header, arrays: { values } }) {
  const [count, rows, columns] = values.shape;
  return Array.from({ length: count }, (_, k) => {
    const own = values.data.subarray(k * rows * columns, (k + 1) * rows * columns);
    const title = header.titles?.[k] ?? `${k + 1}`;
    return { title, range: largest(own), rows, columns, values: own };
  });
}

/**
 * @param {Element} host
 * @param {{header: object, arrays: object}} view
 * @param {{theme: function(): object}} tools
 */
export function paint(host, view, { theme }) {
  const words = rampWords(theme().ramps.voltages);
  host.replaceChildren(el("div", { class: "field-pictures" }, picturesOf(view).map((picture) => figureOf(picture, words, view.header.unit ?? ""))));
}

function figureOf({ title, range, rows, columns, values }, words, unit) {
  const canvas = el("canvas", { class: "field-picture", role: "img", "aria-label": title });
  [canvas.width, canvas.height] = [columns, rows];
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  fillField(new Uint32Array(image.data.buffer), values, range, words);
  context.putImageData(image, 0, 0);
  return el("figure", {}, canvas, el("figcaption", { class: "muted small", text: `${title}, ±${quantity(range, unit, 2)}` }));
}
