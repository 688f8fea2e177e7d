/** Walking the board by keyboard: from node to node, through devices, and moving what is chosen. */

import { sayDevice, sayNode } from "./spoken.mjs";

const STEP = 10; // board units of a move by arrow key
const MARGIN = 60; // pixels that a reached node keeps from the edge

/**
 * The node reached from number `from` in direction (dx, dy): near and straight ahead wins. Pure.
 * @returns {number} node number, or -1
 */
export function nextInDirection(scene, from, dx, dy) {
  let best = -1;
  let least = Infinity;
  for (let n = 0; n < scene.N; n++) {
    const x = scene.x[n] - scene.x[from];
    const y = scene.y[n] - scene.y[from];
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy - y * dx);
    if (n === from || ahead <= 1e-6 || aside > 2.2 * ahead) continue;
    const cost = ahead + 2 * aside;
    if (cost < least) [least, best] = [cost, n];
  }
  return best;
}

/** The node nearest to a board point, or -1. Pure. */
export function nearestNode(scene, x, y) {
  let best = -1;
  let least = Infinity;
  for (let n = 0; n < scene.N; n++) {
    const away = Math.hypot(scene.x[n] - x, scene.y[n] - y);
    if (away < least) [least, best] = [away, n];
  }
  return best;
}

/** @param {{store, canvas, say: (text: string) => void}} parts */
export function createWalking({ store, canvas, say }) {
  const { connection, showGhost } = canvas.gestures;
  const doc = () => store.get("doc");
  const chosen = () => store.get("selection").nodes[0] ?? null;
  let aimed = null; // the end chosen by arrows while connecting

  function choose(id) {
    store.set({ selection: { nodes: [id], devices: [] } });
    keepInView(canvas, id);
    say(sayNode(doc(), id, store.get("sim")?.valueAt(id, store.get("time")) ?? NaN));
  }

  function startNode() {
    const scene = canvas.scene();
    const middle = canvas.centre();
    return scene?.N > 0 ? scene.nodeIds[nearestNode(scene, middle.x, middle.y)] : null;
  }

  function walk([dx, dy]) {
    const scene = canvas.scene();
    const from = connection.active() ? (aimed ?? connection.source()) : chosen();
    const start = scene?.nodeIndex.get(from);
    if (start === undefined) {
      const first = startNode();
      if (first) choose(first);
      return;
    }
    const next = nextInDirection(scene, start, dx, dy);
    if (next < 0) return;
    const id = scene.nodeIds[next];
    if (connection.active()) aimAt(id, next);
    else choose(id);
  }

  function aimAt(id, n) {
    const scene = canvas.scene();
    aimed = id;
    connection.aim({ x: scene.x[n], y: scene.y[n] }, id);
    showGhost();
    keepInView(canvas, id);
    say(id === connection.source() ? `${id}, the beginning` : `to ${id}`);
  }

  /** Tab walks the nodes in their order and leaves the board at either end. */
  function tab(back) {
    const ids = doc()?.nodes.map((n) => n.id) ?? [];
    const at = ids.indexOf(chosen());
    const next = at < 0 ? (back ? -1 : 0) : at + (back ? -1 : 1);
    if (next < 0 || next >= ids.length) return false;
    choose(ids[next]);
    return true;
  }

  return { walk, tab, forgetAim: () => { aimed = null; } };
}

/** Walks through the devices of the node that was chosen last, or of the whole circuit. */
export function createDeviceWalk({ store, say }) {
  let lastNode = null;
  store.on(["selection"], ({ selection }) => { if (selection.nodes.length > 0) lastNode = selection.nodes[0]; });

  return function nextDevice() {
    const doc = store.get("doc");
    const { nodes, devices } = store.get("selection");
    const present = devices[0] ? doc.device(devices[0]) : null;
    const home = nodes[0] ?? lastNode;
    const list = home && doc.node(home) ? doc.devicesAt(home) : doc.devices;
    if (list.length === 0) return say("No devices here.");
    const at = present ? list.findIndex((d) => d.id === present.id) : -1;
    const { id } = list[(at + 1) % list.length];
    store.set({ selection: { nodes: [], devices: [id] } });
    return say(sayDevice(doc, id, store.get("registry")));
  };
}

/** Moves the chosen nodes by a step; one undo step until the key is released. */
export function nudge({ store, canvas }, [dx, dy]) {
  const doc = store.get("doc");
  const ids = store.get("selection").nodes;
  if (ids.length === 0 || !canvas.edits.editable()) return false;
  doc.transient(() => doc.moveNodes(ids.map((id) => {
    const { x, y } = doc.node(id);
    return { id, x: x + STEP * dx, y: y + STEP * dy };
  })));
  return true;
}

function keepInView(canvas, id) {
  const scene = canvas.scene();
  const n = scene.nodeIndex.get(id);
  const { x, y, zoom } = canvas.viewport();
  const { width, height } = canvas.size();
  const [sx, sy] = [scene.x[n] * zoom + x, scene.y[n] * zoom + y];
  const dx = sx < MARGIN ? MARGIN - sx : sx > width - MARGIN ? width - MARGIN - sx : 0;
  const dy = sy < MARGIN ? MARGIN - sy : sy > height - MARGIN ? height - MARGIN - sy : 0;
  if (dx || dy) canvas.panBy(dx, dy);
}
