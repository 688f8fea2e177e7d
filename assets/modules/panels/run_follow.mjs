/** Follows training runs: asks for what is new in the chosen one, or in those compared, and shows it. */

import { byId, setText } from "../lib/dom.mjs";
import { download } from "./files/files.mjs";
import { createBreakCard } from "./breaking/break_card.mjs";
import { createLaneCard } from "./lane_card.mjs";
import { createOneFile } from "./files/one_file.mjs";
import { createPolling } from "../lib/polling.mjs";
import { createRunCard } from "./run_card.mjs";
import { createDifferences } from "./runs/differences.mjs";
import { createOutcome, createRunCurves } from "./run_pictures.mjs";
import { RunSet, merged, near } from "./run_set.mjs";

const INVITE = "Drag to watch one example at every stored epoch on the board.";
const INVITE_PLAIN = "Drag to see the answers of every stored epoch beside the curves.";

/** The line beside the slider of stored epochs. Pure. */
export function epochWords(live, epoch) {
  if (epoch === null) return live && !live.circuit ? INVITE_PLAIN : INVITE;
  const words = live.circuit ? "the same example at every epoch" : "its answers beside the curves";
  return `Epoch ${epoch} of ${live.epochs.at(-1)}, ${words}.`;
}

/** Commands that act on the followed run. */
function registerRunCommands({ commands, api, followed, onDone }) {
  const steer = (title, action) => ({
    title, group: "Training", palette: false,
    run: async () => {
      await action(followed());
      onDone();
    },
  });
  commands.registerAll({
    "run-stop": steer("Stop the run", api.stopRun),
    "run-resume": steer("Resume the run", api.resumeRun),
    "run-weights": steer("Download the run's weights", async (id) => download(`${id}.safetensors`, await api.runWeights(id), "application/octet-stream")),
  });
}

/** Puts the followed run and the pictures of runs on the page. */
class RunView {
  #card;
  #curves = createRunCurves();
  #differences;
  trouble = ""; // why there are no news
  looked = false; // whether it is known which runs there are
  epoch = null; // the one on the board

  constructor({ bridge, api }) {
    this.#card = createRunCard({ bridge });
    this.#differences = createDifferences({ api });
  }

  /** Another run comes into view. */
  reset() {
    this.epoch = null;
    this.trouble = "";
    setText(byId("train-epoch-text"), INVITE);
  }

  /**
   * @param {RunSet} runs
   * @param {string} place
   * @param {string} theme
   */
  paint(runs, place, theme) {
    const { live, followed } = runs;
    const comparing = runs.comparing(place);
    if (live && this.epoch === null) setText(byId("train-epoch-text"), epochWords(live, null));
    if (live) this.#card.show(live, { trouble: this.trouble, comparing });
    else this.#card.blank({ trouble: this.trouble, looked: this.looked, followed });
    if (comparing) byId("train-empty").className = "dock-empty off";
    if (place !== "gallery") this.#curves(runs.shown(place), comparing, theme);
    this.#differences(runs.shown(place), comparing, theme);
  }
}

/** The run that is followed, and those that are compared. */
export class RunFollower {
  #runs = new RunSet();
  #parts;
  #view;
  #poll;
  #outcome;
  #lanes;
  #breaking;
  #files;
  #listeners = [];

