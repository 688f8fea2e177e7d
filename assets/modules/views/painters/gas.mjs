/** Draws a gas by itself: how it relaxes, where a pair ends, how many meet in many dimensions. */

import { createPlaces, createSegments } from "../../lib/choices.mjs";
import { el, setText } from "../../lib/dom.mjs";
import { number } from "../../lib/numbers.mjs";
import { collisionFigure, energyRatio, fractionsFigure, relaxationFigure, speedsFigure } from "../gas/lab_figures.mjs";
import { standing } from "../runs/standing.mjs";

export const roomy = true;

const NOTE = "No training is needed for these: the code that trains ran on a gas of its own. Rule of the upper two: disjoint elastic pairs (matched), c = 1, all particles at one place.";
const RULES = [{ name: "elastic", title: "Elastic rule" }, { name: "published", title: "Published rule" }];

function createGas(host, { showFigure, look }) {
  const ids = { speeds: `${host.id}-speeds`, relaxation: `${host.id}-relaxation`, collision: `${host.id}-collision`, fractions: `${host.id}-fractions` };
  const chosen = { round: 0, rule: "elastic" };
  let view = null;
  const choose = (change) => {
    Object.assign(chosen, change);
    show();
  };
  const rounds = createPlaces("Rounds of collisions", (round) => choose({ round }));
  const rules = createSegments("Rule of the one collision", (rule) => choose({ rule }));
  const words = el("span", { class: "muted small view-words" });
  const note = el("p", { class: "muted small view-note", text: NOTE });
  const graph = (id) => el("div", { class: "graph", id });
  host.replaceChildren(el("div", { class: "view-controls" }, rounds.root, rules.root, words), el("div", { class: "gas-plots" }, Object.values(ids).map(graph)), note);

  function show() {
    const { header, arrays } = view;
    const last = arrays.gas_energy.data.length - 1;
    const round = Math.min(chosen.round, last);
    const published = chosen.rule === "published";
    const ratio = arrays.temperature.data[2 * round] / arrays.temperature.data[2 * round + 1];
    rounds.show(round, last + 1, `Round ${round} of ${last}`);
    rules.show(RULES, chosen.rule);
    setText(words, `T_xx/T_yy = ${Number.isFinite(ratio) ? ratio.toFixed(2) : "∞"}, energy of a colliding pair × ${number(energyRatio(arrays, published))} in the mean`);
    showFigure(ids.speeds, speedsFigure(arrays, round, look()));
    showFigure(ids.relaxation, relaxationFigure(arrays, round, look()));
    showFigure(ids.collision, collisionFigure(arrays, published, look()));
    showFigure(ids.fractions, fractionsFigure(arrays, String(Number(header.coll.toPrecision(3))), look()));
  }

  return { show: (next) => { view = next; show(); } };
}

/**
 * @param {Element} host
 * @param {{header: object, arrays: object}} view
 * @param {object} tools
 */
export function paint(host, view, tools) {
  standing(host, () => createGas(host, tools)).show(view);
}
