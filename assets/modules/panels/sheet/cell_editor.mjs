/** The field that opens in a cell of a sheet. */

import { el, put } from "../../lib/dom.mjs";

const KEYS = { Enter: "ArrowDown", Tab: "ArrowRight" };

/**
 * @param {HTMLElement} cell
 * @param {{column: import("./sheet.mjs").Column, value: string, typed: string|null}} what  typed: what replaces the value at once
 * @param {{take: (text: string) => string, done: (move: string|null) => void}} then  take answers why it was refused, "" where it was not;
 *   done: the arrow key that goes on from there, null for none
 */
export function openEditor(cell, { column, value, typed }, { take, done }) {
  let open = true;
  const name = column.title;
  const field = column.kind === "choice"
    ? el("select", { class: "sheet-field", "aria-label": name }, (column.choices ?? []).map((choice) => el("option", { value: choice, text: choice.replaceAll("_", " ") })))
    : el("input", { type: "text", class: "sheet-field", "aria-label": name, spellcheck: "false", autocomplete: "off", inputmode: column.kind === "number" ? "decimal" : "text" });
  field.value = typed ?? value;

  function close(move) {
    if (!open) return;
    open = false;
    done(move);
  }

  /** Takes what is typed; a refused value stays open with its reason, and goes when the field is left. */
  function finish(move, leaving = false) {
    if (!open) return;
    const why = field.value === value ? "" : take(field.value);
    if (!why || leaving) return close(move);
    field.setCustomValidity?.(why);
    field.setAttribute("aria-invalid", "true");
    field.reportValidity?.();
  }

  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") close("");
    else if (event.key in KEYS) finish(event.key === "Tab" && event.shiftKey ? "ArrowLeft" : event.key === "Enter" && event.shiftKey ? "ArrowUp" : KEYS[event.key]);
    else return;
    event.preventDefault();
  });
  field.addEventListener("input", () => {
    field.setCustomValidity?.("");
    field.removeAttribute("aria-invalid");
  });
  field.addEventListener("blur", () => finish(null, true));
  if (column.kind === "choice") field.addEventListener("change", () => finish(""));
  put(cell, field);
  field.focus({ preventScroll: true });
  if (typed === null) field.select?.();
}
