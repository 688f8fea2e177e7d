/** Drawing a device with a pointer: the line that hangs on it, and ground's place beside the board. */

import { GROUND } from "../document/format.mjs";
import { createConnection, endOf } from "./connection.mjs";

const SNAP = 16; // pixels around a node that count as the node while drawing

/** @param {{canvas, edits, pointing}} parts */
export function createDrawing({ canvas, edits, pointing }) {
  const connection = createConnection();
  let dock = null; // element that stands for ground while drawing

  const placeOf = (id) => {
    const scene = canvas.scene();
    const n = scene?.nodeIndex.get(id);
    return n === undefined ? null : { x: scene.x[n], y: scene.y[n] };
  };

  function showGhost() {
    const ghost = connection.ghost(placeOf);
    const target = connection.target();
    dock?.classList.toggle("aimed", connection.active() && target === GROUND);
    canvas.setMarks({
      ghost: ghost && !ghost.hidden ? ghost : null,
      candidate: target !== null && target !== GROUND && target !== connection.source() ? target : null,
    });
    canvas.element.classList.toggle("drawing", connection.active());
  }

  function overDock(event) {
    const frame = dock?.getBoundingClientRect();
    return Boolean(frame?.width) && event.clientX >= frame.left && event.clientX <= frame.right && event.clientY >= frame.top && event.clientY <= frame.bottom;
  }

  function aim(event) {
    const p = pointing.place(event);
    const end = overDock(event) ? GROUND : endOf(pointing.hitAt(p, event, SNAP));
    connection.aim(p, end === GROUND && connection.source() === GROUND ? null : end);
    showGhost();
  }

  function finish() {
    const result = connection.finish();
    showGhost();
    if (result.do === "connect") edits.connect(result.source, result.target);
    if (result.do === "grow") edits.connectToNew(result.source, result.point);
    return result;
  }

  function cancel() {
    const was = connection.cancel();
    showGhost();
    return was;
  }

  function begin(end, at) {
    connection.begin(end, end === GROUND ? at : (placeOf(end) ?? at));
    showGhost();
  }

  return { connection, showGhost, aim, begin, finish, cancel, setDock: (node) => { dock = node; } };
}

/** Press on an end: drag draws at once, a click leaves the line hanging on the pointer. */
export function drawGesture({ drawing, pointing }, event, end, { click }) {
  const waiting = drawing.connection.active();
  if (!waiting) drawing.begin(end, pointing.place(event));
  return {
    kind: "draw",
    move: drawing.aim,
    up(up, still) {
      if (!still || waiting) {
        drawing.aim(up);
        drawing.finish();
      } else if (!click) {
        drawing.cancel();
      }
    },
    cancel: drawing.cancel,
  };
}
