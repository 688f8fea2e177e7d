/** Keeps the picture of a flow in step with a circuit of two nodes that is simulated or replayed. */

import { generalReason } from "../document/rules.mjs";
import { isPlane } from "./plane_picture.mjs";
import { physicsOf } from "../play/simulation.mjs";
import { decode } from "../play/trajectory.mjs";

const DELAY_MS = 350;

/** @param {{store, api, timers?: Timers}} parts */
export function createPlaneSource({ store, api, timers = { set: (fn, ms) => setTimeout(fn, ms), clear: (id) => clearTimeout(id) } }) {
  let timer = null;
  let asked = "";
  let running = null;
  let followed = null; // the document of the picture: another one must not be seen with it

  function follow() {
    const { doc, mode, plane } = store.get();
    if (!isPlane(doc) || doc !== followed) {
      running?.abort();
      asked = "";
      followed = doc;
      if (plane) store.set({ plane: null });
    }
    if (!isPlane(doc)) return;
    // Only the fast class has flows; elsewhere the state is more than two voltages.
    if (mode === "build" || generalReason(doc, store.get().registry?.devices ?? {})) return;
    if (timer !== null) timers.clear(timer);
    timer = timers.set(fetchIt, DELAY_MS);
  }

  async function fetchIt() {
    timer = null;
    const { doc } = store.get();
    if (!isPlane(doc)) return;
    const circuit = doc.toJSON();
    const key = physicsOf(circuit);
    if (key === asked) return;
    asked = key;
    running?.abort();
    const mine = new AbortController();
    running = mine;
    try {
      const answer = await api.flow(circuit, mine.signal);
      const plane = decode(await api.binary(answer.url, mine.signal));
      if (running === mine && store.get().doc === doc) store.set({ plane });
    } catch (error) {
      if (running !== mine || error.name === "AbortError") return;
      asked = "";
      store.set({ plane: null }); // the simulation says what is wrong with the circuit
    }
  }

  store.on(["doc", "revision", "mode"], follow);
  return { follow };
}
