/** The pictures of runs: their curves, and beside them the answers of one stored epoch. */

import { showFigure } from "./figures.mjs";
import { byId } from "../lib/dom.mjs";
import { createPolling } from "../lib/polling.mjs";
import { comparisonFigure, messageFigure, runFigure } from "./run_curves.mjs";
import { TRACE_COLOURS } from "./traces.mjs";
import { unpack } from "../play/trajectory.mjs";
import { createShowcase, viewOf } from "../views/painters.mjs";
import { themeColours } from "../paint/colours.mjs";
import { figureLook } from "../paint/figure_look.mjs";

const OUTCOME_MS = 1000;

/** What Python's registry of metrics says of those with curves, written once into the page. */
const metricsOf = () => JSON.parse(byId("train-curves").dataset.metrics);

const styleNow = () => getComputedStyle(document.documentElement);

/** The box beside the curves. */
const showcaseOf = ({ store, api, openLane }, onChoose) => createShowcase(byId("train-extra"), {
  showFigure, openLane,
  chosen: { example: 0, grid: "own" },
  ngspice: () => Boolean(store.get().registry?.ngspice),
  landing: async ({ id, epoch }, request, signal) => unpack(await api.runLanding(id, { epoch, ...request }, signal)),
  theme: () => themeColours(store.get().theme, styleNow()),
  look: () => figureLook(styleNow(), TRACE_COLOURS[store.get().theme]),
}, { frame: byId("train-extra-box"), onChoose });

/** The figure of runs: their comparison, the curves of the only one, or nothing. */
function figureOf(runs, comparing, look) {
  if (comparing) return comparisonFigure(runs.map(({ card: { title }, rows }) => ({ name: title, rows })), look, metricsOf());
  const [run] = runs;
  return run ? runFigure(run.rows, look, metricsOf(), run) : messageFigure("", look);
}

/** Returns `draw(runs, comparing, theme)`, which draws what is not drawn yet. */
export function createRunCurves() {
  let drawn = "";
  return function draw(runs, comparing, theme) {
    const key = JSON.stringify([theme, comparing, runs.map(({ id, count, active, edits, card: { title } }) => [id, count, active, edits?.length ?? 0, title])]);
    if (key === drawn) return;
    drawn = key;
    const look = figureLook(styleNow(), TRACE_COLOURS[theme]);
    showFigure("train-curves", figureOf(runs, comparing, look)).catch(() => { drawn = ""; });
  };
}

/**
 * Asks for the picture of a run's epoch until it is there.
 * @param {{store, api, openLane, wanted: () => {id: string, epoch: number}|null, followed: () => string|null}} parts
 *   `wanted`: the picture that should stand there; null leaves the one that does
 */
export function createOutcome({ store, api, openLane, wanted, followed }) {
  const show = showcaseOf({ store, api, openLane }, choose);
  let chosen = ""; // the kind of view that somebody wants to see of every run that has it
  let shown = ""; // run, epoch, theme and kind of the picture
  const poll = createPolling({ ask, pace: () => (settled() ? null : OUTCOME_MS) });

  function choose(name) {
    chosen = name;
    poll.now();
  }

  function wantedKey() {
    const next = wanted();
    return next ? JSON.stringify([next.id, next.epoch, store.get().theme, chosen]) : shown;
  }

  const settled = () => wantedKey() === shown;

  async function ask(signal) {
    const key = wantedKey();
    if (key === shown) return;
    const [id, epoch, theme, kind] = JSON.parse(key);
    try {
      const view = await viewOf(api, { id, epoch, theme, view: kind }, signal);
      if (id === followed()) await show(view);
    } catch (error) {
      if (error.offline || error.name === "AbortError") throw error;
    }
    shown = key; // a refused one is not asked for again
  }

  return {
    now: poll.now,
    /** Ask, unless the right picture is there or on its way. */
    update() {
      if (poll.idle && !settled()) poll.now();
    },
  };
}
