/** The board by keyboard and for screen readers: walking, connecting, placing, and saying what happened. */

import { GROUND } from "../document/format.mjs";
import { quantity } from "../lib/numbers.mjs";

const STEP = 10; // board units of a move by arrow key
const PLACE = 120; // distance of a node made by keyboard from the one it hangs on
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

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

/** One sentence about a node: "n3, input, 0.51 V, 4 devices". Pure. */
export function sayNode(doc, id, value) {
  const node = doc.node(id);
  if (!node) return "";
  const count = doc.devicesAt(id).length;
  const parts = [node.label ? `${node.label}, ${id}` : id];
  if (node.role !== "hidden") parts.push(node.role === "both" ? "input and output" : node.role);
  parts.push(quantity(Number.isFinite(value) ? value : node.voltage, "V"));
  parts.push(count === 1 ? "1 device" : `${count} devices`);
  return parts.join(", ");
}

/** One sentence about a device: "d2, tanh from n1 to ground". Pure. */
export function sayDevice(doc, id, registry) {
  const device = doc.device(id);
  if (!device) return "";
  const end = (name) => (name === GROUND ? "ground" : name);
  const title = registry?.devices?.[device.kind]?.title ?? device.kind.replaceAll("_", " ");
  return `${id}, ${title} from ${end(device.source)} to ${end(device.target)}`;
}

