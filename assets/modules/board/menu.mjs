/** The context menu of the board and the commands that only make sense there. */

import { el, put } from "../lib/dom.mjs";
import { toBoard } from "../paint/geometry.mjs";
import { itemsFor } from "./menu_items.mjs";
import { registerPictures } from "./picture.mjs";
import { hasTwoInputs } from "../views/input_plane_source.mjs";

/** @param {{canvas, store, commands}} parts */
export function attachMenu(parts) {
  const { canvas, store, commands } = parts;
  const { element, edits, gestures } = canvas;
  const menu = createBox(canvas);
  const doc = () => store.get("doc");
  const chosen = () => store.get("selection");
  const hasNodes = () => edits.editable() && chosen().nodes.some((id) => doc().node(id));
  const hasDevices = () => edits.editable() && chosen().devices.some((id) => doc().device(id));

  const entry = (title, run, enabled, group = "Edit") => ({ title, group, run, enabled });
  commands.registerAll({
    ground: entry("Connect the selected nodes to ground", () => edits.ground(chosen().nodes), hasNodes),
    "add-node": entry("Add a node in the middle of the view", () => canvas.addNodeAtCentre(), () => edits.editable()),
    "reverse-device": entry("Turn the selected devices round", () => edits.reverse(chosen().devices), hasDevices),
    "zoom-in": entry("Zoom in", () => canvas.zoomBy(1.25), () => Boolean(doc()), "View"),
    "zoom-out": entry("Zoom out", () => canvas.zoomBy(0.8), () => Boolean(doc()), "View"),
    capacitors: entry("Show the capacitors of nodes, or not", () => store.set({ capacitors: !store.get("capacitors") }), () => Boolean(doc()) && !store.get("network"), "View"),
    "node-portraits": entry("Show portraits over two inputs, or not", () => store.set({ portraits: !store.get("portraits") }), () => hasTwoInputs(doc()) && !store.get("network"), "View"),
    "node-plots": entry("Show plots beside nodes, or not", () => store.set({ plots: !store.get("plots") }), () => Boolean(doc()) && !store.get("network"), "View"),
    cancel: { title: "Cancel", group: "Edit", palette: false, run: cancel },
  });
  registerPictures({ canvas, store, commands });

  /** Esc: the innermost thing going on ends. */
  function cancel() {
    if (menu.isOpen()) return menu.close();
    if (canvas.cancelLayout() || gestures.cancel()) return undefined;
    if (store.get("tool") !== "select") return store.set({ tool: "select" });
    return store.set({ selection: { nodes: [], devices: [] } });
  }

  element.addEventListener("contextmenu", (event) => {
    if (!doc() || menu.contains(event.target) || event.target.closest("input")) return;
    event.preventDefault();
    gestures.cancelDrawing();
    openFor(parts, menu, event);
  });
}

/** Opens the menu where it was asked for: at the pointer, or by keyboard in the middle for what is chosen. */
function openFor(parts, menu, event) {
  const { canvas, store } = parts;
  const frame = canvas.element.getBoundingClientRect();
  if (event.button !== 2 && event.pointerType !== "touch" && event.target === canvas.element) {
    const { nodes, devices } = store.get("selection");
    const hit = nodes[0] ? { type: "node", id: nodes[0] } : devices[0] ? { type: "device", id: devices[0] } : null;
    menu.open(itemsFor(parts, hit, canvas.centre()), frame.width / 2, frame.height / 2);
    return;
  }
  const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
  menu.open(itemsFor(parts, canvas.gestures.hitAt(event), toBoard(canvas.viewport(), x, y)), x, y);
}

/** The box of the menu on the board. */
function createBox(canvas) {
  const box = el("div", { class: "board-menu", role: "menu", tabindex: "-1", hidden: true });
  canvas.element.append(box);

  function open(items, x, y) {
    put(box, ...items.map((item) => rowOf(item, close)));
    box.hidden = false;
    const { width, height } = canvas.size();
    box.style.left = `${Math.max(4, Math.min(x, width - box.offsetWidth - 8))}px`;
    box.style.top = `${Math.max(4, Math.min(y, height - box.offsetHeight - 8))}px`;
    box.querySelector("button:not(:disabled)")?.focus({ preventScroll: true });
  }

  function close() {
    if (box.hidden) return;
    box.hidden = true;
    canvas.element.focus({ preventScroll: true });
  }

  box.addEventListener("keydown", (event) => walkRows(event, box, close));
  document.addEventListener("pointerdown", (event) => { if (!box.hidden && !box.contains(/** @type {Node} */ (event.target))) close(); }, true);
  canvas.on("view", close);
  return { open, close, isOpen: () => !box.hidden, contains: (node) => box.contains(node) };
}

function rowOf(entry, close) {
  if (entry === null) return el("div", { class: "menu-line", role: "separator" });
  const role = entry.checked === null ? "menuitem" : "menuitemcheckbox";
  const button = el("button", { type: "button", class: "menu-row", role, tabindex: "-1" },
    el("span", { class: "menu-check", "aria-hidden": "true" }, entry.checked ? "✓" : ""),
    el("span", {}, entry.title), entry.keys ? el("kbd", {}, entry.keys) : null);
  if (entry.checked !== null) button.setAttribute("aria-checked", String(Boolean(entry.checked)));
  button.disabled = entry.off;
  button.addEventListener("click", () => {
    close();
    entry.run();
  });
  return button;
}

/** Arrows, Home and End walk the rows; Escape and Tab close. */
function walkRows(event, box, close) {
  const rows = [...box.querySelectorAll("button:not(:disabled)")];
  const at = rows.indexOf(document.activeElement);
  const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (move) rows[(at + move + rows.length) % rows.length]?.focus();
  else if (event.key === "Home") rows[0]?.focus();
  else if (event.key === "End") rows.at(-1)?.focus();
  else if (event.key === "Escape" || event.key === "Tab") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
