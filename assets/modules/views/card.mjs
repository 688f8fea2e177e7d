/** A card on the board: what happens on it does not reach the board, and it is there only while it has something to show. */

import { el } from "../lib/dom.mjs";

/** @param {...any} children  as those of `el` */
export function boardCard(name, label, ...children) {
  const card = el("section", { class: `board-card ${name}`, hidden: true, "aria-label": label }, ...children);
  for (const type of ["pointerdown", "dblclick", "wheel"]) card.addEventListener(type, (event) => event.stopPropagation());
  return card;
}

/** Show or hide a card; `onShown` is called at the frame after it appeared. Returns whether it is wanted. */
export function reveal(card, wanted, onShown) {
  const appears = wanted && card.hidden;
  if (card.hidden === wanted) card.hidden = !wanted;
  if (appears) requestAnimationFrame(() => onShown(card));
  return wanted;
}
