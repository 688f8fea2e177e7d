/**
 * The cytoscape adapter: the only file that knows cytoscape and where dash-cytoscape hides it.
 *
 * Cytoscape holds the nodes only, all transparent: it finds them under the pointer, drags and selects them,
 * zooms and pans. Devices are found by geometry (scene.mjs), because only that knows the curves that are painted.
 */

import { NODE_RADIUS } from "../paint/geometry.mjs";
import { ZOOM, createCamera } from "./camera.mjs";
import { createEdits } from "./edits.mjs";
import { createGestures } from "./gestures.mjs";
import { attachMenu } from "./menu.mjs";
import { createArranging, createPlaces } from "./places.mjs";
import { createRename } from "./rename.mjs";

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

/** Resolves to the cytoscape instance once dash-cytoscape has made it. */
const findCore = (element) => new Promise((resolve) => {
  const host = element.querySelector("#board-cy") ?? element;
  const look = () => {
    const core = coreOf(host) ?? coreOf(element.querySelector(".__________cytoscape_container")?.parentElement);
    if (core) resolve(core);
    else setTimeout(look, 40);
  };
  look();
});

const panOf = ({ x, y, zoom }) => ({ zoom, pan: { x, y } });

/** Makes cytoscape's nodes those of the document, by id. */
function copyNodes(cy, doc) {
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
}

function copySelection(cy, wanted) {
  cy.nodes(":selected").forEach((n) => { if (!wanted.has(n.id())) n.unselect(); });
  for (const id of wanted) {
    const node = cy.getElementById(id);
    if (node.nonempty() && !node.selected()) node.select();
  }
}

/** Calls `fn` once after several events of one turn: cytoscape sends one a node. */
function gathered(fn) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      fn();
    });
  };
}

/**
 * Keeps cytoscape's nodes, selection and view equal to ours, and ours to what people do with them.
 * @param {{store, places, onView: (viewport) => void, adding: () => boolean}} parts
 */
function createCore({ store, places, onView, adding }) {
  let cy = null;
  let echo = false; // true while we change cytoscape ourselves

  function quietly(change) {
    echo = true;
    try {
      cy.batch(change);
    } finally {
      echo = false;
    }
  }

  function syncNodes() {
    const doc = store.get("doc");
    if (!cy || !doc) return;
    if (store.get("network")) quietly(() => cy.nodes().remove()); // cells of a picture, not nodes to be dragged
    else quietly(() => copyNodes(cy, doc));
  }

  function syncSelection() {
    if (cy) quietly(() => copySelection(cy, new Set(store.get("selection").nodes)));
  }

  // Dragged nodes are shown where they are; the document hears once, at the end.
  const readDrag = ({ target }) => places.show(new Map(places.moved() ?? []).set(target.id(), { ...target.position() }));
  const finishDrag = gathered(() => {
    const moved = places.moved();
    places.forget();
    const doc = store.get("doc");
    if (!moved || !doc || store.get("readOnly")) return syncNodes();
    doc.moveNodes([...moved].filter(([id]) => doc.node(id)).map(([id, p]) => ({ id, x: Math.round(p.x), y: Math.round(p.y) })));
    return places.show(null);
  });

  const readSelection = gathered(() => {
    const nodes = cy.nodes(":selected").map((n) => n.id());
    store.set({ selection: { nodes, devices: adding() ? store.get("selection").devices : [] } });
  });

  function adopt(core, viewport) {
    cy = core;
    for (const args of WRITE_BACKS) cy.off(...args);
    cy.minZoom(1e-6); // the camera knows how far out one may go
    cy.maxZoom(ZOOM.max);
    cy.boxSelectionEnabled(false);
    cy.style().fromJson(INVISIBLE).update();
    cy.viewport(panOf(viewport));
    cy.on("viewport", () => onView({ x: cy.pan().x, y: cy.pan().y, zoom: cy.zoom() }));
    cy.on("drag", "node", readDrag);
    cy.on("dragfree", "node", finishDrag);
    cy.on("select unselect", "node", () => { if (!echo) readSelection(); });
    syncNodes();
    syncSelection();
  }

  return { adopt, syncNodes, syncSelection, resize: () => cy?.resize(), show: (viewport) => (cy ? cy.viewport(panOf(viewport)) : onView(viewport)) };
}

/**
 * @param {{element: HTMLElement, store: object, commands: object}} parts  element is #board or the #board-cy inside
 */
export function createCanvas({ element: given, store, commands }) {
  /** @type {HTMLElement} */
  const element = given.closest("#board") ?? given;
  const listeners = { view: new Set(), scene: new Set(), marks: new Set() };
  const emit = (event) => listeners[event].forEach((fn) => fn());
  const marks = { ghost: null, box: null, cut: null, candidate: null };
  const edits = createEdits(store);
  const places = createPlaces({ store, onMoved: () => emit("scene") });
  const camera = createCamera({ element, scene: places.scene, show: (viewport) => core.show(viewport) });
  const core = createCore({ store, places, onView: seen, adding: () => gestures.adding() });
  const arranging = createArranging({ store, places, fit: () => camera.fit() });

  function seen(viewport) {
    camera.accept(viewport);
    emit("view");
  }

  const { viewport, size, panBy, zoomBy, fit, centre, set: setViewport } = camera;
  const api = {
    element, edits, marks, scene: places.scene,
    viewport, size, setViewport, panBy, zoomBy, fit, centre,
    layout: arranging.arrange,
    cancelLayout: arranging.cancel,
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
    /** @type {any} */
    gestures: null,
    /** @type {any} resolves to this once cytoscape is there */
    ready: null,
  };
  const rename = createRename({ canvas: api, store });
  const gestures = createGestures({ canvas: api, store, commands, rename });
  api.gestures = gestures;
  attachMenu({ canvas: api, store, commands });
  follow({ store, places, camera, core, arranging, emit });
  api.ready = findCore(element).then((found) => {
    core.adopt(found, viewport());
    camera.fitIfWanted();
    return api;
  });
  watchSize({ element, camera, core, emit });
  return api;
}

/** Keeps what is shown in step with the document and the selection. */
function follow({ store, places, camera, core, arranging, emit }) {
  store.on(["doc", "revision"], (_, keys) => {
    if (keys.includes("doc")) {
      places.forget();
      arranging.cancel();
      if (!places.isShown(store.get("doc"))) camera.wantFit();
    }
    if (!places.moved()) core.syncNodes();
    core.syncSelection();
    emit("scene");
    if ((store.get("doc")?.nodes.length ?? 0) > 0) camera.fitIfWanted();
  });
  store.on(["selection"], core.syncSelection);
}

function watchSize({ element, camera, core, emit }) {
  new ResizeObserver(() => {
    camera.measure();
    core.resize();
    camera.fitIfWanted();
    emit("view");
  }).observe(element);
}
