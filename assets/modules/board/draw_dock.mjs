/** The bar of the Device tool: which law the next device gets, and ground as an end to drop on or draw from. */

import { el, put } from "../lib/dom.mjs";
import { chosenKind } from "./edits.mjs";

const GROUND_TITLE = "Drop a device here to end it at ground; drag from here to begin there";

export function createDrawDock({ container, store, canvas }) {
  const kinds = el("select", { class: "dock-kind", "aria-label": "Kind of new devices" });
  const mark = el("span", { class: "ground-mark", "aria-hidden": "true" });
  const ground = el("div", { class: "dock-ground", title: GROUND_TITLE }, mark, "Ground");
  const bar = el("div", { class: "board-card draw-dock" }, el("label", { class: "dock-label" }, "Drag node to node", kinds), ground);
  container.append(bar);

  function fill() {
    const devices = store.get("registry")?.devices ?? {};
    put(kinds, ...Object.entries(devices).map(([kind, law]) => el("option", { value: kind }, law.title ?? kind)));
    kinds.value = chosenKind(store);
  }

  function show() {
    const { tool, readOnly } = store.get();
    const drawing = canvas.gestures.connection.active();
    const shown = !readOnly && (tool === "device" || drawing);
    bar.classList.toggle("shown", shown);
    container.classList.toggle("with-dock", shown);
  }

  /** The kind of the device just inspected is the likeliest next one. */
  function learnKind({ selection, doc }) {
    if (selection.devices.length !== 1 || selection.nodes.length > 0) return;
    const kind = doc?.device(selection.devices[0])?.kind;
    if (kind && kind !== store.get("deviceKind")) store.set({ deviceKind: kind });
  }

  kinds.addEventListener("change", () => {
    store.set({ deviceKind: kinds.value });
    container.focus({ preventScroll: true });
  });
  canvas.gestures.setDock(ground);
  canvas.on("marks", show);
  store.on(["registry", "deviceKind"], fill);
  store.on(["tool", "readOnly"], show);
  store.on(["selection", "revision"], learnKind);
  fill();
  show();
}
