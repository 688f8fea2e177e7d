/** Simulates a large network on the server for one input; of several inputs in quick succession the newest counts. */

import { createTimer } from "../lib/timer.mjs";
import { createAsking } from "./asking.mjs";

const DELAY_MS = 120;

/** Solver and steps of a network: a person's, else those that the server names. */
export function networkSettings(settings = {}, network = {}) {
  const own = network.settings ?? {};
  return { solver: settings.networkSolver ?? own.solver, steps: settings.networkSteps ?? own.steps };
}

/**
 * @param {{store, api, quantity: (value: number, unit: string) => string, timers?: Timers}} parts
 */
export function createNetworkSimulation({ store, api, quantity, timers }) {
  const asking = createAsking({ store, api, quantity, onAgain: () => now() });
  const planned = createTimer(timers);
  let voltages = null;

  /** Simulate the present input soon. */
  function request({ force = false } = {}) {
    if (!store.get().network) return;
    planned.set(now, force ? 0 : DELAY_MS);
  }

  /** Other voltages of the input nodes; null for those of the file. */
  function draw(next) {
    voltages = next;
    request();
  }

  function now() {
    if (asking.postpone()) return;
    const { network, settings } = store.get();
    if (!network?.id) return;
    store.set({ simState: "running" });
    const [shown, wanted] = [voltages, networkSettings(settings, network)];
    asking.ask((signal) => api.simulateNetwork(network.id, shown, wanted, signal), () => store.get().network === network);
  }

  /** Wait no longer; the picture before stays. */
  function stop() {
    planned.cancel();
    asking.stop();
  }

  /** Another document is coming. */
  function reset() {
    planned.cancel();
    asking.cancel();
    voltages = null;
  }

  return { request, draw, stop, reset };
}
