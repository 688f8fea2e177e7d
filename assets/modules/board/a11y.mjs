/** The board by keyboard and for screen readers: which key walks, connects or places, and what is said of it. */

import { GROUND } from "../document/format.mjs";
import { createSpeech, watchDocument } from "./spoken.mjs";
import { createDeviceWalk, createWalking, nearestNode, nudge } from "./walking.mjs";

const PLACE = 120; // distance of a node made by keyboard from the one it hangs on
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {{board: HTMLElement, live: HTMLElement|null, store, commands, canvas}} parts */
export function attachA11y({ board, live, store, commands, canvas }) {
  const say = createSpeech(live);
  const walking = createWalking({ store, canvas, say });
  const nextDevice = createDeviceWalk({ store, say });
  const connecting = createConnecting({ store, commands, canvas, walking, say });
  const { connection } = canvas.gestures;

  /** Runs what a key stands for; whether it stands for anything here. */
  function run(event, plain) {
    const arrow = ARROWS[event.key];
    if (!plain) return false;
    if (arrow && event.shiftKey) return nudge({ store, canvas }, arrow);
    if (arrow) return done(walking.walk(arrow));
    if (event.key === "Tab") return !connection.active() && walking.tab(event.shiftKey);
    if (event.key === "Enter") return connecting.enter();
    if (connection.active()) return connecting.key(event.key.toLowerCase());
    if (event.shiftKey) return false;
    if (event.key.toLowerCase() === "c") return done(connecting.begin());
    if (event.key.toLowerCase() === "d") return done(nextDevice());
    return false;
  }

  board.addEventListener("keydown", (event) => {
    if (event.target !== board || !store.get("doc") || event.defaultPrevented) return;
    if (!run(event, !event.ctrlKey && !event.metaKey && !event.altKey)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  board.addEventListener("keyup", (event) => { if (ARROWS[event.key] || event.key === "Shift") store.get("doc")?.commit(); });
  watchDocument(store, say);
}

const done = (_) => true;

/** Drawing devices and placing nodes by keyboard. */
function createConnecting({ store, commands, canvas, walking, say }) {
  const { gestures, edits } = canvas;
  const { connection } = gestures;
  const chosen = () => store.get("selection").nodes[0] ?? null;

  function begin() {
    const id = chosen();
    if (!id || !edits.editable()) return say("Choose a node first.");
    const scene = canvas.scene();
    const n = scene.nodeIndex.get(id);
    walking.forgetAim();
    gestures.beginDrawing(id, { x: scene.x[n], y: scene.y[n] });
    connection.aim({ x: scene.x[n], y: scene.y[n] }, id);
    gestures.showGhost();
    return say(`Connecting from ${id}. Arrows choose the end, Enter connects, G ends at ground, N at a new node, Escape cancels.`);
  }

  /** After a connection the walk goes on from its end; the new device stays known as the last change. */
  function finish() {
    const { do: made, source, target } = gestures.finishDrawing();
    if (made !== "connect") return say("Nothing connected.");
    const end = target === GROUND ? source : target;
    if (end !== GROUND) store.set({ selection: { nodes: [end], devices: [] } });
    return say(`Connected ${source} to ${target === GROUND ? "ground" : target}.`);
  }

  function enter() {
    const tool = store.get("tool");
    if (connection.active()) return done(finish());
    if (tool === "node" && edits.editable()) return done(say(`Added ${edits.addNodeNear(beside(canvas, store, chosen()))}.`));
    if (["input", "output", "probe"].includes(tool) && chosen()) return commands.run(tool === "probe" ? "probe" : `mark-${tool}`, chosen());
    return toInspector(store);
  }

  /** A key while a line is drawn: G ends it at ground, N at a new node. */
  function key(letter) {
    const source = connection.source();
    if (letter === "g") {
      connection.aim(canvas.centre(), GROUND);
      return enter();
    }
    if (letter !== "n") return false;
    gestures.cancelDrawing();
    const made = edits.connectToNew(source, freeFrom(canvas.scene(), beside(canvas, store, source)));
    store.set({ selection: { nodes: [made.node], devices: [] } });
    say(`Added ${made.node}, connected from ${source}.`);
    return true;
  }

  return { begin, enter, key };
}

/** Moves the focus to the fields of what is chosen; whether there are any. */
function toInspector(store) {
  const { nodes, devices } = store.get("selection");
  /** @type {HTMLElement|null|undefined} */
  const first = document.getElementById("inspector")?.querySelector("input, select, button, [tabindex='0']");
  if (nodes.length > 0 || devices.length > 0) first?.focus();
  return Boolean(first);
}

/** A place beside a node, or the middle of the view. */
function beside(canvas, store, id) {
  const node = id && store.get("doc").node(id);
  return node ? { x: node.x + PLACE, y: node.y } : canvas.centre();
}

/** The first free place at or below a point. */
function freeFrom(scene, { x, y }) {
  for (let k = 0; k < 20; k++) {
    const n = nearestNode(scene, x, y);
    if (n < 0 || Math.hypot(scene.x[n] - x, scene.y[n] - y) > 60) break;
    y += 90;
  }
  return { x, y };
}
