/** Keeps the trajectory on show in step with the circuit: asks the server 300 ms after an edit. */

import { requestSettings } from "./settings.mjs";
import { decode } from "./trajectory.mjs";

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
    circuit.nodes.map((node) => [node.id, node.voltage, node.capacitance, node.role]),
    circuit.slices.map((slice) => [
      slice.duration,
      slice.devices.map((device) => [device.id, device.kind, device.source, device.target, device.params]),
    ]),
  ]);
}

/** The sentence a person reads when a solve stopped early. */
export function statusSentence(status, quantity) {
  if (!status || status.ok) return "";
  const message = status.message ?? "The simulation stopped early.";
  const named = status.node && !message.includes(status.node) ? ` at node ${status.node}` : "";
  const when = Number.isFinite(status.time) && !/\bt\s*=|\bs\b/.test(message) ? ` (t = ${quantity(status.time, "s")})` : "";
  return `${message.replace(/\.$/, "")}${named}${when}. Shown up to there.`;
}

/**
 * @param {{store, api, quantity: function, timers?: {set, clear}}} parts
 * @returns {{request: function, now: function, stop: function}}
 */
export function createSimulation({ store, api, quantity, timers = { set: (fn, ms) => setTimeout(fn, ms), clear: (id) => clearTimeout(id) } }) {
  let timer = null;
  let running = null;
  let asked = "";
  let again = false;
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
    running?.abort();
    running = null;
    again = false;
  }

  /** Simulate at once. While one answer is under way only the newest next question is kept. */
  async function now() {
    for (const waiting of [timer, adjointTimer]) if (waiting !== null) timers.clear(waiting);
    timer = adjointTimer = null;
    if (running) {
      again = true;
      return;
    }
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
        if (!running && store.get().doc === doc) fetchOne(doc, circuit, wanted);
      }, ADJOINT_DELAY_MS);
    }
  }

  async function fetchOne(doc, circuit, wanted) {
    const mine = new AbortController();
    running = mine;
    try {
      const answer = await api.simulate(circuit, wanted, mine.signal);
      const buffer = await api.binary(answer.url, mine.signal);
      if (running !== mine || store.get().doc !== doc) return;
      if (wanted.adjoint) slow = answer.seconds > SLOW_SECONDS;
      show(answer, decode(buffer));
    } catch (error) {
      if (error.name === "AbortError" || running !== mine) return;
      if (error.offline) asked = "";
      store.set({ simState: "error", simError: { message: error.message, where: error.where ?? "", node: null, time: null, offline: Boolean(error.offline) } });
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
    sim.stats = answer.stats ?? sim.header.stats ?? {};
    sim.seconds = answer.seconds;
    sim.status = answer.status ?? sim.header.status ?? { ok: true, message: "" };
    const message = statusSentence(sim.status, quantity);
    store.set({
      sim,
      simState: message ? "error" : timer === null && !again ? "fresh" : "stale",
      simError: message ? { message, where: "", node: sim.status.node ?? null, time: sim.status.time ?? null, offline: false } : null,
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
