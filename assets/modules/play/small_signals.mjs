/** Keeps the operating point and the frequency response in step with the circuit while somebody looks at them. Pure. */

import { ANY_RESPONSE, UNASKED } from "../document/state.mjs";
import { createTimer } from "../lib/timer.mjs";
import { physicsOf } from "./simulation.mjs";

const DELAY_MS = 300;
const MOST_NODES = 10;

/** Nodes whose response is shown: the chosen ones, else the outputs, else the first that no source holds. Pure. */
export function nodesOf(doc, { nodes }) {
  if (nodes) return nodes.filter((id) => doc.node(id));
  if (doc.outputs.length > 0) return doc.outputs.slice(0, MOST_NODES);
  return doc.nodes.filter(({ drive }) => !drive).slice(0, MOST_NODES).map(({ id }) => id);
}

/** The chosen source while it is there: a driven node or a device. Pure. */
export const sourceOf = (doc, { source }) => (source !== null && (doc.node(source)?.drive || doc.device(source)) ? source : null);

/** One sort of question: the newest counts, and the same one is asked once. `ask` says whether its answer is there. */
function createQuestion(store, name, send) {
  let running = null;

  async function ask(key, body) {
    if (store.get()[name].key === key) return store.get()[name].state === "fresh";
    running?.abort();
    const mine = (running = new AbortController());
    const put = (next) => { if (running === mine) store.set({ [name]: { ...next, key } }); };
    put({ ...store.get()[name], state: "running" });
    try {
      put({ state: "fresh", answer: await send(body, mine.signal), message: "" });
    } catch (error) {
      // What the server did not hear may be asked again.
      if (error.name !== "AbortError" && running === mine) store.set({ [name]: { state: "error", answer: null, message: error.message, key: error.offline ? "" : key } });
      return false;
    }
    return running === mine;
  }

  function forget() {
    running?.abort();
    running = null;
    store.set({ [name]: UNASKED });
  }

  return { ask, forget };
}

/** @param {{store, api, timers?: Timers}} parts */
export function createSmallSignals({ store, api, timers }) {
  const planned = createTimer(timers);
  const rest = createQuestion(store, "rest", (body, signal) => api.operatingPoint(body, signal));
  const response = createQuestion(store, "response", (body, signal) => api.frequencyResponse(body, signal));

  async function now() {
    const { doc, network, looksAtRest, dockView, sweep } = store.get();
    if (!doc || network || doc.nodes.length === 0) {
      rest.forget();
      response.forget();
      return;
    }
    if (dockView !== "frequency" && !looksAtRest) return;
    const circuit = doc.toJSON();
    const physics = physicsOf(circuit);
    const there = await rest.ask(physics, { circuit });
    const chosen = { source: sourceOf(doc, sweep), nodes: nodesOf(doc, sweep), low: sweep.low, high: sweep.high };
    const able = there && store.get().rest.answer.sources.length > 0 && chosen.nodes.length > 0;
    if (!able) response.forget();
    else if (store.get().dockView === "frequency") response.ask(physics + JSON.stringify(chosen), { circuit, ...chosen });
  }

  store.on(["circuitId", "network"], () => {
    rest.forget();
    response.forget();
    store.set({ sweep: ANY_RESPONSE });
  });
  store.on(["doc", "revision"], () => planned.set(now, DELAY_MS));
  store.on(["dockView", "looksAtRest", "sweep"], now);
  return { now };
}
