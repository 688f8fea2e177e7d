/** Asks the server for one simulation at a time and puts its answer, or what went wrong, into the store. */

import { decode } from "./trajectory.mjs";
import { statusSentence } from "./trust.mjs";

const STOPPED = "You stopped this simulation; R asks for it again.";

/** What an answer puts into the store; `newest`: nothing newer is asked for. Pure. */
function shownBy(answer, sim, quantity, newest) {
  sim.hash = answer.hash;
  sim.stats = answer.stats ?? sim.stats;
  sim.seconds = answer.seconds;
  sim.status = answer.status ?? sim.status;
  const message = statusSentence(sim.status, quantity);
  return {
    sim,
    simState: message ? "error" : newest ? "fresh" : "stale",
    simError: message ? { message, where: "", node: sim.status.node ?? null, time: sim.status.time ?? null, offline: false } : null,
  };
}

/**
 * @param {object} parts
 * @param {object} parts.store
 * @param {object} parts.api
 * @param {(value: number, unit: string) => string} parts.quantity
 * @param {() => void} parts.onAgain  called after an answer when something newer was postponed meanwhile
 * @param {function(): boolean} [parts.settled]  whether nothing newer is planned
 */
export function createAsking({ store, api, quantity, onAgain, settled = () => true }) {
  let running = null;
  let again = false;

  /** Whether a question is under way; then the newest next one waits for its answer. */
  function postpone() {
    if (running) again = true;
    return Boolean(running);
  }

  /**
   * @param {(signal: AbortSignal) => Promise<any>} question
   * @param {function(): boolean} fits  whether the answer still belongs to what is open
   * @param {{onAnswer?: (answer) => void, onError?: (error) => void}} [also]
   */
  async function ask(question, fits, { onAnswer = () => {}, onError = () => {} } = {}) {
    const mine = new AbortController();
    running = mine;
    try {
      const answer = await question(mine.signal);
      const buffer = await api.binary(answer.url, mine.signal);
      if (running !== mine || !fits()) return;
      onAnswer(answer);
      store.set(shownBy(answer, decode(buffer), quantity, settled() && !again));
    } catch (error) {
      if (error.name === "AbortError" || running !== mine) return;
      onError(error);
      store.set({ simState: "error", simError: { message: error.message, where: error.where ?? "", node: null, time: null, offline: Boolean(error.offline) } });
    } finally {
      if (running === mine) {
        running = null;
        if (again) {
          again = false;
          onAgain();
        }
      }
    }
  }

  function cancel() {
    running?.abort();
    running = null;
    again = false;
  }

  /** A person does not want to wait; the server ends what nobody waits for. */
  function stop() {
    cancel();
    store.set({ simState: "error", simError: { message: STOPPED, where: "", node: null, time: null, offline: false } });
  }

  return { ask, postpone, cancel, stop, get busy() { return Boolean(running); } };
}
