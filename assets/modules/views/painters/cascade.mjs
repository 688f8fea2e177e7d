/** Paints a lane of cells in series: a pulse from tap to tap, its kernel, its Bode plot. */

import { el } from "../../lib/dom.mjs";
import { bodeFigure, kernelFigure } from "../runs/lane_figures.mjs";
import { laneBarOf } from "../runs/lane_bar.mjs";
import { directionOf, lengthWords, lengthsOf, partOf, rowOf } from "../runs/lanes.mjs";
import { PulsePicture } from "../runs/pulse_picture.mjs";

export const roomy = true;

/** What is drawn of a lane. */
export function laneOf({ header, arrays }, block, lane) {
  const [, , taps, points] = arrays.taps.shape;
  const values = partOf(arrays.taps, block, lane);
  return {
    rows: Array.from({ length: taps }, (_, tap) => rowOf(values, points, tap)),
    tau: lengthsOf(arrays.tau, block)[lane], order: taps - 1, centre: arrays.centre.data[0], periodic: Boolean(header.periodic),
  };
}

/** "τ = 0.0310 of the domain's length, 3 cells, runs in −x" */
export function cascadeWords({ tau, order }, lane, axes) {
  return `${lengthWords("τ", tau)} domain lengths, ${order} ${order === 1 ? "cell" : "cells"}, runs in ${directionOf(lane, axes)}`;
}

function createBody(host, { theme, look, showFigure }) {
  const pulse = new PulsePicture(() => ({ theme: theme(), series: look().series }));
  const ids = { kernel: `${host.id}-kernel`, bode: `${host.id}-bode` };
  const graph = (id) => el("div", { class: "graph", id });
  return {
    more: [pulse.button],
    root: el("div", { class: "lane-plots" }, pulse.canvas, graph(ids.kernel), graph(ids.bode)),
    draw({ view: shown, block, lane: number }) {
      const lane = laneOf(shown, block, number);
      const { kernel_place: { data: place }, kernels, omega: { data: omega }, gain, phase } = shown.arrays;
      pulse.show(lane);
      showFigure(ids.kernel, kernelFigure({ place, kernels }, lane.tau, look()));
      showFigure(ids.bode, bodeFigure({ omega, gain, phase }, lane.tau, look()));
      return cascadeWords(lane, number, shown.header.extent?.length ?? 1);
    },
  };
}

/**
 * @param {Element} host
 * @param {{header: object, arrays: object}} view
 * @param {object} tools
 */
export function paint(host, view, tools) {
  laneBarOf(host, { length: "tau", shown: "taps", body: () => createBody(host, tools), tools }).show(view);
}
