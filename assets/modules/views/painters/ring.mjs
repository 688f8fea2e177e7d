/** Paints a lane that spreads and drifts: what a pulse becomes, and how much of every wave comes through. */

import { el } from "../../lib/dom.mjs";
import { responseFigure, spreadFigure } from "../runs/lane_figures.mjs";
import { laneBarOf } from "../runs/lane_bar.mjs";
import { lengthWords, lengthsOf, partOf, rowOf } from "../runs/lanes.mjs";

export const roomy = true;

/** What is drawn of a lane along an axis. */
export function laneOf({ header, arrays }, block, lane, axis) {
  const rows = (array) => {
    const points = array.shape.at(-1);
    const values = partOf(array, block, lane);
    return { value: rowOf(values, points, 2 * axis), slope: rowOf(values, points, 2 * axis + 1) };
  };
  const { periodic = false, modes = 0 } = header;
  return {
    sigma: lengthsOf(arrays.sigma, block, axis)[lane],
    beta: arrays.beta ? lengthsOf(arrays.beta, block, axis)[lane] : 0, drifts: Boolean(arrays.beta),
    passing: periodic ? modes : modes / 2, // half waves of a sheet
    kernel: rows(arrays.kernels), response: rows(arrays.gains),
  };
}

/** "σ = 0.0310, β = −0.120 domain lengths" */
export function ringWords({ sigma, beta, drifts }) {
  return `${lengthWords("width σ", sigma)}${drifts ? `, ${lengthWords("drift β", beta)}` : ""} domain lengths`;
}

function createBody(host, { look, showFigure }) {
  const ids = { kernel: `${host.id}-kernel`, response: `${host.id}-response` };
  return {
    root: el("div", { class: "lane-plots pair" }, el("div", { class: "graph", id: ids.kernel }), el("div", { class: "graph", id: ids.response })),
    draw({ view: shown, block, lane: number, axis }) {
      const lane = laneOf(shown, block, number, axis);
      showFigure(ids.kernel, spreadFigure({ ...lane, ...lane.kernel, place: shown.arrays.place.data }, look()));
      showFigure(ids.response, responseFigure({ ...lane, ...lane.response, wave: shown.arrays.wave.data }, look()));
      return ringWords(lane);
    },
  };
}

/**
 * @param {Element} host
 * @param {{header: object, arrays: object}} view
 * @param {object} tools
 */
export function paint(host, view, tools) {
  laneBarOf(host, { length: "sigma", shown: "kernels", body: () => createBody(host, tools), tools }).show(view);
}
