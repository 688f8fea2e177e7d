/**
 * The cytoscape adapter: the only file that knows cytoscape and where dash-cytoscape hides it.
 *
 * Cytoscape holds the nodes only, all transparent: it finds them under the pointer, drags and selects them,
 * zooms and pans. Devices are found by geometry (scene.mjs), because only that knows the curves that are painted.
 */

import { NODE_RADIUS, fitViewport, toBoard } from "../paint/geometry.mjs";
import { buildScene, inBox } from "../paint/scene.mjs";
import { createGestures } from "./gestures.mjs";
import { createEdits } from "./edits.mjs";
import { createRename } from "./rename.mjs";
import { runLayout } from "../document/layout.mjs";
import { nextFrame } from "../lib/pace.mjs";
import { attachMenu } from "./menu.mjs";

const ZOOM = { min: 0.03, max: 5 };
const GLIDE_MS = 220;
/** What dash-cytoscape listens to in order to write back to Python; we own the document. */
const WRITE_BACKS = [
  ["dragfree add remove"], ["add remove"], ["resize viewport"], ["tapstart"], ["minMaxZoomChange"],
  ["tap", "node"], ["tap", "edge"], ["mouseover", "node"], ["mouseover", "edge"], ["mouseout", "node"],
  ["mouseout", "edge"], ["select", "node"], ["unselect remove", "node"], ["select", "edge"], ["unselect remove", "edge"],
];
const INVISIBLE = [
  { selector: "node", style: { width: 2 * NODE_RADIUS, height: 2 * NODE_RADIUS, opacity: 0, "overlay-opacity": 0 } },
  { selector: "core", style: { "active-bg-opacity": 0, "selection-box-opacity": 0, "selection-box-border-width": 0 } },
];

/** The cytoscape instance of a mounted dash-cytoscape component, or null (React mounts late). */
const coreOf = (host) => host?._cyreg?.cy ?? null;

/**
 * @param {{element: HTMLElement, store: object, commands: object}} parts  element is #board or the #board-cy inside
 */
