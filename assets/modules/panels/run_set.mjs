/** Which runs are followed, chosen and known, and how often they are asked for. Pure. */

import { MOST_RUNS } from "./run_curves.mjs";

const NEAR_MS = 500; // the run is on show and at work
const AWAY_MS = 4000; // it is at work, another mode is on show
const RESTING_MS = 5000; // it has ended; somebody may take it up again
const HIDDEN_MS = 15_000;

/** What is known of a run after an answer; null stands for no news. */
export function merged(before, answer) {
  if (!answer) return before;
  return { ...answer, rows: answer.from > 0 ? [...before.rows, ...answer.rows] : answer.rows };
}

/** Whether runs are seen at a place. */
export const near = (place) => place === "train" || place === "runs";

/** Usual ms between two questions, null for none. */
export function paceOf({ place, hidden, active }) {
  if (place === "gallery") return null;
  if (hidden) return HIDDEN_MS;
  if (!active) return near(place) ? RESTING_MS : HIDDEN_MS;
  return near(place) ? NEAR_MS : AWAY_MS;
}

/** A place is a mode of the workspace, or "gallery". */
export class RunSet {
  #known = new Map(); // run id -> what is known of it
  followed = null;
  chosen = [];

  /** What is known of a run, undefined before its first answer. */
  get(id) {
    return this.#known.get(id);
  }

  /** What is known of the followed run. */
  get live() {
    return this.#known.get(this.followed);
  }

  learn(id, known) {
    this.#known.set(id, known);
  }

  forget(id) {
    this.#known.delete(id);
    this.chosen = this.chosen.filter((one) => one !== id);
  }

  /** Whether runs are compared there. */
  comparing(place) {
    return place === "runs" && this.chosen.length > 1;
  }

  #compared(place) {
    return this.comparing(place) ? this.chosen.slice(0, MOST_RUNS) : [];
  }

  /** Whether there may be news of a run. */
  moves(id) {
    return !this.#known.has(id) || this.#known.get(id).active;
  }

  /** Ids of the runs to ask for: the followed one, and those compared that are at work. */
  wanted(place) {
    const ids = [this.followed, ...this.#compared(place).filter((id) => this.moves(id))];
    return [...new Set(ids)].filter((id) => id !== null);
  }

  /** What is known of the runs whose curves are drawn. */
  shown(place) {
    const ids = this.comparing(place) ? this.#compared(place) : [this.followed];
    return ids.filter((id) => this.#known.has(id)).map((id) => this.#known.get(id));
  }

  /** Usual ms between two questions, null for none. */
  pace(place, hidden) {
    const wanted = this.wanted(place);
    return wanted.length === 0 ? null : paceOf({ place, hidden, active: wanted.some((id) => this.moves(id)) });
  }
}
