/** What stands on the drawing pad: strokes that are being drawn, an example, or a picture from elsewhere. Pure. */

import { EXAMPLES, SIDE, imageOf, inkOf } from "./digit.mjs";

/** Positions are shares of the pad, from its left upper corner. */
export class PadDrawing {
  /** @param {number} fine  pixels of the pad along a side */
  constructor(fine) {
    this.fine = fine;
    this.side = SIDE; // pixels of the image that is computed
    this.strokes = [];
    this.given = null; // a picture that was not drawn here
    this.fresh = true; // the first stroke replaces what is on show
  }

  /** @param {[number, number]} at */
  begin(at) {
    if (this.fresh) this.strokes = [];
    this.fresh = false;
    this.given = null;
    this.strokes.push([at]);
  }

  /** @param {[number, number]} at */
  extend(at) {
    this.strokes.at(-1).push(at);
  }

  /** @param {number} digit  0 to 9 */
  example(digit) {
    this.#replace(EXAMPLES[digit].map((stroke) => stroke.map((at) => [...at])));
  }

  clear() {
    this.#replace([]);
  }

  /** A picture of side x side values, which has no strokes. */
  show(values) {
    this.#replace([]);
    const from = Math.round(Math.sqrt(values.length));
    const at = (k) => Math.floor((k * from) / this.fine);
    this.given = Float32Array.from({ length: this.fine ** 2 }, (_, k) => values[at(Math.floor(k / this.fine)) * from + at(k % this.fine)]);
  }

  #replace(strokes) {
    this.strokes = strokes;
    this.given = null;
    this.fresh = true;
  }

  /** The pad's own pixels, 0 to 1. */
  ink() {
    return this.given ?? inkOf(this.strokes, this.fine);
  }

  /** The strokes as the image a network reads. */
  image() {
    return imageOf(this.strokes, this.side);
  }
}
