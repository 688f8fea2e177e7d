/** Keeps the trajectory on show in step with the circuit: asks the server 300 ms after an edit. */

import { createAsking } from "./asking.mjs";
import { requestSettings } from "./settings.mjs";

/** Nodes plus devices up to which an edit re-simulates by itself. */
export const AUTOMATIC_ELEMENTS = 400;
const DELAY_MS = 300;
/** Where forward and adjoint together take longer (s), the forward part is shown first... */
const SLOW_SECONDS = 0.4;
/** ...and the adjoint follows when nothing was edited for this long. */
const ADJOINT_DELAY_MS = 900;

/** Everything of a circuit that its physics depends on: positions, names and labels are not part of it. */
export function physicsOf(circuit) {
  return JSON.stringify([
    circuit.nodes.map((node) => [node.id, node.voltage, node.capacitance, node.role, node.drive]),
    circuit.slices.map((slice) => [
      slice.duration,
      slice.devices.map((device) => [device.id, device.kind, device.source, device.target, device.params]),
    ]),
  ]);
}

/**
 * @param {{store, api, quantity: (value: number, unit: string) => string, timers?: Timers}} parts
 */
export function createSimulation({ store, api, quantity, timers = { set: (fn, ms) => setTimeout(fn, ms), clear: (id) => clearTimeout(id) } }) {
  const asking = createAsking({ store, api, quantity, onAgain: () => now(), settled: () => timer === null });
  let timer = null;
  let asked = "";
  let slow = false;
  let adjointTimer = null;

  /** The circuit or the settings may have changed: mark the picture stale and plan a new one. */
  function request({ force = false } = {}) {
    const { doc, registry, settings, readOnly } = store.get();
    if (!doc || !registry || !settings || readOnly) return;
    if (!force && doc.nodes.length + doc.devices.length > AUTOMATIC_ELEMENTS) {
      store.set({ simState: "stale" });
      return;
    }
    const circuit = doc.toJSON();
    const key = physicsOf(circuit) + JSON.stringify(requestSettings(settings, circuit, registry));
    if (key === asked && !force) return;
    if (circuit.nodes.length === 0) {
      cancel();
      asked = key;
      store.set({ sim: null, simState: "none", simError: null });
      return;
    }
    store.set({ simState: "stale" });
    if (adjointTimer !== null) timers.clear(adjointTimer);
    adjointTimer = null;
    if (timer === null) timer = timers.set(now, force ? 0 : DELAY_MS);
  }

  function cancel() {
    for (const waiting of [timer, adjointTimer]) if (waiting !== null) timers.clear(waiting);
    timer = adjointTimer = null;
    asking.cancel();
  }

  /** Simulate at once. While one answer is under way only the newest next question is kept. */
  async function now() {
    for (const waiting of [timer, adjointTimer]) if (waiting !== null) timers.clear(waiting);
    timer = adjointTimer = null;
    if (asking.postpone()) return;
    const { doc, registry, settings, readOnly, lane } = store.get();
    if (!doc || readOnly) return;
    const circuit = doc.toJSON();
    const wanted = requestSettings(settings, circuit, registry);
    asked = physicsOf(circuit) + JSON.stringify(wanted);
    store.set({ simState: "running" });
    const forwardFirst = wanted.adjoint && lane !== "adjoint" && (slow || registry.solvers[wanted.solver]?.implicit);
    await fetchOne(doc, circuit, forwardFirst ? { ...wanted, adjoint: false } : wanted);
    if (forwardFirst && store.get().simState === "fresh") {
      adjointTimer = timers.set(() => {
        adjointTimer = null;
        if (!asking.busy && store.get().doc === doc) fetchOne(doc, circuit, wanted);
      }, ADJOINT_DELAY_MS);
    }
  }

  function fetchOne(doc, circuit, wanted) {
    return asking.ask((signal) => api.simulate(circuit, wanted, signal), () => store.get().doc === doc, {
      onAnswer: ({ seconds }) => {
        if (wanted.adjoint) slow = seconds > SLOW_SECONDS;
      },
      onError: ({ offline }) => {
        if (offline) asked = "";
      },
    });
  }

  /** Forget everything asked so far: another document is coming. */
  function reset() {
    cancel();
    asked = "";
    slow = false;
    store.set({ sim: null, simState: "none", simError: null });
  }

  store.on(["lane"], ({ lane }) => {
    if (lane === "adjoint" && adjointTimer !== null) now(); // now it is wanted
  });

  return { request, now, reset, cancel };
}
