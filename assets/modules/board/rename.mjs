/** The small text field that opens on a node or device to change its name. */

import { el } from "../lib/dom.mjs";
import { pointOn, toScreen } from "../paint/geometry.mjs";

/** Where a node or device stands on the board, in board units; null for what is not there. Pure. */
export function placeOf(scene, id) {
  const n = scene.nodeIndex.get(id);
  if (n !== undefined) return { x: scene.x[n], y: scene.y[n] };
  const e = scene.deviceIndex.get(id);
  return e === undefined ? null : pointOn(scene.curves, e, scene.anchor[e]);
}

/** The field over a point of the board; it says itself what was refused, until something else is typed. */
function createNameField(id, at, { onEnter, onEscape, onBlur }) {
  const input = el("input", {
    class: "board-rename", value: id, maxlength: 64, spellcheck: "false", "aria-label": `New name of ${id}`,
    style: { left: `${at.x}px`, top: `${at.y}px` },
  });
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") onEnter();
    if (event.key === "Escape") onEscape();
  });
  input.addEventListener("input", () => {
    input.setCustomValidity("");
    input.classList.remove("refused");
  });
  input.addEventListener("blur", onBlur);
  return {
    input,
    get name() { return input.value.trim(); },
    get refused() { return input.classList.contains("refused"); },
    refuse(why) {
      input.setCustomValidity(why);
      input.reportValidity();
      input.classList.add("refused");
    },
  };
}

/** @param {{canvas: any, store: any}} parts */
export function createRename({ canvas, store }) {
  let field = null;
  let subject = null;

  /** The board gets the focus back unless something else was just given it. */
  function close({ focus = true } = {}) {
    const old = field;
    field = null; // before removal: removing the field fires its blur event
    subject = null;
    old?.input.remove();
    if (focus) canvas.element.focus({ preventScroll: true });
  }

  function accept({ focus = true } = {}) {
    try {
      if (field.name !== subject) canvas.edits.rename(subject, field.name);
    } catch (error) {
      field.refuse(error.message);
      return;
    }
    close({ focus });
  }

  /** Takes the name if it can be taken, else forgets it. */
  function settle(event) {
    if (!field) return;
    const focus = !event?.relatedTarget;
    if (field.name && !field.refused) accept({ focus });
    if (field) close({ focus });
  }

  function open(id) {
    const doc = store.get("doc");
    if (!id || !doc || store.get("readOnly") || (!doc.node(id) && !doc.device(id))) return;
    const place = placeOf(canvas.scene(), id);
    if (!place) return;
    if (field) close();
    subject = id;
    field = createNameField(id, toScreen(canvas.viewport(), place.x, place.y), { onEnter: () => accept(), onEscape: () => close(), onBlur: settle });
    canvas.element.append(field.input);
    field.input.focus({ preventScroll: true });
    field.input.select();
  }

  return { open, close: () => settle(), isOpen: () => field !== null };
}
