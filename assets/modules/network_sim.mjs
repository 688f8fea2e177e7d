/** Simulates a large network on the server for one input; of several inputs in quick succession the newest counts. */

import { statusSentence } from "./simulation.mjs";
import { decode } from "./trajectory.mjs";

const DELAY_MS = 120;

/** The settings of a person that a network's solver knows. */
export function networkSettings(settings = {}, network = {}) {
  const own = network.settings ?? { solver: "rk4", steps: 8 };
  return { solver: settings.networkSolver ?? own.solver, steps: settings.networkSteps ?? own.steps };
}

/**
 * @param {{store, api, quantity: function, timers?: {set, clear}}} parts
 * @returns {{request: function, draw: function, reset: function}}
 */
export function createNetworkSimulation({ store, api, quantity, timers = { set: (fn, ms) => setTimeout(fn, ms), clear: (id) => clearTimeout(id) } }) {
  let voltages = null;
  let timer = null;
  let running = null;
  let again = false;

  /** Simulate the present input soon. */
  function request({ force = false } = {}) {
    if (!store.get().network) return;
    if (timer !== null) timers.clear(timer);
    timer = timers.set(now, force ? 0 : DELAY_MS);
  }

  /** Other voltages of the input nodes; null for those of the file. */
  function draw(next) {
    voltages = next;
    request();
  }

  async function now() {
    timer = null;
    if (running) {
      again = true;
      return;
    }
    const { network, settings } = store.get();
    if (!network?.id) return;
    const mine = new AbortController();
    running = mine;
    store.set({ simState: "running" });
    try {
      const answer = await api.simulateNetwork(network.id, voltages, networkSettings(settings, network), mine.signal);
      const sim = decode(await api.binary(answer.url, mine.signal));
      if (running === mine && store.get().network === network) show(answer, sim);
    } catch (error) {
      if (error.name === "AbortError" || running !== mine) return;
      store.set({ simState: "error", simError: { message: error.message, where: "", node: null, time: null, offline: Boolean(error.offline) } });
    } finally {
      if (running === mine) {
        running = null;
        if (again) {
          again = false;
          now();
        }
      }
    }
  }

  function show(answer, sim) {
    sim.hash = answer.hash;
    sim.stats = answer.stats ?? {};
    sim.seconds = answer.seconds;
    sim.status = answer.status ?? { ok: true, message: "" };
    const message = statusSentence(sim.status, quantity);
    store.set({
      sim,
      simState: message ? "error" : "fresh",
      simError: message ? { message, where: "", node: sim.status.node ?? null, time: sim.status.time ?? null, offline: false } : null,
    });
  }

  /** Another document is coming. */
  function reset() {
    if (timer !== null) timers.clear(timer);
    timer = null;
    running?.abort();
    running = null;
    again = false;
    voltages = null;
  }

  return { request, draw, reset };
}
