/** The small text field that opens on a node or device to change its name. */

import { pointOn, toScreen } from "../paint/geometry.mjs";

/** @param {{canvas: object, store: object}} parts */
export function createRename({ canvas, store }) {
  let field = null;
  let subject = null;

  function placeOf(id) {
    const scene = canvas.scene();
    const n = scene.nodeIndex.get(id);
    const e = scene.deviceIndex.get(id);
    if (n === undefined && e === undefined) return null;
    const at = n !== undefined ? { x: scene.x[n], y: scene.y[n] } : pointOn(scene.curves, e, scene.anchor[e]);
    return toScreen(canvas.viewport(), at.x, at.y);
  }

  /** The board gets the focus back unless something else was just given it. */
  function close({ focus = true } = {}) {
    const old = field;
    field = null; // before removal: removing the field fires its blur event
    subject = null;
    old?.remove();
    if (focus) canvas.element.focus({ preventScroll: true });
  }

  function accept({ focus = true } = {}) {
    const doc = store.get("doc");
    const name = field.value.trim();
    const id = subject;
    if (name === id) return close({ focus });
    try {
      if (doc.node(id)) doc.renameNode(id, name);
      else doc.renameDevice(id, name);
    } catch (error) {
      field.setCustomValidity(error.message);
      field.reportValidity();
      field.classList.add("refused");
      return undefined;
    }
    const { nodes, devices } = store.get("selection");
    const swap = (ids) => ids.map((other) => (other === id ? name : other));
    store.set({ selection: { nodes: swap(nodes), devices: swap(devices) } });
    return close({ focus });
  }

  /** Takes the name if it can be taken, else forgets it. */
  function settle(event) {
    if (!field) return;
    const focus = !event?.relatedTarget;
    if (field.value.trim() && !field.classList.contains("refused")) accept({ focus });
    if (field) close({ focus });
  }

  function open(id) {
    const doc = store.get("doc");
    if (!id || !doc || store.get("readOnly") || (!doc.node(id) && !doc.device(id))) return;
    const at = placeOf(id);
    if (!at) return;
    if (field) close();
    subject = id;
    field = document.createElement("input");
    field.className = "board-rename";
    field.value = id;
    field.maxLength = 64;
    field.spellcheck = false;
    field.setAttribute("aria-label", `New name of ${id}`);
    field.style.left = `${at.x}px`;
    field.style.top = `${at.y}px`;
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") accept();
      if (event.key === "Escape") close();
    });
    field.addEventListener("input", () => {
      field.setCustomValidity("");
      field.classList.remove("refused");
    });
    field.addEventListener("blur", settle);
    canvas.element.append(field);
    field.focus({ preventScroll: true });
    field.select();
  }

  return { open, close: () => settle(), isOpen: () => field !== null };
}