  /** @param {{store, api, bridge, commands, toast, replay, openLane: (of: object, options: object) => Promise<void>, root: HTMLElement}} parts */
  constructor(parts) {
    const { store, api, bridge, commands, openLane } = parts;
    this.#parts = parts;
    this.#view = new RunView({ bridge, api });
    this.#poll = createPolling({
      ask: (signal) => this.#ask(signal),
      pace: () => this.#runs.pace(this.#place, document.hidden),
      onError: (error) => this.failed(error),
    });
    this.#files = createOneFile({ ...parts, follow: this });
    this.#lanes = createLaneCard({ openLane, run: () => this.#runs.live });
    this.#breaking = createBreakCard({ ...parts, run: () => this.#runs.live, epoch: () => this.#view.epoch, showOnBoard: () => this.#showLast() });
    this.#outcome = createOutcome({ store, api, openLane, wanted: () => this.#wantedPicture(), followed: () => this.id });
    registerRunCommands({ commands, api, followed: () => this.id, onDone: () => this.now() });
    bridge.onRun((id) => this.#follow(id));
    bridge.onEpoch((where) => this.#chooseEpoch(where));
    document.addEventListener("visibilitychange", () => { if (!document.hidden && this.id) this.now(); });
    store.on(["mode", "circuitId"], () => this.#look());
    store.on(["theme"], () => this.#paint());
    this.#paint();
  }

  /** Id of the followed run, null for none. */
  get id() {
    return this.#runs.followed;
  }

  /** Call `fn` whenever something else is known of the followed run. */
  onNews(fn) {
    this.#listeners.push(fn);
  }

  /** What is known of the followed run. */
  get live() {
    return this.#runs.live;
  }

  get #place() {
    const { root, store } = this.#parts;
    return root.dataset.page === "workspace" ? store.get().mode : "gallery";
  }

  /** Ask for news at once. */
  now() {
    this.#poll.now();
  }

  /** There is no news, and why. */
  failed(error) {
    this.#view.trouble = error.message;
    this.#paint();
  }

  /** A run is no longer there. */
  forget(id) {
    this.#runs.forget(id);
    if (this.id === id) this.#parts.bridge.send("run-selected", null);
  }

  /** Compare these runs; a single one is followed. */
  compare(ids) {
    this.#runs.chosen = ids;
    if (ids.length === 1) this.#parts.bridge.send("run-selected", ids[0]);
    this.#look();
  }

  /** After a reload: go on with the run that is at work, else, where it would be seen, the newest. */
  consider(rows) {
    this.#view.looked = true;
    const next = rows.find((row) => row.active) ?? (this.#place === "train" ? rows[0] : null);
    if (!this.id && next) this.#parts.bridge.send("run-selected", next.id);
    else if (!this.id) this.#paint();
  }

  /** Follow another run, or none. */
  #follow(id) {
    if (id === this.id) return;
    this.#runs.followed = id;
    this.#view.reset();
    this.#paint();
    if (id) this.#poll.now({ fresh: true });
  }

  async #ask(signal) {
    for (const id of this.#runs.wanted(this.#place)) {
      const before = this.#runs.get(id);
      try {
        const answer = await this.#parts.api.runLive(id, before?.count ?? 0, before?.revision ?? "", signal);
        this.#runs.learn(id, merged(before, answer));
      } catch (error) {
        if (error.status !== 404) throw error;
        this.forget(id);
      }
    }
    this.#view.trouble = "";
    this.#paint();
  }

  #paint() {
    this.#view.paint(this.#runs, this.#place, this.#parts.store.get().theme);
    this.#outcome.update();
    this.#lanes.show();
    this.#breaking.show();
    this.#files.show();
    this.#listeners.forEach((fn) => fn());
  }

  #look() {
    this.#paint();
    if (this.#runs.wanted(this.#place).length > 0) this.now();
  }

  /** Beside the curves stands the epoch on the board, else the last one. */
  #wantedPicture() {
    const epochs = this.#runs.live?.epochs ?? [];
    if (!near(this.#place) || document.hidden || epochs.length === 0) return null;
    return { id: this.id, epoch: this.#view.epoch ?? epochs.at(-1) };
  }

  /** The last stored epoch on the board, where the slider stands too. */
  #showLast() {
    const last = (this.#runs.live?.epochs.length ?? 0) - 1;
    if (last >= 0) this.#parts.bridge.setProps("train-epoch", { value: last });
    this.#chooseEpoch(last);
  }

  /** The slider of stored epochs: the board replays one, its picture stands beside the curves. */
  #chooseEpoch(where) {
    const { live } = this.#runs;
    if (!live || live.epochs.length === 0) return;
    const { id, epochs, circuit, card } = live;
    const epoch = epochs[Math.min(Number(where) || 0, epochs.length - 1)];
    this.#view.epoch = epoch;
    setText(byId("train-epoch-text"), epochWords(live, epoch));
    if (circuit) this.#parts.replay.setRun({ id, name: card.title, epoch, epochs });
    this.#outcome.now();
  }
}
