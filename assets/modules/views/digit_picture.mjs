/** The drawing of a network that reads digits: one of them, as voltages of its pixels. */

import { themeColours } from "../paint/colours.mjs";
import { EXAMPLES, SIDE, imageOf } from "./digit.mjs";
import { el } from "../lib/dom.mjs";
import { fillPicture, rampWords } from "./pictures.mjs";

/**
 * @param {HTMLElement} host
 * @param {{theme: () => string}} options
 */
export function createDigitPicture(host, { theme }) {
  const canvas = el("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIDE, SIDE);
  const values = imageOf(EXAMPLES[3]);
  const cells = Int32Array.from(values, (_, k) => k);
  host.replaceChildren(el("div", { class: "card-digit" }, canvas));

  function repaint() {
    const { ramps } = themeColours(theme(), getComputedStyle(document.documentElement));
    fillPicture(new Uint32Array(image.data.buffer), cells, values, 1, rampWords(ramps.voltages));
    context.putImageData(image, 0, 0);
  }
  repaint();
  return { repaint };
}
