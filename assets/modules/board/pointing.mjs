/** Where a pointer is on the board, and what lies under it. */

import { toBoard } from "../paint/geometry.mjs";
import { hitTest } from "../paint/scene.mjs";
import { shownSlice } from "../play/frames.mjs";

const TOUCH_REACH = 16; // pixels around a device that count as the device
const MOUSE_REACH = 7;

/** @param {{canvas, store}} parts */
export function createPointing({ canvas, store }) {
  /** Pixels from the board's corner {sx, sy} and board units {x, y} of an event. */
  function place(event) {
    const frame = canvas.element.getBoundingClientRect();
    const x = event.clientX - frame.left;
    const y = event.clientY - frame.top;
    return { sx: x, sy: y, ...toBoard(canvas.viewport(), x, y) };
  }

  /** The slice whose devices can be pointed at, or -1 for all. */
  const slice = () => (canvas.scene().sliceCount > 1 ? shownSlice(store.get()) : -1);

  /** What is under a place, or null; `nodeReach` pixels around a node count as the node. */
  function hitAt(p, event, nodeReach = 0) {
    const scene = canvas.scene();
    if (!scene) return null;
    const { zoom } = canvas.viewport();
    const reach = (event.pointerType === "touch" ? TOUCH_REACH : MOUSE_REACH) / zoom;
    const least = Math.max(0, 9 / zoom - 20); // tiny nodes stay clickable when zoomed out
    const wide = event.pointerType === "touch" ? 8 / zoom : 0;
    return hitTest(scene, p.x, p.y, { reach, slice: slice(), nodeReach: Math.max(nodeReach / zoom, least, wide) });
  }

  return { place, hitAt, slice };
}
