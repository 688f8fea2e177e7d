/** Draws how much the neurons of a weight agree, and how that went over the epochs. */

import { createPlaces } from "../../lib/choices.mjs";
import { el, setText } from "../../lib/dom.mjs";
import { number } from "../../lib/numbers.mjs";
import { cosineFigure, matrixFigure, rankFigure, shortName } from "../gas/neurons.mjs";
import { ruleWords } from "../gas/words.mjs";
import { standing } from "../runs/standing.mjs";

export const roomy = true;

const CLAIMS = "KITINet (arXiv 2505.17919) claims that collisions make neurons align, its sister paper KO (arXiv 2505.14777) that they keep them apart. We reproduced neither: train the recipe plain, the twin, and compare.";

/** "blocks.0.f.1: 64 of 128 rows are shown; effective rank 31.2, mean |cos| 0.110, 0 % of pairs above 0.9" */
export function weightWords({ name, rows, looked, shown }, [cosine, aligned, rank]) {
  const seen = shown < rows ? `${rows} rows, ${looked < rows ? `${looked} of them looked at, ` : ""}${shown} shown` : `${rows} rows`;
  return `${shortName(name)}: ${seen}; effective rank ${number(rank)}, mean |cos| ${number(cosine)}, ${Math.round(100 * aligned)} % of pairs above 0.9`;
}

function createNeurons(host, { showFigure, look }) {
  const ids = { matrix: `${host.id}-matrix`, rank: `${host.id}-rank`, cosine: `${host.id}-cosine` };
  let chosen = null;
  let view = null;
  const weights = createPlaces("Weight", (weight) => { chosen = weight; show(); });
  const words = el("span", { class: "muted small view-words" });
  const note = el("p", { class: "muted small view-note" });
  const graph = (id) => el("div", { class: "graph", id });
  host.replaceChildren(el("div", { class: "view-controls" }, weights.root, words), el("div", { class: "gas-plots neurons" }, Object.values(ids).map(graph)), note);

  function show() {
    const { header: { weights: known, ...header }, arrays } = view;
    const layer = Math.min(chosen ?? known.length >> 1, known.length - 1);
    const [, columns] = arrays.condensation.shape;
    weights.show(layer, known.length, `Weight ${layer + 1} of ${known.length}`);
    setText(words, weightWords(known[layer], arrays.condensation.data.subarray(layer * columns, (layer + 1) * columns)));
    setText(note, `${CLAIMS} · ${ruleWords(header)}`);
    showFigure(ids.matrix, matrixFigure({ similar: arrays.similar, weight: known[layer], layer }, look()));
    if (!arrays.all_condensation) return;
    const course = { epochs: arrays.epochs, all: arrays.all_condensation, weights: known, layer };
    showFigure(ids.rank, rankFigure(course, look()));
    showFigure(ids.cosine, cosineFigure(course, look()));
  }

  return { show: (next) => { view = next; show(); } };
}

/**
 * @param {Element} host
 * @param {{header: object, arrays: object}} view
 * @param {object} tools
 */
export function paint(host, view, tools) {
  standing(host, () => createNeurons(host, tools)).show(view);
}