/** @param {{board: HTMLElement, live: HTMLElement|null, store, commands, canvas}} parts */
export function attachA11y({ board, live, store, commands, canvas }) {
  const { gestures, edits } = canvas;
  const { connection } = gestures;
  const doc = () => store.get("doc");
  const chosen = () => store.get("selection").nodes[0] ?? null;
  let aimed = null; // the end chosen by arrows while connecting

  function say(text) {
    if (!live || !text) return;
    live.textContent = live.textContent === text ? `${text}\u00a0` : text; // the same words twice are news too
  }

  const valueOf = (id) => store.get("sim")?.valueAt(id, store.get("time")) ?? NaN;

  function choose(id) {
    store.set({ selection: { nodes: [id], devices: [] } });
    keepInView(id);
    say(sayNode(doc(), id, valueOf(id)));
  }

  function keepInView(id) {
    const scene = canvas.scene();
    const n = scene.nodeIndex.get(id);
    const { x, y, zoom } = canvas.viewport();
    const { width, height } = canvas.size();
    const [sx, sy] = [scene.x[n] * zoom + x, scene.y[n] * zoom + y];
    const margin = 60;
    const dx = sx < margin ? margin - sx : sx > width - margin ? width - margin - sx : 0;
    const dy = sy < margin ? margin - sy : sy > height - margin ? height - margin - sy : 0;
    if (dx || dy) canvas.panBy(dx, dy);
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
    if (!connection.active()) return choose(id);
    aimed = id;
    connection.aim({ x: scene.x[next], y: scene.y[next] }, id);
    gestures.showGhost();
    keepInView(id);
    say(id === connection.source() ? `${id}, the beginning` : `to ${id}`);
  }

  function nudge([dx, dy]) {
    const ids = store.get("selection").nodes;
    if (ids.length === 0 || !edits.editable()) return false;
    doc().transient(() => doc().moveNodes(ids.map((id) => {
      const { x, y } = doc().node(id);
      return { id, x: x + STEP * dx, y: y + STEP * dy };
    })));
    return true;
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

  function nextDevice() {
    const { nodes, devices } = store.get("selection");
    const present = devices[0] ? doc().device(devices[0]) : null;
    const home = nodes[0] ?? lastNode;
    const list = home && doc().node(home) ? doc().devicesAt(home) : doc().devices;
    if (list.length === 0) return say("No devices here.");
    const at = present ? list.findIndex((d) => d.id === present.id) : -1;
    const { id } = list[(at + 1) % list.length];
    store.set({ selection: { nodes: [], devices: [id] } });
    return say(sayDevice(doc(), id, store.get("registry")));
  }
  let lastNode = null;
  store.on(["selection"], ({ selection }) => { if (selection.nodes.length > 0) lastNode = selection.nodes[0]; });

  function beginConnection() {
    const id = chosen();
    if (!id || !edits.editable()) return say("Choose a node first.");
    const scene = canvas.scene();
    const n = scene.nodeIndex.get(id);
    aimed = null;
    gestures.beginDrawing(id, { x: scene.x[n], y: scene.y[n] });
    connection.aim({ x: scene.x[n], y: scene.y[n] }, id);
    gestures.showGhost();
    return say(`Connecting from ${id}. Arrows choose the end, Enter connects, G ends at ground, N at a new node, Escape cancels.`);
  }

  function besideChosen(id) {
    const node = id && doc().node(id);
    return node ? { x: node.x + PLACE, y: node.y } : canvas.centre();
  }

  function enter() {
    if (connection.active()) {
      const result = gestures.finishDrawing();
      if (result.do === "connect") {
        keepNode(result.target === GROUND ? result.source : result.target);
        say(`Connected ${result.source} to ${result.target === GROUND ? "ground" : result.target}.`);
      } else {
        say("Nothing connected.");
      }
      return true;
    }
    if (store.get("tool") === "node" && edits.editable()) {
      say(`Added ${edits.addNodeNear(besideChosen(chosen()))}.`);
      return true;
    }
    if (["input", "output", "probe"].includes(store.get("tool")) && chosen()) {
      const name = store.get("tool");
      return commands.run(name === "probe" ? "probe" : `mark-${name}`, chosen());
    }
    const panel = document.getElementById("inspector");
    /** @type {HTMLElement|null} */
    const first = panel?.querySelector("input, select, button, [tabindex='0']");
    if (chosen() || store.get("selection").devices.length > 0) first?.focus();
    return Boolean(first);
  }

  /** After a connection the walk goes on from its end; the new device stays known as the last change. */
  function keepNode(id) {
    if (id !== GROUND) store.set({ selection: { nodes: [id], devices: [] } });
  }

  function whileConnecting(event) {
    const source = connection.source();
    if (event.key === "g" || event.key === "G") {
      connection.aim(canvas.centre(), GROUND);
      enter();
      return true;
    }
    if (event.key === "n" || event.key === "N") {
      gestures.cancelDrawing();
      const at = besideChosen(source);
      const made = edits.connectToNew(source, freeBeside(at));
      store.set({ selection: { nodes: [made.node], devices: [] } });
      say(`Added ${made.node}, connected from ${source}.`);
      return true;
    }
    return false;
  }

  function freeBeside(point) {
    const scene = canvas.scene();
    let { x, y } = point;
    for (let k = 0; k < 20; k++) {
      const n = nearestNode(scene, x, y);
      if (n < 0 || Math.hypot(scene.x[n] - x, scene.y[n] - y) > 60) break;
      y += 90;
    }
    return { x, y };
  }

  function onKey(event) {
    if (event.target !== board || !doc() || event.defaultPrevented) return;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const arrow = ARROWS[event.key];
    let done = false;
    if (arrow && plain) {
      if (event.shiftKey) done = nudge(arrow);
      else walk(arrow), (done = true);
    } else if (event.key === "Tab" && plain) {
      done = !connection.active() && tab(event.shiftKey);
    } else if (event.key === "Enter" && plain) {
      done = enter();
    } else if (plain && connection.active()) {
      done = whileConnecting(event);
    } else if (plain && !event.shiftKey && event.key.toLowerCase() === "c") {
      beginConnection();
      done = true;
    } else if (plain && !event.shiftKey && event.key.toLowerCase() === "d") {
      nextDevice();
      done = true;
    }
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  }

  board.addEventListener("keydown", onKey);
  board.addEventListener("keyup", (event) => { if (ARROWS[event.key] || event.key === "Shift") doc()?.commit(); });
  watchDocument(store, say);
}

/** Says what an edit did, whoever made it. */
function watchDocument(store, say) {
  let off = () => {};
  const words = { undo: "Undone.", redo: "Redone.", remove: "Removed.", replace: "Another circuit." };
  const follow = ({ doc }) => {
    off();
    off = doc?.on("change", ({ kind }) => say(words[kind] ?? "")) ?? (() => {});
  };
  store.on(["doc"], follow);
  follow(store.get());
}
