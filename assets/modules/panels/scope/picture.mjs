/** The scope as a picture file: what is drawn now, and the names of its curves in a strip above. */

import { brushOf } from "../../lib/dom.mjs";

const FONT_PX = 12;
const ROW = 20;
const EDGE = 12;
const SWATCH = { width: 14, height: 3, gap: 6 };
const BETWEEN = 18;

/**
 * Where names stand in rows of a width, in their order. Pure.
 * @param {string[]} names
 * @param {number} width  pixels
 * @param {(name: string) => number} widthOf  of a name in pixels
 * @returns {{x: number, row: number}[]}
 */
export function placeNames(names, width, widthOf) {
  let [x, row] = [EDGE, 0];
  return names.map((name) => {
    const needed = SWATCH.width + SWATCH.gap + widthOf(name);
    if (x > EDGE && x + needed > width - EDGE) [x, row] = [EDGE, row + 1];
    const place = { x, row };
    x += needed + BETWEEN;
    return place;
  });
}

/**
 * Promise of a PNG blob of a canvas with its legend.
 * @param {HTMLCanvasElement} drawn
 * @param {{name: string, colour: string}[]} entries  none where rows or axes name what is drawn
 * @param {{ground: string, text: string, font: string}} look
 * @param {number} ratio  pixels of the canvas for one of CSS
 */
export function scopePNG(drawn, entries, look, ratio) {
  const result = document.createElement("canvas");
  const brush = brushOf(result);
  const font = `${FONT_PX}px ${look.font}`;
  brush.font = font;
  const places = placeNames(entries.map(({ name }) => name), drawn.width / ratio, (name) => brush.measureText(name).width);
  const strip = places.length === 0 ? 0 : (places[places.length - 1].row + 1) * ROW + EDGE;
  result.width = drawn.width;
  result.height = drawn.height + Math.ceil(strip * ratio);
  brush.fillStyle = look.ground;
  brush.fillRect(0, 0, result.width, result.height);
  brush.drawImage(drawn, 0, Math.ceil(strip * ratio));
  brush.scale(ratio, ratio);
  brush.font = font; // a canvas forgets it with its size
  brush.textBaseline = "middle";
  entries.forEach(({ name, colour }, k) => {
    const { x, row } = places[k];
    const middle = EDGE / 2 + (row + 0.5) * ROW;
    brush.fillStyle = colour;
    brush.fillRect(x, middle - SWATCH.height / 2, SWATCH.width, SWATCH.height);
    brush.fillStyle = look.text;
    brush.fillText(name, x + SWATCH.width + SWATCH.gap, middle);
  });
  return new Promise((resolve) => result.toBlob(resolve, "image/png"));
}
