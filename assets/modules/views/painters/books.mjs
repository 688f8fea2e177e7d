/** Draws the books of all layers, and training passes beside the one of evaluation. */

import { createPlaces } from "../../lib/choices.mjs";
import { el, setText } from "../../lib/dom.mjs";
import { answersFigure, cloudFigure, energyFigure, momentumFigure } from "../gas/ledger_figures.mjs";
import { layerWords, ruleWords } from "../gas/words.mjs";
import { filmOf } from "../gas/film.mjs";
import { standing } from "../runs/standing.mjs";

export const roomy = true;

/** "Layer 2: means over particles differ by at most 3e-8 of the rms in training and in evaluation." */
export function meanWords(error, layer) {
  const size = error === 0 ? "0" : error.toExponential(0);
  const kept = error < 1e-5 ? "is the same" : "is not the same: this rule averages positions, too";
  return `layer ${layer + 1}: the mean of every channel ${kept} in training and evaluation (largest difference ${size} of the rms)`;
}

function createBooks(host, { showFigure, look }) {
  const ids = { momentum: `${host.id}-momentum`, energy: `${host.id}-energy`, cloud: `${host.id}-cloud`, answers: `${host.id}-answers` };
  let chosen = 0;
  let view = null;
  const layers = createPlaces("Layer", (layer) => { chosen = layer; show(); });
  const words = el("span", { class: "muted small view-words" });
  const note = el("p", { class: "muted small view-note" });
  const graph = (id) => el("div", { class: "graph", id });
  host.replaceChildren(el("div", { class: "view-controls" }, layers.root, words), el("div", { class: "gas-plots" }, Object.values(ids).map(graph)), note);

  function show() {
    const { header, arrays } = view;
    const layer = Math.min(chosen, header.layers.length - 1);
    const books = { ledger: arrays.ledger, rule: header.rule };
    layers.show(layer, header.layers.length, layerWords(layer, header.layers));
    setText(words, meanWords(arrays.mean_error.data[layer], layer));
    setText(note, `${ruleWords(header)}. Blue is this rule, red the published one on the same velocities, which keeps momentum but not energy. All numbers are ours.`);
    showFigure(ids.momentum, momentumFigure(books, look()));
    showFigure(ids.energy, energyFigure(books, look()));
    const { place, motion } = filmOf(arrays, layer, 0);
    showFigure(ids.cloud, cloudFigure({ draws: arrays[`draws_${layer}`], place, motion: motion[0] }, look()));
    showFigure(ids.answers, answersFigure(arrays.outputs, look()));
  }

  return { show: (next) => { view = next; show(); } };
}

/**
 * @param {Element} host
 * @param {{header: object, arrays: object}} view
 * @param {object} tools
 */
export function paint(host, view, tools) {
  standing(host, () => createBooks(host, tools)).show(view);
}
