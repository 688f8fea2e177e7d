/** Pointer events of the board, by mouse, pen and touch: from a press over its gesture to the release, and hovering. */

import { GROUND } from "../document/format.mjs";
import { createDrawing, drawGesture } from "./drawing.mjs";
import { createNavigation } from "./navigation.mjs";
import { createPointing } from "./pointing.mjs";
import { gestureFor } from "./press.mjs";

const STILL = 5; // pixels a click may wander
const DOUBLE_MS = 380;

/** @param {{canvas, store, commands, rename}} parts */
export function createGestures({ canvas, store, commands, rename }) {
  const { element, edits } = canvas;
  const navigation = createNavigation({ element, canvas });
  const pointing = createPointing({ canvas, store });
  const drawing = createDrawing({ canvas, edits, pointing });
  const parts = { canvas, store, commands, navigation, pointing, drawing };
  const press = createPress(parts, { rename, hover: hovering({ element, store, pointing }) });
  attachPress(parts, press);
  store.on(["tool", "doc"], () => drawing.cancel());

  return {
    connection: drawing.connection,
    beginDrawing: drawing.begin,
    finishDrawing: drawing.finish,
    cancelDrawing: drawing.cancel,
    showGhost: drawing.showGhost,
    hitAt: (event) => pointing.hitAt(pointing.place(event), event),
    place: pointing.place,
    adding: press.adding,
    /** The element on which a drawn device ends at ground and from which one can be drawn. */
    setDock(node) {
      drawing.setDock(node);
      node.addEventListener("pointerdown", (event) => {
        if (!edits.editable() || event.target.closest("select")) return;
        event.preventDefault();
        event.stopPropagation();
        const end = drawing.connection.active() ? null : GROUND;
        press.begin(event, drawGesture(parts, event, end, { click: true }), 0);
      });
    },
    /** Esc: true when there was something to cancel. */
    cancel() {
      const was = press.cancel() || drawing.connection.active();
      drawing.cancel();
      return was;
    },
  };
}

/** Shows what is under the pointer, once a frame. */
function hovering({ element, store, pointing }) {
  let waiting = false;
  return function hover(event) {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const hit = pointing.hitAt(pointing.place(event), event);
      const shown = hit && hit.type !== "ground" ? { type: hit.type, id: hit.id } : null;
      const before = store.get("hover");
      if (before?.id !== shown?.id || before?.type !== shown?.type) store.set({ hover: shown });
      element.dataset.over = hit?.type ?? "";
    });
  };
}

/** Double click: names a node, or makes one on empty board; whether it did. */
function onDouble({ canvas: { edits }, store, pointing, drawing }, rename, event, gesture) {
  if (!edits.editable() || !store.get("doc")) return false;
  const p = pointing.place(event);
  const hit = pointing.hitAt(p, event);
  const tool = store.get("tool");
  if (hit?.type === "node" && (tool === "select" || tool === "node")) {
    rename.open(hit.id);
    return true;
  }
  if (hit === null && (tool === "select" || (tool === "device" && !drawing.connection.active()))) {
    gesture?.cancel();
    edits.addNode(p);
    return true;
  }
  return false;
}

/** Tells a double click from two. */
function createDoubles() {
  let last = { time: 0, x: 0, y: 0 };
  return function isDouble(event) {
    const again = event.timeStamp - last.time < DOUBLE_MS && Math.hypot(event.clientX - last.x, event.clientY - last.y) < 2 * STILL;
    last = again ? { time: 0, x: 0, y: 0 } : { time: event.timeStamp, x: event.clientX, y: event.clientY };
    return again;
  };
}

const onBoard = (element, event) => element.contains(event.target) && Boolean(event.target.closest?.("#board-cy, canvas"));

/** The press under way: what the pointer's events mean for it. */
function createPress(parts, { rename, hover }) {
  const { drawing, canvas: { element } } = parts;
  const isDouble = createDoubles();
  let active = null; // the gesture between pointer down and up: {move, up, cancel, kind}
  let pressed = null;
  let claimed = false; // whether cytoscape must not see the press
  let shift = false;

  function begin(event, gesture, button = event.button) {
    pressed = { id: event.pointerId, x: event.clientX, y: event.clientY, still: true, button };
    active = gesture;
  }

  function cancel() {
    active?.cancel();
    const was = active !== null;
    active = pressed = null;
    return was;
  }

  function down(event) {
    claimed = false;
    if (!onBoard(element, event)) return;
    rename.close();
    shift = event.shiftKey;
    element.focus({ preventScroll: true });
    if (active) {
      active.cancel(); // a second finger: leave the rest to cytoscape's pinch
      active = null;
      return;
    }
    begin(event, gestureFor(parts, event));
    claimed = active !== null || event.button === 2;
  }

  function move(event) {
    if (pressed && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > STILL) pressed.still = false;
    if (active) {
      if (!pressed.still) active.move(event);
    } else if (drawing.connection.active()) {
      drawing.aim(event);
    } else if (onBoard(element, event) && !pressed) {
      hover(event);
    }
  }

  function up(event) {
    if (!pressed || event.pointerId !== pressed.id) return;
    const { still, button } = pressed;
    const gesture = active;
    active = pressed = null;
    if (still && button === 0 && isDouble(event) && onDouble(parts, rename, event, gesture)) return;
    gesture?.up(event, still);
  }

  return { begin, cancel, down, move, up, adding: () => shift, claimed: () => claimed, pressed: () => pressed !== null };
}

/** Listens to the pointer on the board, and anywhere once it is pressed. */
function attachPress({ store, canvas: { element } }, press) {
  const swallow = (event) => {
    if (!press.claimed() || !onBoard(element, event)) return;
    event.stopPropagation();
    if (event.cancelable && event.type === "touchstart") event.preventDefault();
  };
  element.addEventListener("pointerdown", press.down, true);
  window.addEventListener("pointermove", press.move);
  window.addEventListener("pointerup", press.up);
  window.addEventListener("pointercancel", press.cancel);
  element.addEventListener("pointerleave", () => { if (!press.pressed() && store.get("hover")) store.set({ hover: null }); });
  element.addEventListener("mousedown", swallow, true);
  element.addEventListener("touchstart", swallow, { capture: true, passive: false });
}
