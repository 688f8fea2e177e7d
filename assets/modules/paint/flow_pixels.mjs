/** The animated layer of large boards: the same picture as flow.mjs, through raster.mjs. */

import { rampLevel, rampOf } from "./colours.mjs";
import { createRaster, discStamp, layStamp, rasterDots, stampWords } from "./raster.mjs";
import { discRadius, strokeCurves } from "./view.mjs";

const STEP_PIXELS = 11; // least distance of dots
const buffers = new WeakMap(); // canvas -> {raster, image}; the size of the canvas decides
/** @type {{key: string, stamp: any, words: Uint32Array[]}} */
const stamps = { key: "", stamp: null, words: [] };

function bufferOf(canvas) {
  const known = buffers.get(canvas);
  if (known && known.raster.width === canvas.width && known.raster.height === canvas.height) return known;
  const raster = createRaster(canvas.width, canvas.height);
  const image = new ImageData(new Uint8ClampedArray(raster.pixels.buffer), canvas.width, canvas.height);
  const made = { raster, image };
  buffers.set(canvas, made);
  return made;
}

/** Stamps of all ramp levels at this size, made when first used. */
function stampFor(level, ramp, theme, lane, radius, rim) {
  const key = `${theme.name}/${lane === "adjoint"}/${radius.toFixed(2)}/${rim.toFixed(2)}`;
  if (stamps.key !== key) Object.assign(stamps, { key, stamp: discStamp(radius, rim), words: [] });
  stamps.words[level] ??= stampWords(stamps.stamp, ramp.rgb[level], ramp.rimRGB[level]);
  return stamps.words[level];
}

/** Replaces the whole canvas: dots of every strength below, discs above. */
export function paintPixels(ctx, scene, frame, nodes, bins, o, flows) {
  const { raster, image } = bufferOf(ctx.canvas);
  raster.pixels.fill(0);
  const scale = o.viewport.zoom * o.pixelRatio;
  const place = { zoom: scale, x: o.viewport.x * o.pixelRatio, y: o.viewport.y * o.pixelRatio };
  if (flows) bins.forEach((edges, k) => dots(raster, scene, frame, edges, (k + 1) / bins.length, place, o));
  const ramp = rampOf(o.theme, o.lane);
  const radius = discRadius(o.viewport.zoom) * scale;
  const rim = Math.max(1, 1.5 * scale);
  for (const n of nodes) {
    const words = stampFor(rampLevel(frame.v[n], o.range), ramp, o.theme, o.lane, radius, rim);
    layStamp(raster, stamps.stamp, words, scene.x[n] * scale + place.x, scene.y[n] * scale + place.y);
  }
  ctx.putImageData(image, 0, 0);
  if (flows && o.glow) glows(ctx, scene, bins, o);
}

function dots(raster, scene, frame, edges, u, place, o) {
  const loud = o.lane === "currents" ? 1.25 : 1;
  const look = {
    ...place,
    rgb: o.theme.flowRGB[o.lane],
    alpha: 255 * (0.16 + 0.7 * u * u) * (o.dim ? 0.5 : 1), // many weak dots must not drown the strong
    side: Math.max(1.3, (1.6 + 3 * u) * loud * place.zoom, (1.1 + 1.1 * u) * o.pixelRatio * loud),
    stepPixels: STEP_PIXELS * o.pixelRatio,
  };
  const still = o.glow ? edges.filter((e) => !o.glow[e]) : edges;
  if (o.phasesTarget && frame.iTarget) {
    rasterDots(raster, scene, still, o.phases, look, 0, 0.5);
    rasterDots(raster, scene, still, o.phasesTarget, look, 0.5, 1);
  } else {
    rasterDots(raster, scene, still, o.phases, look);
  }
}

/** Devices too fast for dots shine along their whole length; rare, so drawn the ordinary way. */
function glows(ctx, scene, bins, o) {
  const fast = bins.flat().filter((e) => o.glow[e]);
  if (fast.length === 0) return;
  ctx.save();
  ctx.setTransform(o.viewport.zoom * o.pixelRatio, 0, 0, o.viewport.zoom * o.pixelRatio, o.viewport.x * o.pixelRatio, o.viewport.y * o.pixelRatio);
  ctx.globalCompositeOperation = "destination-over";
  ctx.globalAlpha = 0.6;
  ctx.strokeStyle = o.theme.flow[o.lane];
  ctx.lineWidth = 2 / o.viewport.zoom;
  strokeCurves(ctx, scene, fast);
  ctx.restore();
}
