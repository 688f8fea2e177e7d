/** A small picture of a large circuit with the visible part; press or drag moves the view. */

import { rampLevel, rampOf } from "../paint/colours.mjs";
import { brushOf, el, put } from "../lib/dom.mjs";

const FROM_NODES = 100;
const SIZE = { width: 168, height: 108 };
const EVERY = 6; // painted frames between two pictures

/** Scale and offset that put `bounds` into the small window. Pure. */
export function minimapScale(bounds, { width, height } = SIZE, margin = 8) {
  const scale = Math.min((width - 2 * margin) / Math.max(bounds.x1 - bounds.x0, 1), (height - 2 * margin) / Math.max(bounds.y1 - bounds.y0, 1));
  return {
    scale,
    x: width / 2 - (scale * (bounds.x0 + bounds.x1)) / 2,
    y: height / 2 - (scale * (bounds.y0 + bounds.y1)) / 2,
  };
}

export function createMinimap({ host, canvas }) {
  if (!host) return { update() {} };
  const layer = el("canvas", { class: "minimap", "aria-hidden": "true" });
  const ctx = brushOf(layer);
  let place = null;
  let shown = false;
  let wait = 0;
  let before = null;

  function moveTo(event) {
    if (!place) return;
    const frame = layer.getBoundingClientRect();
    const x = (event.clientX - frame.left - place.x) / place.scale;
    const y = (event.clientY - frame.top - place.y) / place.scale;
    const { width, height } = canvas.size();
    const { zoom } = canvas.viewport();
    canvas.setViewport({ zoom, x: width / 2 - x * zoom, y: height / 2 - y * zoom });
  }
  layer.addEventListener("pointerdown", (event) => {
    layer.setPointerCapture(event.pointerId);
    moveTo(event);
  });
  layer.addEventListener("pointermove", (event) => { if (event.buttons) moveTo(event); });

  function update(scene, frame, { lane, range, theme, viewport, width, height, pictured }) {
    const wanted = scene.N > FROM_NODES && !pictured;
    if (wanted !== shown) {
      put(host, ...(wanted ? [layer] : []));
      shown = wanted;
      before = null;
    }
    if (!wanted || (before === viewport && (wait = (wait + 1) % EVERY) !== 0)) return;
    before = viewport;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    if (layer.width !== SIZE.width * ratio) [layer.width, layer.height] = [SIZE.width * ratio, SIZE.height * ratio];
    place = minimapScale(scene.bounds);
    const ramp = rampOf(theme, lane);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, SIZE.width, SIZE.height);
    const dot = scene.N > 600 ? 1.6 : 2.4;
    for (let n = 0; n < scene.N; n++) {
      ctx.fillStyle = ramp.fill[rampLevel(frame.v[n], range)];
      ctx.fillRect(scene.x[n] * place.scale + place.x - dot / 2, scene.y[n] * place.scale + place.y - dot / 2, dot, dot);
    }
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = 1.25;
    const k = place.scale / viewport.zoom;
    ctx.strokeRect(place.x - viewport.x * k, place.y - viewport.y * k, width * k, height * k);
  }
  return { update };
}
