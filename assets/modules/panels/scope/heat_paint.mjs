/** Puts the heat map's pixels on a canvas, stretched to their place. */

import { brushOf, el } from "../../lib/dom.mjs";
import { barValues, heatPixels, heatValues } from "./heat.mjs";

/**
 * @param {ReturnType<import("./heat.mjs").heatOf>} heat
 * @param {[number, number]} times  seconds at the left and right edge
 * @param {{rgb: number[][]}} ramp
 * @returns {(brush: CanvasRenderingContext2D, plot: object, bar: object) => void} boxes in pixels of the canvas
 */
export function heatPainter(heat, times, ramp) {
  return function paint(brush, plot, bar) {
    const columns = Math.round(plot.width);
    const rows = Math.min(heat.ids.length, Math.round(plot.height));
    if (columns < 1 || rows < 1) return;
    stretch(brush, heatPixels(heatValues(heat, times, columns, rows), heat.limit, ramp), columns, plot);
    stretch(brush, heatPixels(barValues(Math.round(bar.height), heat.limit), heat.limit, ramp), 1, bar);
  };
}

function stretch(brush, pixels, width, box) {
  const image = /** @type {HTMLCanvasElement} */ (el("canvas", { width, height: pixels.length / 4 / width }));
  brushOf(image).putImageData(new ImageData(pixels, width), 0, 0);
  brush.imageSmoothingEnabled = false;
  brush.drawImage(image, box.left, box.top, box.width, box.height);
}
