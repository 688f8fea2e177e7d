/** Keeps the trajectory on show in step with the circuit: asks the server 300 ms after an edit. */

import { generalReason } from "../document/rules.mjs";
import { createTimer } from "../lib/timer.mjs";
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
    circuit.start,
    circuit.nodes.map((node) => [node.id, node.voltage, node.capacitance, node.role, node.drive]),
    circuit.slices.map((slice) => [
      slice.duration,
      slice.devices.map((device) => [device.id, device.kind, device.source, device.target, device.params, device.terminals, device.drive, device.expression]),
    ]),
  ]);
}

/** What to ask about the document, and a key that is the same for as long as the answer would be. */
function questionOf({ doc, registry, settings }) {
  const circuit = doc.toJSON();
  const wanted = requestSettings(settings, circuit, registry);
  return { doc, circuit, wanted, key: physicsOf(circuit) + JSON.stringify(wanted) };
}

/**
 * Asks for a solution in one part or, where its adjoint takes long, in two: the forward part at once, the adjoint when
 * editing rests.
 * @param {{store, api, asking, onOffline: () => void, timers?: Timers}} parts
 */
function createSolving({ store, api, asking, onOffline, timers }) {
  const adjoint = createTimer(timers);
  let slow = false;

  const ask = ({ doc, circuit }, wanted) =>
    asking.ask((signal) => api.simulate(circuit, wanted, signal), () => store.get().doc === doc, {
      onAnswer: ({ seconds }) => {
        if (wanted.adjoint) slow = seconds > SLOW_SECONDS;
      },
      onError: ({ offline }) => {
        if (offline) onOffline();
      },
    });

  return {
    async solve(question) {
      const { wanted } = question;
      const { lane, registry } = store.get();
      const long = slow || registry.solvers[wanted.solver]?.implicit || generalReason(question.circuit, registry.devices ?? {});
      const forwardFirst = wanted.adjoint && lane !== "adjoint" && Boolean(long);
      await ask(question, forwardFirst ? { ...wanted, adjoint: false } : wanted);
      if (!forwardFirst || store.get().simState !== "fresh") return;
      adjoint.set(() => {
        if (!asking.busy && store.get().doc === question.doc) ask(question, wanted);
      }, ADJOINT_DELAY_MS);
    },
    /** Whether an adjoint is to follow. */
    get owing() { return adjoint.waiting; },
    /** The adjoint that is to follow would be that of an older circuit. */
    postpone: adjoint.cancel,
    /** Another document need not be slow. */
    forget() { slow = false; },
  };
}

/**
 * @param {{store, api, quantity: (value: number, unit: string) => string, timers?: Timers}} parts
 */
export function createSimulation({ store, api, quantity, timers }) {
  const planned = createTimer(timers);
  const asking = createAsking({ store, api, quantity, onAgain: () => now(), settled: () => !planned.waiting });
  const solving = createSolving({ store, api, asking, timers, onOffline: () => { asked = ""; } });
  let asked = "";

  /** The circuit or the settings may have changed: mark the picture stale and plan a new one. */
  function request({ force = false } = {}) {
    const { doc, registry, settings, readOnly } = store.get();
    if (!doc || !registry || !settings || readOnly) return;
    if (!force && doc.nodes.length + doc.devices.length > AUTOMATIC_ELEMENTS) {
      store.set({ simState: "stale" });
      return;
    }
    const { circuit, key } = questionOf({ doc, registry, settings });
    if (key === asked && !force) return;
    if (circuit.nodes.length === 0) {
      forget(key);
      return;
    }
    store.set({ simState: "stale" });
    solving.postpone();
    if (!planned.waiting) planned.set(now, force ? 0 : DELAY_MS);
  }

  /** No picture; `key` is what it would be the answer to. */
  function forget(key) {
    planned.cancel();
    solving.postpone();
    asking.cancel();
    asked = key;
    store.set({ sim: null, simState: "none", simError: null });
  }

  /** Simulate at once. While one answer is under way only the newest next question is kept. */
  async function now() {
    planned.cancel();
    solving.postpone();
    if (asking.postpone()) return;
    const state = store.get();
    if (!state.doc || state.readOnly) return;
    const question = questionOf(state);
    asked = question.key;
    store.set({ simState: "running" });
    await solving.solve(question);
  }

  /** Forget everything asked so far: another document is coming. */
  function reset() {
    solving.forget();
    forget("");
  }

  /** Wait no longer; the picture before stays. */
  const stop = () => [planned.cancel, solving.postpone, asking.stop].forEach((end) => end());

  store.on(["lane"], ({ lane }) => lane === "adjoint" && solving.owing && now()); // now it is wanted
  return { request, stop, reset };
}