export function createCanvas({ element: given, store, commands }) {
  const element = given.closest("#board") ?? given;
  const listeners = { view: new Set(), scene: new Set(), marks: new Set() };
  const marks = { ghost: null, box: null, cut: null, candidate: null };
  const edits = createEdits(store);
  let cy = null;
  let viewport = { x: 0, y: 0, zoom: 1 };
  let moved = null; // places during a drag or a layout, before they are the document's
  let cached = { doc: null, revision: -1, moved: null, scene: null };
  let echo = false; // true while we change cytoscape ourselves
  let gliding = 0;
  let layoutRun = null;
  let fitWanted = true;

  const emit = (event) => listeners[event].forEach((fn) => fn());
  let extent = { width: element.clientWidth, height: element.clientHeight }; // kept: reading it forces a layout
  const size = () => extent;

  function scene() {
    const doc = store.get("doc");
    if (!doc) return null;
    if (cached.doc !== doc || cached.revision !== doc.revision || cached.moved !== moved) {
      cached = { doc, revision: doc.revision, moved, scene: buildScene(doc, moved) };
    }
    return cached.scene;
  }

  // ---- cytoscape -----------------------------------------------------------------------------

  function adopt(core) {
    cy = core;
    for (const args of WRITE_BACKS) cy.off(...args);
    cy.minZoom(ZOOM.min);
    cy.maxZoom(ZOOM.max);
    cy.boxSelectionEnabled(false);
    cy.style().fromJson(INVISIBLE).update();
    cy.viewport({ zoom: viewport.zoom, pan: { x: viewport.x, y: viewport.y } });
    cy.on("viewport", readViewport);
    cy.on("drag", "node", readDrag);
    cy.on("dragfree", "node", finishDrag);
    cy.on("select unselect", "node", readSelection);
    syncNodes();
    syncSelection();
    if (fitWanted) fit(null, { glide: false });
  }

  function readViewport() {
    const pan = cy.pan();
    viewport = { x: pan.x, y: pan.y, zoom: cy.zoom() };
    emit("view");
  }

  /** Dragged nodes are shown where they are; the document hears once, at the end. */
  function readDrag(event) {
    const places = new Map(moved ?? []);
    places.set(event.target.id(), { ...event.target.position() });
    moved = places;
    emit("scene");
  }

  let finishing = false;
  function finishDrag() {
    if (finishing) return; // one event a dragged node
    finishing = true;
    queueMicrotask(() => {
      finishing = false;
      const places = moved;
      moved = null;
      const doc = store.get("doc");
      if (!places || !doc || store.get("readOnly")) return syncNodes();
      doc.moveNodes([...places].filter(([id]) => doc.node(id)).map(([id, p]) => ({ id, x: Math.round(p.x), y: Math.round(p.y) })));
      emit("scene");
    });
  }

  let reading = false;
  function readSelection() {
    if (echo || reading) return;
    reading = true;
    queueMicrotask(() => {
      reading = false;
      const nodes = cy.nodes(":selected").map((n) => n.id());
      store.set({ selection: { nodes, devices: gestures.adding() ? store.get("selection").devices : [] } });
    });
  }

  function quietly(change) {
    echo = true;
    try {
      cy.batch(change);
    } finally {
      echo = false;
    }
  }

  /** Makes cytoscape's nodes those of the document, by id. */
  function syncNodes() {
    const doc = store.get("doc");
    if (!cy || !doc) return;
    if (store.get("network")) { // cells of a picture, not nodes to be dragged
      quietly(() => cy.nodes().remove());
      return;
    }
    quietly(() => {
      cy.nodes().filter((n) => !doc.node(n.id())).remove();
      const fresh = [];
      for (const { id, x, y } of doc.nodes) {
        const node = cy.getElementById(id);
        if (node.empty()) {
          fresh.push({ group: "nodes", data: { id }, position: { x, y } });
        } else {
          const at = node.position();
          if (at.x !== x || at.y !== y) node.position({ x, y });
        }
      }
      if (fresh.length > 0) cy.add(fresh);
    });
  }

  function syncSelection() {
    if (!cy) return;
    const wanted = new Set(store.get("selection").nodes);
    quietly(() => {
      cy.nodes(":selected").forEach((n) => { if (!wanted.has(n.id())) n.unselect(); });
      for (const id of wanted) {
        const node = cy.getElementById(id);
        if (node.nonempty() && !node.selected()) node.select();
      }
    });
  }

  // ---- viewport ------------------------------------------------------------------------------

  function setViewport(next) {
    viewport = { ...next, zoom: Math.min(ZOOM.max, Math.max(ZOOM.min, next.zoom)) };
    if (cy) cy.viewport({ zoom: viewport.zoom, pan: { x: viewport.x, y: viewport.y } });
    else emit("view");
  }

  /** Moves smoothly unless the user prefers none; zoom is interpolated by ratio. */
  function glideTo(next) {
    cancelAnimationFrame(gliding);
    const from = viewport;
    const start = performance.now();
    const { width, height } = size();
    const middle = { x: width / 2, y: height / 2 };
    const a = toBoard(from, middle.x, middle.y);
    const b = toBoard(next, middle.x, middle.y);
    const step = (now) => {
      const u = Math.min(1, (now - start) / GLIDE_MS);
      const s = 1 - (1 - u) ** 3;
      const zoom = from.zoom * (next.zoom / from.zoom) ** s;
      setViewport({ zoom, x: middle.x - zoom * (a.x + (b.x - a.x) * s), y: middle.y - zoom * (a.y + (b.y - a.y) * s) });
      if (u < 1) gliding = requestAnimationFrame(step);
      else setViewport(next);
    };
    gliding = requestAnimationFrame(step);
  }

  /** Shows everything, or the chosen elements. */
  function fit(selection = null, { glide = !window.matchMedia("(prefers-reduced-motion: reduce)").matches } = {}) {
    const shown = scene();
    const { width, height } = size();
    fitWanted = !shown || width === 0;
    if (fitWanted) return;
    const next = selection ? fitViewport(selectionBounds(shown, selection), width, height) : fitAll(shown, width, height);
    cancelAnimationFrame(gliding);
    if (glide) glideTo(next);
    else setViewport(next);
  }

  /** Everything, clear of the legend in the lower left corner and of the card at the right. */
  function fitAll(shown, width, height) {
    /** @type {HTMLElement|null} */
    const card = element.querySelector(".vision:not([hidden]), .plane:not([hidden])");
    if (card) width = Math.max(width / 2, width - card.offsetWidth - 8);
    const plain = fitViewport(shown.bounds, width, height);
    const legend = element.querySelector("#board-legend")?.getBoundingClientRect();
    if (!legend?.width) return plain;
    const frame = element.getBoundingClientRect();
    const a = toBoard(plain, 0, legend.top - frame.top);
    const b = toBoard(plain, legend.right - frame.left, height);
    const { nodes } = inBox(shown, a.x - 2 * NODE_RADIUS, a.y - 5 * NODE_RADIUS, b.x + 2 * NODE_RADIUS, b.y);
    if (nodes.length === 0) return plain;
    const below = legend.height + 8;
    return fitViewport(shown.bounds, width, height - below);
  }

  function zoomBy(factor, x = size().width / 2, y = size().height / 2) {
    const zoom = Math.min(ZOOM.max, Math.max(ZOOM.min, viewport.zoom * factor));
    const at = toBoard(viewport, x, y);
    setViewport({ zoom, x: x - at.x * zoom, y: y - at.y * zoom });
  }

  const centre = () => toBoard(viewport, size().width / 2, size().height / 2);

  // ---- layout --------------------------------------------------------------------------------

  /** Arranges the nodes, live; Esc or cancelLayout() keeps the old places. One undo step. */
  async function layout(name) {
    cancelLayout();
    const doc = store.get("doc");
    if (!doc || doc.nodes.length === 0) return null;
    const run = new AbortController();
    layoutRun = run;
    store.set({ layoutRunning: true });
    const show = (places) => { moved = places; emit("scene"); };
    const places = await runLayout(doc, { name, signal: run.signal, show, pause: nextFrame });
    if (layoutRun === run) layoutRun = null;
    store.set({ layoutRunning: false });
    moved = null;
    if (places && store.get("doc") === doc) {
      doc.setPositions(places);
      fit();
    } else {
      emit("scene");
    }
    return places;
  }

  function cancelLayout() {
    const running = layoutRun !== null;
    layoutRun?.abort();
    layoutRun = null;
    return running;
  }

  // ---- wiring --------------------------------------------------------------------------------

  const api = {
    element,
    edits,
    marks,
    scene,
    size,
    viewport: () => viewport,
    setViewport,
    panBy: (dx, dy) => setViewport({ ...viewport, x: viewport.x + dx, y: viewport.y + dy }),
    zoomBy,
    fit,
    centre,
    layout,
    cancelLayout,
    setMarks(patch) {
      Object.assign(marks, patch);
      emit("marks");
    },
    /** event: "view" pan or zoom, "scene" places changed, "marks" ghost and the like */
    on(event, fn) {
      listeners[event].add(fn);
      return () => listeners[event].delete(fn);
    },
    rename: (id) => rename.open(id),
    isRenaming: () => rename.isOpen(),
    addNodeAtCentre: (role) => edits.addNodeNear(centre(), role),
    connectGround: (id) => edits.ground([id]),
  };
  const rename = createRename({ canvas: api, store });
  const gestures = createGestures({ canvas: api, store, commands, rename });
  api.gestures = gestures;
  attachMenu({ canvas: api, store, commands });

  function refresh(_, keys) {
    if (keys.includes("doc")) {
      moved = null;
      cancelLayout();
      if (cached.doc !== store.get("doc")) fitWanted = true;
    }
    if (!moved) syncNodes();
    syncSelection();
    emit("scene");
    if (fitWanted && (store.get("doc")?.nodes.length ?? 0) > 0) fit(null, { glide: false });
  }
  store.on(["doc", "revision"], refresh);
  store.on(["selection"], syncSelection);

  api.ready = new Promise((resolve) => {
    const host = element.querySelector("#board-cy") ?? element;
    const look = () => {
      const core = coreOf(host) ?? coreOf(element.querySelector(".__________cytoscape_container")?.parentElement);
      if (!core) return setTimeout(look, 40);
      adopt(core);
      return resolve(api);
    };
    look();
  });

  new ResizeObserver(() => {
    extent = { width: element.clientWidth, height: element.clientHeight };
    cy?.resize();
    if (fitWanted) fit(null, { glide: false });
    emit("view");
  }).observe(element);

  return api;
}

function selectionBounds(scene, { nodes = [], devices = [] }) {
  const numbers = new Set(nodes.map((id) => scene.nodeIndex.get(id)));
  for (const id of devices) {
    const e = scene.deviceIndex.get(id);
    if (e !== undefined) [scene.source[e], scene.target[e]].forEach((n) => n >= 0 && numbers.add(n));
  }
  numbers.delete(undefined);
  if (numbers.size === 0) return scene.bounds;
  const bounds = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
  for (const n of numbers) {
    bounds.x0 = Math.min(bounds.x0, scene.x[n] - 2 * NODE_RADIUS);
    bounds.x1 = Math.max(bounds.x1, scene.x[n] + 2 * NODE_RADIUS);
    bounds.y0 = Math.min(bounds.y0, scene.y[n] - 2 * NODE_RADIUS);
    bounds.y1 = Math.max(bounds.y1, scene.y[n] + 2 * NODE_RADIUS);
  }
  return bounds;
}
