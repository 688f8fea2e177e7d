/** Asks again and again: the next question only after the last answer, and later when answers are slow or none come. */

const MOST_DOUBLINGS = 4;
const LONGEST_MS = 15_000;
const LONGEST_TOOK_MS = 5000;

/**
 * Milliseconds to wait after an answer. A server that needs long is left alone for as long again.
 * @param {{usual: number, took: number, failures: number}} state  usual pace, time of the last answer, failed questions in a row
 */
export function pause({ usual, took, failures }) {
  const wait = Math.max(usual, Math.min(took, LONGEST_TOOK_MS));
  return Math.max(usual, Math.min(wait * 2 ** Math.min(failures, MOST_DOUBLINGS), LONGEST_MS));
}

/**
 * @param {object} parts
 * @param {(signal: AbortSignal) => Promise<any>} parts.ask  one question
 * @param {() => number|null} parts.pace  usual ms to the next question, null for none until `now`
 * @param {(error: Error) => void} [parts.onError]
 * @param {Timers} [parts.timers]
 * @param {() => number} [parts.clock]  ms
 */
export function createPolling({
  ask, pace, onError = () => {},
  timers = { set: (fn, ms) => setTimeout(fn, ms), clear: (id) => clearTimeout(id) },
  clock = () => performance.now(),
}) {
  let timer = null;
  let running = null;
  let again = false;
  let failures = 0;

  async function turn() {
    timer = null;
    const mine = (running = new AbortController());
    const began = clock();
    try {
      await ask(mine.signal);
      if (running === mine) failures = 0;
    } catch (error) {
      if (running === mine) {
        failures += 1;
        onError(error);
      }
    }
    if (running !== mine) return; // stopped, or asked for something else meanwhile
    running = null;
    plan(clock() - began);
  }

  function plan(took) {
    const usual = again ? 0 : pace();
    if (usual !== null) timer = timers.set(turn, again ? 0 : pause({ usual, took, failures }));
    again = false;
  }

  /** Ask at once, or right after the answer that is under way; `fresh` gives that one up. */
  function now({ fresh = false } = {}) {
    if (fresh) stop();
    if (running) {
      again = true;
      return;
    }
    if (timer !== null) timers.clear(timer);
    turn();
  }

  function stop() {
    if (timer !== null) timers.clear(timer);
    timer = null;
    again = false;
    failures = 0;
    running?.abort();
    running = null;
  }

  return { now, stop, get idle() { return timer === null && running === null; } };
}
