/** Pointer gestures on the board, by mouse, pen and touch: draw, place, box, cut, pan, select. */

import { GROUND } from "../document/format.mjs";
import { crossesCurve, toBoard } from "../paint/geometry.mjs";
import { hitTest, inBox, sliceRange } from "../paint/scene.mjs";
import { shownSlice } from "../play/frames.mjs";
import { createConnection, endOf } from "./connection.mjs";
import { createNavigation } from "./navigation.mjs";

const STILL = 5; // pixels a click may wander
const DOUBLE_MS = 380;
const SNAP = 16; // pixels around a node that count as the node while drawing
const TOUCH_REACH = 16;
const MOUSE_REACH = 7;

/** @param {{canvas: object, store: object, commands: object, rename: object}} parts */
export function createGestures({ canvas, store, commands, rename }) {
  const { element, edits } = canvas;
  const connection = createConnection();
  const navigation = createNavigation({ element, canvas });
  let active = null; // the gesture between pointer down and up: {move, up, cancel, kind}
  let claimed = false; // whether cytoscape must not see the press
  let shift = false;
  let lastClick = { time: 0, x: 0, y: 0 };
  let dock = null; // element that stands for ground while drawing

  const slice = () => shownSlice(store.get());

  function place(event) {
    const frame = element.getBoundingClientRect();
    const x = event.clientX - frame.left;
    const y = event.clientY - frame.top;
    return { sx: x, sy: y, ...toBoard(canvas.viewport(), x, y) };
  }

  function hitAt(p, event, nodeReach = 0) {
    const scene = canvas.scene();
    if (!scene) return null;
    const { zoom } = canvas.viewport();
    const reach = (event.pointerType === "touch" ? TOUCH_REACH : MOUSE_REACH) / zoom;
    const least = Math.max(0, 9 / zoom - 20); // tiny nodes stay clickable when zoomed out
    const wide = event.pointerType === "touch" ? 8 / zoom : 0;
    const one = scene.sliceCount > 1 ? slice() : -1;
    return hitTest(scene, p.x, p.y, { reach, slice: one, nodeReach: Math.max(nodeReach / zoom, least, wide) });
  }

  // ---- drawing -------------------------------------------------------------------------------

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
    element.classList.toggle("drawing", connection.active());
  }

  function overDock(event) {
    const frame = dock?.getBoundingClientRect();
    return Boolean(frame?.width) && event.clientX >= frame.left && event.clientX <= frame.right && event.clientY >= frame.top && event.clientY <= frame.bottom;
  }

  function aim(event) {
    const p = place(event);
    const end = overDock(event) ? GROUND : endOf(hitAt(p, event, SNAP));
    connection.aim(p, end === GROUND && connection.source() === GROUND ? null : end);
    showGhost();
  }

  function finishDrawing() {
    const result = connection.finish();
    showGhost();
    if (result.do === "connect") edits.connect(result.source, result.target);
    if (result.do === "grow") edits.connectToNew(result.source, result.point);
    return result;
  }

  function cancelDrawing() {
    const was = connection.cancel();
    showGhost();
    return was;
  }

  function beginDrawing(end, at) {
    connection.begin(end, end === GROUND ? at : (placeOf(end) ?? at));
    showGhost();
  }

  /** Press on an end: drag draws at once, a click leaves the line hanging on the pointer. */
  function drawGesture(event, end, { click }) {
    const waiting = connection.active();
    if (!waiting) beginDrawing(end, place(event));
    return {
      kind: "draw",
      move: aim,
      up(up, still) {
        if (!still || waiting) {
          aim(up);
          finishDrawing();
        } else if (!click) {
          cancelDrawing();
        }
      },
      cancel: cancelDrawing,
    };
  }

  // ---- the other gestures --------------------------------------------------------------------

  function panGesture(event, onClick = null) {
    let before = { x: event.clientX, y: event.clientY };
    element.classList.add("panning");
    const stop = () => element.classList.remove("panning");
    return {
      kind: "pan",
      move(move) {
        canvas.panBy(move.clientX - before.x, move.clientY - before.y);
        before = { x: move.clientX, y: move.clientY };
      },
      up(up, still) {
        stop();
        if (still) onClick?.(up);
      },
      cancel: stop,
    };
  }

  function boxGesture(event) {
    const from = place(event);
    const start = event.shiftKey ? store.get("selection") : { nodes: [], devices: [] };
    const merged = (more) => ({
      nodes: [...new Set([...start.nodes, ...more.nodes])],
      devices: [...new Set([...start.devices, ...more.devices])],
    });
    return {
      kind: "box",
      move(move) {
        const to = place(move);
        canvas.setMarks({ box: { x0: from.x, y0: from.y, x1: to.x, y1: to.y } });
      },
      up(up, still) {
        canvas.setMarks({ box: null });
        const scene = canvas.scene();
        const to = place(up);
        if (still || !scene) store.set({ selection: start });
        else store.set({ selection: merged(inBox(scene, from.x, from.y, to.x, to.y, scene.sliceCount > 1 ? slice() : -1)) });
      },
      cancel: () => canvas.setMarks({ box: null }),
    };
  }

  /** A stroke with the Cut tool removes the devices it crosses, a click what is under it. */
  function cutGesture(event) {
    const first = place(event);
    const stroke = [[first.x, first.y]];
    return {
      kind: "cut",
      move(move) {
        const p = place(move);
        stroke.push([p.x, p.y]);
        canvas.setMarks({ cut: stroke });
      },
      up(up, still) {
        canvas.setMarks({ cut: null });
        const hit = still ? hitAt(first, up) : null;
        const doc = store.get("doc");
        if (hit?.type === "node") doc.removeElements({ nodes: [hit.id] });
        else if (hit?.type === "device") doc.removeElements({ devices: [hit.id] });
        else if (!still) doc.removeElements({ devices: crossed(stroke) });
      },
      cancel: () => canvas.setMarks({ cut: null }),
    };
  }

  function crossed(stroke) {
    const scene = canvas.scene();
    const [first, last] = sliceRange(scene, slice());
    const found = [];
    for (let e = first; e < last; e++) {
      const hit = stroke.some(([x, y], k) => k > 0 && crossesCurve(scene.curves, e, stroke[k - 1][0], stroke[k - 1][1], x, y));
      if (hit) found.push(scene.deviceIds[e]);
    }
    return found;
  }

  function clickGesture(onClick) {
    return { kind: "click", move() {}, up: (up, still) => still && onClick(up), cancel() {} };
  }

  function chooseDevices(ids, event) {
    const { nodes, devices } = store.get("selection");
    const added = event.shiftKey || event.ctrlKey || event.metaKey;
    if (!added) return store.set({ selection: { nodes: [], devices: ids } });
    const all = ids.every((id) => devices.includes(id));
    const rest = devices.filter((id) => !ids.includes(id));
    return store.set({ selection: { nodes, devices: all ? rest : [...rest, ...ids] } });
  }

  function groundedDevices(nodeId) {
    return store.get("doc").devicesAt(nodeId).filter((d) => d.source === GROUND || d.target === GROUND).map((d) => d.id);
  }

  // ---- choosing the gesture ------------------------------------------------------------------

  /** The gesture of a press, or null when cytoscape shall have it (drag, tap and pinch on nodes). */
  function gestureFor(event) {
    const touch = event.pointerType === "touch";
    if (event.button === 1 || navigation.spaceHeld()) {
      navigation.useSpace();
      return panGesture(event);
    }
    if (event.button !== 0 || !store.get("doc")) return null;
    const p = place(event);
    const hit = hitAt(p, event);
    const tool = edits.editable() ? store.get("tool") : "select";
    const draws = edits.editable() && (tool === "device" || (tool === "select" && event.altKey));
    if (connection.active()) return drawGesture(event, null, { click: true });
    if (draws) {
      const end = endOf(hit);
      if (end !== null) return drawGesture(event, end, { click: tool === "device" });
      if (hit?.type === "device") return clickGesture((up) => chooseDevices([hit.id], up));
      return touch ? null : panGesture(event, () => store.set({ selection: { nodes: [], devices: [] } }));
    }
    if (tool === "cut") return cutGesture(event);
    if (tool === "input" || tool === "output") {
      if (hit?.type === "node") return clickGesture(() => commands.run(`mark-${tool}`, hit.id));
      return panGesture(event, () => edits.addNode(p, tool));
    }
    if (tool === "probe" && hit?.type === "node") return clickGesture(() => commands.run("probe", hit.id));
    if (tool === "node" && hit === null) return panGesture(event, () => edits.addNode(p));
    if (hit?.type === "node") return null;
    if (hit?.type === "device") return touch ? panGesture(event, (up) => chooseDevices([hit.id], up)) : clickGesture((up) => chooseDevices([hit.id], up));
    if (hit?.type === "ground") return clickGesture((up) => chooseDevices(groundedDevices(hit.id), up));
    return touch ? null : boxGesture(event);
  }

  // ---- events --------------------------------------------------------------------------------

  const onBoard = (event) => element.contains(event.target) && Boolean(event.target.closest?.("#board-cy, canvas"));

  let pressed = null;

  function onDown(event) {
    if (!onBoard(event)) {
      claimed = false;
      return;
    }
    rename.close();
    shift = event.shiftKey;
    element.focus({ preventScroll: true });
    if (active) {
      active.cancel(); // a second finger: leave the rest to cytoscape's pinch
      active = null;
      claimed = false;
      return;
    }
    pressed = { id: event.pointerId, x: event.clientX, y: event.clientY, still: true, button: event.button };
    active = gestureFor(event);
    claimed = active !== null || event.button === 2;
  }

  function onMove(event) {
    if (pressed && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > STILL) pressed.still = false;
    if (active) {
      if (!pressed.still) active.move(event);
    } else if (connection.active()) {
      aim(event);
    } else if (onBoard(event) && !pressed) {
      hover(event);
    }
  }

  function onUp(event) {
    if (!pressed || event.pointerId !== pressed.id) return;
    const { still, button } = pressed;
    const gesture = active;
    pressed = null;
    active = null;
    const doubled = still && button === 0 && isDouble(event);
    if (doubled && onDouble(event, gesture)) return;
    gesture?.up(event, still);
  }

  function isDouble(event) {
    const again = event.timeStamp - lastClick.time < DOUBLE_MS && Math.hypot(event.clientX - lastClick.x, event.clientY - lastClick.y) < 2 * STILL;
    lastClick = again ? { time: 0, x: 0, y: 0 } : { time: event.timeStamp, x: event.clientX, y: event.clientY };
    return again;
  }

  /** Double click: names a node, or makes one on empty board. */
  function onDouble(event, gesture) {
    if (!edits.editable() || !store.get("doc")) return false;
    const p = place(event);
    const hit = hitAt(p, event);
    const tool = store.get("tool");
    if (hit?.type === "node" && (tool === "select" || tool === "node")) {
      rename.open(hit.id);
      return true;
    }
    if (hit === null && (tool === "select" || (tool === "device" && !connection.active()))) {
      gesture?.cancel();
      edits.addNode(p);
      return true;
    }
    return false;
  }

  let hoverWaiting = false;
  function hover(event) {
    if (hoverWaiting) return;
    hoverWaiting = true;
    requestAnimationFrame(() => {
      hoverWaiting = false;
      const hit = hitAt(place(event), event);
      const shown = hit && hit.type !== "ground" ? { type: hit.type, id: hit.id } : null;
      const before = store.get("hover");
      if (before?.id !== shown?.id || before?.type !== shown?.type) store.set({ hover: shown });
      element.dataset.over = hit?.type ?? "";
    });
  }

  function leave() {
    if (!pressed && store.get("hover")) store.set({ hover: null });
  }

  const swallow = (event) => {
    if (!claimed || !onBoard(event)) return;
    event.stopPropagation();
    if (event.cancelable && event.type === "touchstart") event.preventDefault();
  };

  element.addEventListener("pointerdown", onDown, true);
  window.addEventListener("pointermove", onMove);
  window.addEventListener("pointerup", onUp);
  window.addEventListener("pointercancel", () => { active?.cancel(); active = pressed = null; });
  element.addEventListener("pointerleave", leave);
  element.addEventListener("mousedown", swallow, true);
  element.addEventListener("touchstart", swallow, { capture: true, passive: false });
  store.on(["tool", "doc"], () => cancelDrawing());

  return {
    connection,
    beginDrawing,
    finishDrawing,
    cancelDrawing,
    showGhost,
    hitAt: (event) => hitAt(place(event), event),
    place,
    adding: () => shift,
    /** The element on which a drawn device ends at ground and from which one can be drawn. */
    setDock(node) {
      dock = node;
      node.addEventListener("pointerdown", (event) => {
        if (!edits.editable() || event.target.closest("select")) return;
        event.preventDefault();
        event.stopPropagation();
        pressed = { id: event.pointerId, x: event.clientX, y: event.clientY, still: true, button: 0 };
        if (connection.active()) {
          active = drawGesture(event, null, { click: true });
          return;
        }
        active = drawGesture(event, GROUND, { click: true });
      });
    },
    /** Esc: true when there was something to cancel. */
    cancel() {
      active?.cancel();
      const was = active !== null || connection.active();
      active = pressed = null;
      cancelDrawing();
      return was;
    },
  };
}
