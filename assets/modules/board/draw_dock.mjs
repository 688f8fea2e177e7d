/** The bar of the Device tool: which law the next device gets, and ground as an end to drop on or draw from. */

import { kindMenu } from "../document/kind_menu.mjs";
import { lacksControl } from "../document/kinds.mjs";
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
    const { registry, doc } = store.get();
    put(kinds, ...kindMenu(registry).map(({ group, kinds: members }) => el("optgroup", { label: group },
      members.map(({ kind, title }) => el("option", { value: kind, disabled: lacksControl(registry, kind, doc?.devices ?? []) }, title)))));
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
  store.on(["registry", "deviceKind", "doc", "revision"], fill);
  store.on(["tool", "readOnly"], show);
  store.on(["selection", "revision"], learnKind);
  fill();
  show();
}
