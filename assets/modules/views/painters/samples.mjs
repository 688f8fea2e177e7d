/** Paints a lane's circuit solved for an example, with the layer's samples as dots on it. */

import { createPlaces, createSegments } from "../../lib/choices.mjs";
import { el, setText } from "../../lib/dom.mjs";
import { createTimer } from "../../lib/timer.mjs";
import { laneBarOf } from "../runs/lane_bar.mjs";
import { cascading, directionOf, lengthWords, lengthsOf, optionsOf } from "../runs/lanes.mjs";
import { landingWords, samplesFigure } from "../runs/samples_figure.mjs";

export const roomy = true;

const REST_MS = 250; // a slider moves on: only where it rests is solved
const SOLVERS = [{ name: "ours", title: "Kirchhoff Studio" }, { name: "ngspice", title: "ngspice" }];

/** Name of the array of lengths: time constants of cascades, else widths. */
const lengthOf = ({ arrays }) => (cascading(arrays) ? "tau" : "sigma");

/** "τ = 0.0310 domain lengths, runs in −x" */
export function samplesWords({ arrays, header }, block, lane, axis) {
  if (!cascading(arrays)) return `${lengthWords("width σ", lengthsOf(arrays.sigma, block, axis)[lane])} domain lengths`;
  return `${lengthWords("τ", lengthsOf(arrays.tau, block)[lane])} domain lengths, runs in ${directionOf(lane, header.extent?.length ?? 1)}`;
}

/** Asks for the landing of what is shown, a little after it rests, and draws it; the newest wins. */
function createAsking({ landing, showFigure, look }, id, note) {
  const timer = createTimer();
  let asked = "";
  let running = new AbortController();
  let known = null;

  const draw = () => showFigure(id, samplesFigure(known, look()));

  async function ask(of, request) {
    running.abort();
    running = new AbortController();
    const mine = running;
    try {
      const found = await landing(of, request, mine.signal);
      if (running !== mine) return;
      known = found;
      setText(note, landingWords(found.header));
      await draw();
    } catch (error) {
      if (running !== mine || error.name === "AbortError") return;
      asked = "";
      setText(note, error.message);
    }
  }

  return function show(of, request) {
    const key = JSON.stringify([of, request]);
    if (key === asked) {
      if (known) draw(); // the theme may have changed
      return;
    }
    asked = key;
    setText(note, "Solving the circuit of this lane …");
    timer.set(() => ask(of, request), REST_MS);
  };
}

function createBody(host, tools) {
  const id = `${host.id}-plot`;
  const note = el("p", { class: "muted small view-note samples-note", role: "status" });
  const show = createAsking(tools, id, note);
  const { chosen } = tools;
  let by = "ours";
  let again = () => {};
  const places = createPlaces("Example", (example) => {
    chosen.example = example;
    again();
  });
  const solvers = createSegments("Solved by", (name) => {
    by = name;
    again();
  });

  function draw({ view, block, lane, axis }) {
    again = () => draw({ view, block, lane, axis });
    const count = view.header.examples ?? 1;
    const example = Math.min(chosen.example, count - 1);
    places.show(example, count, `Example ${example + 1} of ${count}`);
    solvers.show(tools.ngspice() ? SOLVERS : [], by);
    const used = tools.ngspice() ? by : "ours";
    show(view.of, { options: optionsOf(view, { block, lane, example }), by: used });
    return samplesWords(view, block, lane, axis);
  }

  return { more: [places.root, solvers.root], root: el("div", { class: "samples" }, note, el("div", { class: "graph", id })), draw };
}

/**
 * @param {Element} host
 * @param {{header: object, arrays: object, of: {id: string, epoch: number}}} view
 * @param {object} tools
 */
export function paint(host, view, tools) {
  laneBarOf(host, { length: lengthOf, shown: lengthOf, body: () => createBody(host, tools), tools }).show(view);
}
