/**
 * Dots and discs written straight into pixels, for boards with more devices than a canvas can draw in time:
 * a thousand nodes and fifteen thousand dots take about two milliseconds without any help of a graphics card. Pure.
 *
 * Pixels are 32-bit words of ImageData in the byte order R, G, B, A (little endian, as every browser's machine is).
 */

import { dotCount } from "./phases.mjs";

const ROUND_FROM = 2.3; // pixels; smaller dots look the same as squares

/** A pixel buffer of whole pixels. */
export function createRaster(width, height) {
  return { width, height, pixels: new Uint32Array(width * height) };
}

export const wordOf = ([r, g, b], alpha = 255) => ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;

/** Covers a square of `side` pixels about (x, y), soft at its edges; alphas add up to full. */
export function splat(raster, x, y, side, colour, alpha) {
  const { width, height, pixels } = raster;
  const half = side / 2;
  const left = x - half;
  const top = y - half;
  const i0 = Math.floor(left);
  const j0 = Math.floor(top);
  const i1 = Math.ceil(x + half);
  const j1 = Math.ceil(y + half);
  if (i0 < 0 || j0 < 0 || i1 >= width || j1 >= height) return;
  for (let j = j0; j < j1; j++) {
    const high = Math.min(j + 1, y + half) - Math.max(j, top);
    for (let i = i0; i < i1; i++) {
      const wide = Math.min(i + 1, x + half) - Math.max(i, left);
      const at = j * width + i;
      const sum = (pixels[at] >>> 24) + alpha * high * wide;
      pixels[at] = ((sum > 255 ? 255 : sum) << 24) | colour;
    }
  }
}

/** Covers a disc about (x, y), soft at its rim: for dots large enough that a square would show. */
export function splatDisc(raster, x, y, radius, colour, alpha) {
  const { width, height, pixels } = raster;
  const reach = radius + 0.5;
  const i0 = Math.floor(x - reach);
  const j0 = Math.floor(y - reach);
  const i1 = Math.ceil(x + reach);
  const j1 = Math.ceil(y + reach);
  if (i0 < 0 || j0 < 0 || i1 > width || j1 > height) return;
  for (let j = j0; j < j1; j++) {
    const dy = j + 0.5 - y;
    for (let i = i0; i < i1; i++) {
      const dx = i + 0.5 - x;
      const cover = reach - Math.sqrt(dx * dx + dy * dy);
      if (cover <= 0) continue;
      const at = j * width + i;
      const sum = (pixels[at] >>> 24) + (cover < 1 ? alpha * cover : alpha);
      pixels[at] = ((sum > 255 ? 255 : sum) << 24) | colour;
    }
  }
}

/**
 * Dots of one strength on many devices.
 *
 * @param {object} look  {rgb, alpha 0..255, side in pixels, zoom: pixels a board unit, x, y: pixel of the origin,
 *   stepPixels: least distance of dots}
 */
export function rasterDots(raster, scene, edges, phases, look, from = 0, to = 1) {
  const c = scene.curves;
  const colour = wordOf(look.rgb, 0);
  const { zoom, x: ox, y: oy, side, alpha } = look;
  const round = side >= ROUND_FROM;
  for (const e of edges) {
    const q = 6 * e;
    const n = dotCount(scene.lengths[e]);
    const stride = Math.min(10, Math.max(1, Math.ceil((look.stepPixels * n) / (scene.lengths[e] * zoom))));
    const ax = c[q] * zoom + ox;
    const ay = c[q + 1] * zoom + oy;
    const bx = c[q + 4] * zoom + ox;
    const by = c[q + 5] * zoom + oy;
    const bent = scene.bent[e] === 1;
    const mx = c[q + 2] * zoom + ox;
    const my = c[q + 3] * zoom + oy;
    const middle = from > 0 || to < 1 ? scene.anchor[e] : 0;
    const low = from > 0 ? middle : 0;
    const high = to < 1 ? middle : 1;
    for (let d = phases[e] % stride; d < n; d += stride) {
      const u = d / n;
      if (u < low || u > high) continue;
      const w = 1 - u;
      const x = bent ? w * w * ax + 2 * w * u * mx + u * u * bx : ax + (bx - ax) * u;
      const y = bent ? w * w * ay + 2 * w * u * my + u * u * by : ay + (by - ay) * u;
      if (round) splatDisc(raster, x, y, side / 2, colour, alpha);
      else splat(raster, x, y, side, colour, alpha);
    }
  }
}

/** Coverage (0..1) of a disc and of its rim on a small square of pixels, for centres on whole pixels. */
export function discStamp(radius, rim) {
  const reach = Math.ceil(radius + rim + 1);
  const size = 2 * reach + 1;
  const cover = new Float32Array(size * size);
  const edge = new Float32Array(size * size);
  const clamp = (value) => Math.min(1, Math.max(0, value));
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      const away = Math.hypot(i - reach, j - reach);
      cover[j * size + i] = clamp(radius + rim / 2 + 0.5 - away);
      edge[j * size + i] = clamp(away - radius + rim / 2 + 0.5);
    }
  }
  return { reach, size, cover, edge };
}

/** The words of a stamp in given colours; 0 where the disc does not reach. */
export function stampWords({ cover, edge }, fill, rim) {
  const words = new Uint32Array(cover.length);
  for (let k = 0; k < cover.length; k++) {
    const share = edge[k];
    const rgb = fill.map((value, c) => Math.round(value + (rim[c] - value) * share));
    const alpha = Math.round(255 * cover[k]);
    words[k] = alpha > 0 ? wordOf(rgb, alpha) : 0;
  }
  return words;
}

/** Lays a stamp on the raster: opaque pixels replace, soft ones mix with what is there. */
export function layStamp(raster, stamp, words, x, y) {
  const { width, height, pixels } = raster;
  const left = Math.round(x) - stamp.reach;
  const top = Math.round(y) - stamp.reach;
  const i0 = Math.max(0, -left);
  const i1 = Math.min(stamp.size, width - left);
  const j1 = Math.min(stamp.size, height - top);
  for (let j = Math.max(0, -top); j < j1; j++) {
    let at = (top + j) * width + left + i0;
    let k = j * stamp.size + i0;
    for (let i = i0; i < i1; i++, at++, k++) {
      const word = words[k];
      if (word >>> 24 === 255) pixels[at] = word;
      else if (word !== 0) pixels[at] = over(word, pixels[at]);
    }
  }
}

/** One pixel over another, colours not premultiplied. */
export function over(front, back) {
  const a = front >>> 24;
  const b = back >>> 24;
  if (b === 0) return front;
  const rest = (b * (255 - a)) / 255;
  const alpha = a + rest;
  const mix = (shift) => Math.round((((front >>> shift) & 255) * a + ((back >>> shift) & 255) * rest) / alpha);
  return ((Math.round(alpha) << 24) | (mix(16) << 16) | (mix(8) << 8) | mix(0)) >>> 0;
}
