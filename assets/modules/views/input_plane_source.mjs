/** Keeps the portraits of nodes in step with a circuit of two inputs, while they are wanted. */

import { generalReason } from "../document/rules.mjs";
import { createTimer } from "../lib/timer.mjs";
import { physicsOf } from "../play/simulation.mjs";
import { decode } from "../play/trajectory.mjs";

const DELAY_MS = 350;

/** Whether a drawn circuit has exactly two inputs, none of them driven. */
export const hasTwoInputs = (doc) => {
  const inputs = doc?.nodes.filter(({ role }) => role === "input" || role === "both") ?? [];
  return inputs.length === 2 && doc.nodes.every(({ drive }) => !drive);
};

/** @param {{store: any, api: any, toast: (message: string, kind?: string) => void, timers?: Timers}} parts */
export function createInputPlaneSource({ store, api, toast, timers }) {
  const planned = createTimer(timers);
  let asked = "";
  let running = null;

  function follow() {
    const { doc, portraits, inputPlane, network, registry } = store.get();
    const wanted = portraits && !network && hasTwoInputs(doc) && !generalReason(doc, registry?.devices ?? {});
    if (wanted) return planned.set(fetchIt, DELAY_MS);
    planned.cancel();
    running?.abort();
    asked = "";
    if (inputPlane) store.set({ inputPlane: null });
    return undefined;
  }

  async function fetchIt() {
    const { doc } = store.get();
    const circuit = doc.toJSON();
    const key = physicsOf(circuit);
    if (key === asked) return;
    asked = key;
    running?.abort();
    const mine = new AbortController();
    running = mine;
    try {
      const answer = await api.portraits(circuit, mine.signal);
      const inputPlane = decode(await api.binary(answer.url, mine.signal));
      if (running === mine && store.get().doc === doc) store.set({ inputPlane });
    } catch (error) {
      if (running !== mine || error.name === "AbortError") return;
      store.set({ inputPlane: null, portraits: false });
      toast(error.message, "error");
    }
  }

  store.on(["doc", "revision", "portraits", "network", "registry"], follow);
}
