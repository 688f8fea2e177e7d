/** What one press may become besides drawing a device: a pan, a box, a cut, a click. Each is {kind, move, up, cancel}. */

import { crossesCurve } from "../paint/geometry.mjs";
import { inBox, sliceRange } from "../paint/scene.mjs";
import { shownSlice } from "../play/frames.mjs";

/**
 * @param {{canvas}} parts
 * @param {PointerEvent} event
 * @param {(event: PointerEvent) => void} [onClick]
 */
export function panGesture({ canvas }, event, onClick = () => {}) {
  let before = { x: event.clientX, y: event.clientY };
  canvas.element.classList.add("panning");
  const stop = () => canvas.element.classList.remove("panning");
  return {
    kind: "pan",
    move(move) {
      canvas.panBy(move.clientX - before.x, move.clientY - before.y);
      before = { x: move.clientX, y: move.clientY };
    },
    up(up, still) {
      stop();
      if (still) onClick(up);
    },
    cancel: stop,
  };
}

/** @param {{canvas, store, pointing}} parts */
export function boxGesture({ canvas, store, pointing }, event) {
  const from = pointing.place(event);
  const start = event.shiftKey ? store.get("selection") : { nodes: [], devices: [] };
  const merged = (more) => ({
    nodes: [...new Set([...start.nodes, ...more.nodes])],
    devices: [...new Set([...start.devices, ...more.devices])],
  });
  return {
    kind: "box",
    move(move) {
      const to = pointing.place(move);
      canvas.setMarks({ box: { x0: from.x, y0: from.y, x1: to.x, y1: to.y } });
    },
    up(up, still) {
      canvas.setMarks({ box: null });
      const scene = canvas.scene();
      const to = pointing.place(up);
      if (still || !scene) store.set({ selection: start });
      else store.set({ selection: merged(inBox(scene, from.x, from.y, to.x, to.y, pointing.slice())) });
    },
    cancel: () => canvas.setMarks({ box: null }),
  };
}

/** A stroke with the Cut tool removes the devices it crosses, a click what is under it. */
export function cutGesture({ canvas, store, pointing }, event) {
  const first = pointing.place(event);
  const stroke = [[first.x, first.y]];
  return {
    kind: "cut",
    move(move) {
      const p = pointing.place(move);
      stroke.push([p.x, p.y]);
      canvas.setMarks({ cut: stroke });
    },
    up(up, still) {
      canvas.setMarks({ cut: null });
      const hit = still ? pointing.hitAt(first, up) : null;
      const doc = store.get("doc");
      if (hit?.type === "node") doc.removeElements({ nodes: [hit.id] });
      else if (hit?.type === "device") doc.removeElements({ devices: [hit.id] });
      else if (!still) doc.removeElements({ devices: crossed(canvas.scene(), stroke, shownSlice(store.get())) });
    },
    cancel: () => canvas.setMarks({ cut: null }),
  };
}

/** Ids of the slice's devices that a stroke [[x, y], ...] crosses. */
export function crossed(scene, stroke, slice) {
  const [first, last] = sliceRange(scene, slice);
  const found = [];
  for (let e = first; e < last; e++) {
    const hit = stroke.some(([x, y], k) => k > 0 && crossesCurve(scene.curves, e, stroke[k - 1][0], stroke[k - 1][1], x, y));
    if (hit) found.push(scene.deviceIds[e]);
  }
  return found;
}

export function clickGesture(onClick) {
  return { kind: "click", move() {}, up: (up, still) => still && onClick(up), cancel() {} };
}
