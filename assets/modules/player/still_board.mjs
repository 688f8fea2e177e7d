/** The board without an editor: it is moved, zoomed and pointed at by mouse, touch and keys; nothing is changed. */

import { createCamera } from "../board/camera.mjs";
import { wheelFactor } from "../board/navigation.mjs";
import { createPointing } from "../board/pointing.mjs";
import { buildScene } from "../paint/scene.mjs";

const STILL = 6; // pixels a tap may wander

/** The scene of the document that is shown, built once. */
function createScenes(store) {
  let known = { doc: null, scene: null };
  return function scene() {
    const doc = store.get("doc");
    if (doc !== known.doc) known = { doc, scene: doc && buildScene(doc) };
    return known.scene;
  };
}

/**
 * What the layers over the board ask of a canvas, see board/canvas.mjs.
 * @param {{element: HTMLElement, store: any}} parts
 */
export function createStillBoard({ element, store }) {
  const listeners = { view: new Set(), scene: new Set(), marks: new Set() };
  const emit = (event) => listeners[event].forEach((fn) => fn());
  const scene = createScenes(store);
  const camera = createCamera({ element, scene, show: () => emit("view") });
  const canvas = {
    ...camera, element, scene, setViewport: camera.set,
    marks: { ghost: null, box: null, cut: null, candidate: null },
    isRenaming: () => false,
    gestures: { connection: { active: () => false }, setDock() {} },
    on(event, fn) {
      listeners[event].add(fn);
      return () => listeners[event].delete(fn);
    },
  };
  store.on(["doc"], () => {
    emit("scene");
    camera.fit(null, { glide: false });
  });
  new ResizeObserver(() => {
    camera.measure();
    emit("view");
    camera.fit(null, { glide: false });
  }).observe(element);
  attachHands({ element, store, canvas });
  return canvas;
}

/** Where two or one fingers are: their middle, and how far apart. */
function handOf(pointers) {
  const places = [...pointers.values()];
  const x = places.reduce((sum, place) => sum + place.x, 0) / places.length;
  const y = places.reduce((sum, place) => sum + place.y, 0) / places.length;
  const [a, b] = places;
  return { x, y, span: b ? Math.hypot(a.x - b.x, a.y - b.y) : 0 };
}

/** Whether an event is for the circuit and not for what stands on the board beside it. */
const mine = (event) => Boolean(event.target.closest("canvas, #board")) && !event.target.closest(".board-card, .minimap, button");

/** Shows what is under the pointer, and selects it. */
function createSight({ element, store, canvas }) {
  const pointing = createPointing({ canvas, store });
  const found = (event) => {
    const hit = pointing.hitAt(pointing.place(event), event);
    return hit && hit.type !== "ground" ? { type: hit.type, id: hit.id } : null;
  };
  return {
    hover(event) {
      const shown = found(event);
      const before = store.get("hover");
      if (before?.id !== shown?.id || before?.type !== shown?.type) store.set({ hover: shown });
      element.dataset.over = shown?.type ?? "";
    },
    choose(event) {
      if (store.get("network")) return; // cells of a picture
      const hit = found(event);
      store.set({ hover: hit, selection: { nodes: hit?.type === "node" ? [hit.id] : [], devices: hit?.type === "device" ? [hit.id] : [] } });
    },
  };
}

/** A drag pans, two fingers or the wheel zoom, a tap selects. */
function attachHands({ element, store, canvas }) {
  const pointers = new Map();
  const sight = createSight({ element, store, canvas });
  let travelled = 0;
  const corner = () => element.getBoundingClientRect();

  function move(event) {
    if (!pointers.has(event.pointerId)) {
      if (event.pointerType === "mouse" && mine(event)) sight.hover(event);
      return;
    }
    const before = handOf(pointers);
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const now = handOf(pointers);
    travelled += Math.hypot(now.x - before.x, now.y - before.y) + Math.abs(now.span - before.span);
    if (travelled <= STILL) return;
    const { left, top } = corner();
    canvas.panBy(now.x - before.x, now.y - before.y);
    if (before.span > 0) canvas.zoomBy(now.span / before.span, now.x - left, now.y - top);
  }

  element.addEventListener("pointerdown", (event) => {
    if (!mine(event) || event.button > 1) return;
    if (pointers.size === 0) travelled = 0;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerleave", () => store.set({ hover: null }));
  for (const type of ["pointerup", "pointercancel"]) {
    element.addEventListener(type, (event) => {
      const held = pointers.delete(event.pointerId);
      if (held && type === "pointerup" && pointers.size === 0 && travelled <= STILL) sight.choose(event);
    });
  }
  element.addEventListener("wheel", (event) => {
    // Inside another page (a notebook, a slide) the wheel scrolls that page, unless Ctrl is held.
    if (!mine(event) || (window !== window.top && !event.ctrlKey)) return;
    event.preventDefault();
    const { left, top } = corner();
    canvas.zoomBy(wheelFactor(event), event.clientX - left, event.clientY - top);
  }, { passive: false });
}
