/** Drawing a device from one end to another, whatever moves the pointer. Pure state machine. */

import { GROUND } from "../document/format.mjs";
import { NODE_RADIUS } from "../paint/geometry.mjs";

/**
 * What a place under the pointer means as the end of a device.
 * @param {{type: string, id: string}|null} hit  of hitTest
 * @returns {string|null} node id, "gnd", or null for empty board
 */
export function endOf(hit) {
  if (hit?.type === "node") return hit.id;
  if (hit?.type === "ground") return GROUND;
  return null;
}

/** States: idle, or drawing from `source` with `point` (board) and `target` (end under it or null). */
export function createConnection() {
  let source = null;
  let from = null;
  let point = null;
  let target = null;

  function begin(end, place) {
    source = end;
    from = { ...place };
    point = { ...place };
    target = null;
  }

  function aim(place, end) {
    if (source === null) return;
    point = { ...place };
    target = end;
  }

  function cancel() {
    const was = source !== null;
    source = from = point = target = null;
    return was;
  }

  /** Ends the drawing: {do: "connect", source, target} | {do: "grow", source, point} | {do: "nothing"}. */
  function finish() {
    if (source === null) return { do: "nothing" };
    const result =
      target === source ? { do: "nothing" }
      : target !== null ? { do: "connect", source, target }
      : source === GROUND || point ? { do: "grow", source, point }
      : { do: "nothing" };
    cancel();
    return result;
  }

  /** The line to paint: from the rim of the source to the pointer or the rim of the target. */
  function ghost(placeOf) {
    if (source === null) return null;
    const a = (source !== GROUND && placeOf(source)) || from;
    const snap = target !== null && target !== source && target !== GROUND ? placeOf(target) : null;
    const b = snap ?? point;
    const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
    const ux = (b.x - a.x) / length;
    const uy = (b.y - a.y) / length;
    const start = source === GROUND ? 0 : Math.min(NODE_RADIUS, length);
    const stop = snap ? Math.max(length - NODE_RADIUS, start) : length;
    return {
      x0: a.x + ux * start, y0: a.y + uy * start, x1: a.x + ux * stop, y1: a.y + uy * stop,
      target: target !== null && target !== source, bad: false,
      hidden: target === source,
    };
  }

  return { begin, aim, cancel, finish, ghost, active: () => source !== null, source: () => source, target: () => target };
}
