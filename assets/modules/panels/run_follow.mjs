/** Follows training runs: asks for what is new in the chosen one, or in those compared, and shows it. */

import { byId, setText } from "../lib/dom.mjs";
import { showFigure } from "./figures.mjs";
import { download } from "./files.mjs";
import { createPolling } from "../lib/polling.mjs";
import { createRunCard } from "./run_card.mjs";
import { MOST_RUNS, comparisonFigure, messageFigure, runFigure, runLook } from "./run_curves.mjs";
import { TRACE_COLOURS } from "./traces.mjs";
import { createShowcase, viewOf } from "../views/painters.mjs";
import { themeColours } from "../paint/colours.mjs";

const NEAR_MS = 500; // the run is on show and at work
const AWAY_MS = 4000; // it is at work, another mode is on show
const RESTING_MS = 5000; // it has ended; somebody may take it up again
const HIDDEN_MS = 15_000;
const OUTCOME_MS = 1000;
const INVITE = "Drag to watch one example at every stored epoch on the board.";
const INVITE_PLAIN = "Drag to see the answers of every stored epoch beside the curves.";

/** What is known of a run after an answer; null stands for no news. Pure. */
export function merged(before, answer) {
  if (!answer) return before;
  return { ...answer, rows: answer.from > 0 ? [...before.rows, ...answer.rows] : answer.rows };
}

/** What Python's registry of metrics says of those with curves, written once into the page. */
const metricsOf = () => JSON.parse(byId("train-curves").dataset.metrics);

/** The box beside the curves. */
const showcaseOf = (store) => createShowcase(byId("train-extra"), {
  showFigure, theme: () => themeColours(store.get().theme, getComputedStyle(document.documentElement)),
});

/** Usual ms between two questions, null for none. Pure. */
export function paceOf({ place, hidden, active }) {
  if (place === "gallery") return null;
  if (hidden) return HIDDEN_MS;
  const near = place === "train" || place === "runs";
  if (!active) return near ? RESTING_MS : HIDDEN_MS;
  return near ? NEAR_MS : AWAY_MS;
}

/**
 * @param {{store, api, bridge, commands, replay, root: HTMLElement}} parts
 */
