/** Draws how often which length was learnt, block by block. */

import { el } from "../../lib/dom.mjs";
import { lengthsFigure } from "../runs/length_counts.mjs";
import { standing } from "../runs/standing.mjs";

export const roomy = true;

const LEAST_HEIGHT = 260; // pixels with the names of blocks

/**
 * @param {Element} host
 * @param {{arrays: object}} view
 * @param {{showFigure: function, look: () => object}} tools
 */
export function paint(host, view, { showFigure, look }) {
  const id = `${host.id}-plot`;
  standing(host, () => host.append(el("div", { class: "graph", id })) ?? true);
  const low = host.clientHeight > 0 && host.clientHeight < LEAST_HEIGHT;
  return showFigure(id, lengthsFigure(view.arrays, look(), low));
}
