/** Draws pairs of fields: lines over a ring or a line, shades over a plane. */

import { bytesOf, linesIn, pixelsOf } from "./data_words.mjs";
import { el, put } from "../lib/dom.mjs";

const WIDTH = 96; // of a pair of lines, in CSS pixels
const HEIGHT = 56;
const SCALE = 2;
const MARGIN = 3;

/** A list of pairs; hidden while there are none. */
export function createDataFields() {
  const root = el("ul", { class: "data-fields", "aria-label": "Some of the fields: what goes in, and what is to come out" });

  /**
   * @param {Array<{input: object, output: object}>|null} pairs  fields as the server shows them
   * @param {object} colours  of the page
   */
  function show(pairs, colours) {
    root.hidden = !pairs;
    put(root, ...(pairs ?? []).map((pair, k) => el("li", {}, ...pictures(pair, k + 1, colours))));
  }

  return { root, show };
}

function pictures({ input, output }, number, colours) {
  const words = [`Field ${number}: what goes in`, `Field ${number}: what is to come out`];
  if (input.points.length === 1) return [lines(input, output, `${words[0]} and ${words[1]}`, colours)];
  return [shades(input, words[0]), el("span", { class: "muted", text: "→" }), shades(output, words[1])];
}

function lines(input, output, label, colours) {
  const canvas = el("canvas", { class: "data-lines", width: WIDTH * SCALE, height: HEIGHT * SCALE, role: "img", "aria-label": label });
  const context = canvas.getContext("2d");
  context.scale(SCALE, SCALE);
  const tones = [colours.negative, colours.positive];
  linesIn([input, output], WIDTH, HEIGHT, MARGIN).forEach((places, k) => {
    context.strokeStyle = tones[k];
    context.lineWidth = 1.5;
    context.beginPath();
    places.forEach(([x, y], at) => (at === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    context.stroke();
  });
  return canvas;
}

function shades({ points: [rows, columns], levels }, label) {
  const canvas = el("canvas", { class: "data-shades", width: columns, height: rows, role: "img", "aria-label": label });
  const pixels = pixelsOf(bytesOf(levels), { channels: 1, rows, columns }, 0);
  canvas.getContext("2d").putImageData(new ImageData(pixels, columns, rows), 0, 0);
  return canvas;
}