export function createFollow({ store, api, bridge, commands, replay, root }) {
  const [card, show] = [createRunCard({ bridge }), showcaseOf(store)];
  const known = new Map(); // run id -> what is known of it
  let followed = null;
  let chosen = [];
  let replayed = null; // epoch on the board
  let looked = false;
  let trouble = "";
  let drawn = "";
  let outcome = ""; // the one on show
  const poll = createPolling({ ask, pace, onError });
  const outcomes = createPolling({ ask: askOutcome, pace: () => (outcomeKey() === outcome ? null : OUTCOME_MS) });

  const place = () => (root.dataset.page === "workspace" ? store.get().mode : "gallery");
  const comparing = () => place() === "runs" && chosen.length > 1;
  const compared = () => (comparing() ? chosen.slice(0, MOST_RUNS) : []);
  const moves = (id) => !known.has(id) || known.get(id).active;
  const wanted = () => [...new Set([followed, ...compared().filter(moves)])].filter((id) => id !== null);

  function pace() {
    if (wanted().length === 0) return null;
    return paceOf({ place: place(), hidden: document.hidden, active: wanted().some(moves) });
  }

  async function ask(signal) {
    for (const id of wanted()) {
      const before = known.get(id);
      try {
        known.set(id, merged(before, await api.runLive(id, before?.count ?? 0, before?.revision ?? "", signal)));
      } catch (error) {
        if (error.status !== 404) throw error;
        gone(id);
      }
    }
    trouble = "";
    paint();
  }

  function onError(error) {
    trouble = error.message;
    paint();
  }

  function gone(id) {
    known.delete(id);
    chosen = chosen.filter((one) => one !== id);
    if (followed === id) bridge.send("run-selected", null);
  }

  /** Follow another run, or none. */
  function follow(id) {
    if (id === followed) return;
    followed = id;
    replayed = null;
    trouble = "";
    setText(byId("train-epoch-text"), INVITE);
    paint();
    if (id) poll.now({ fresh: true });
  }

  function compare(ids) {
    chosen = ids;
    if (ids.length === 1) bridge.send("run-selected", ids[0]);
    paint();
    if (wanted().length > 0) poll.now();
  }

  /** After a reload: go on with the run that is at work, else, where it would be seen, the newest. */
  function consider(rows) {
    looked = true;
    const next = rows.find((row) => row.active) ?? (place() === "train" ? rows[0] : null);
    if (!followed && next) bridge.send("run-selected", next.id);
    else if (!followed) paint();
  }

  function paint() {
    const live = followed && known.get(followed);
    if (live && replayed === null) setText(byId("train-epoch-text"), live.circuit ? INVITE : INVITE_PLAIN);
    if (live) card.show(live, { trouble, comparing: comparing() });
    else card.blank({ trouble, looked, followed });
    if (comparing()) byId("train-empty").className = "dock-empty off";
    drawCurves(live);
    if (outcomes.idle && outcomeKey() !== outcome) outcomes.now();
  }

  function drawCurves(live) {
    const { theme } = store.get();
    const runs = comparing() ? compared().filter((id) => known.has(id)).map((id) => known.get(id)) : live ? [live] : [];
    const key = JSON.stringify([theme, comparing(), runs.map(({ id, count, active, card: { title } }) => [id, count, active, title])]);
    if (key === drawn || place() === "gallery") return;
    drawn = key;
    const look = runLook(getComputedStyle(document.documentElement), TRACE_COLOURS[theme]);
    const figure = comparing()
      ? comparisonFigure(runs.map(({ card: { title }, rows }) => ({ name: title, rows })), look, metricsOf())
      : live ? runFigure(live.rows, look, metricsOf(), live) : messageFigure("", look);
    showFigure("train-curves", figure).catch(() => { drawn = ""; });
  }

  /** Run, epoch and theme of the picture that should stand beside the curves; the shown one when there is none. */
  function outcomeKey() {
    const epochs = (followed && known.get(followed)?.epochs) || [];
    const near = (place() === "train" || place() === "runs") && !document.hidden;
    return near && epochs.length > 0 ? JSON.stringify([followed, replayed ?? epochs.at(-1), store.get().theme]) : outcome;
  }

  async function askOutcome(signal) {
    const key = outcomeKey();
    if (key === outcome) return;
    const [id, epoch, theme] = JSON.parse(key);
    try {
      const view = await viewOf(api, { id, epoch, theme }, signal);
      if (id === followed) await show(view);
    } catch (error) {
      if (error.offline || error.name === "AbortError") throw error;
    }
    outcome = key; // a refused one is not asked for again
  }

  /** The slider of stored epochs: the board replays one, its picture stands beside the curves. */
  function chooseEpoch(where) {
    const live = known.get(followed);
    if (!live || live.epochs.length === 0) return;
    const { epochs } = live;
    replayed = epochs[Math.min(Number(where) || 0, epochs.length - 1)];
    const words = live.circuit ? "the same example at every epoch" : "its answers beside the curves";
    setText(byId("train-epoch-text"), `Epoch ${replayed} of ${epochs.at(-1)}, ${words}.`);
    if (live.circuit) replay.setRun({ id: live.id, name: live.card.title, epoch: replayed, epochs });
    outcomes.now();
  }

  const steer = (title, action) => ({
    title, group: "Training", palette: false,
    run: async () => {
      await action(followed);
      poll.now();
    },
  });
  commands.registerAll({
    "run-stop": steer("Stop the run", api.stopRun),
    "run-resume": steer("Resume the run", api.resumeRun),
    "run-weights": steer("Download the run's weights", async (id) => download(`${id}.safetensors`, await api.runWeights(id), "application/octet-stream")),
  });
  bridge.onRun(follow);
  bridge.onEpoch(chooseEpoch);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && followed) poll.now(); });
  store.on(["mode", "circuitId"], () => {
    paint();
    if (wanted().length > 0) poll.now();
  });
  store.on(["theme"], paint);
  paint();

  return { compare, consider, now: poll.now, forget: gone, get id() { return followed; }, failed: onError };
}
