/** Plays the stored trajectories of a training run on the board: time by time, epoch by epoch. */

import { CircuitDocument } from "../document/document.mjs";
import { decode } from "./trajectory.mjs";

/**
 * @param {{store, api, toast, banner, onEnter: function, onLeave: function}} parts  onLeave brings the user's circuit back
 */
export function createReplay({ store, api, toast, banner, onEnter, onLeave }) {
  let home = null; // what to come back to: {doc, selection, slice, network}
  let request = null;
  const frames = new Map();
  const circuits = new Map();

  /** Follow the run reference that Python sets: {id, epoch, epochs, ...} or null. */
  async function setRun(run) {
    request?.abort();
    if (!run || run.epoch === undefined || run.epoch === null) {
      leave();
      return;
    }
    const mine = new AbortController();
    request = mine;
    try {
      const [answer, sim] = await Promise.all([circuitOf(run.id), frameOf(run.id, run.epoch, mine.signal)]);
      if (request !== mine) return;
      enter(answer);
      store.set({ run: { ...run }, sim, simState: "fresh", simError: null });
      banner.show("replay", `Replay of ${run.name || run.id}, epoch ${run.epoch}. Your own circuit is untouched.`, "info", [
        { text: "Back to my circuit", run: () => setRun(null) },
      ]);
    } catch (error) {
      if (error.name !== "AbortError") toast(error.message, "error");
    }
  }

  async function circuitOf(id) {
    if (!circuits.has(id)) circuits.set(id, await api.runCircuit(id));
    return circuits.get(id);
  }

  async function frameOf(id, epoch, signal) {
    const key = `${id}/${epoch}`;
    if (!frames.has(key)) {
      const sim = decode(await api.runFrame(id, epoch, signal));
      sim.hash = key;
      frames.set(key, sim);
      if (frames.size > 200) frames.delete(frames.keys().next().value);
    }
    return frames.get(key);
  }

  function enter({ circuit, network = null }) {
    const state = store.get();
    if (!home) home = { doc: state.doc, selection: state.selection, slice: state.slice, network: state.network };
    else if (store.get().runCircuit === circuit) return;
    store.set({
      readOnly: true,
      runCircuit: circuit,
      network,
      selection: { nodes: [], devices: [] },
      slice: 0,
      lane: "voltages",
      doc: CircuitDocument.from(circuit),
    });
    onEnter();
  }

  function leave() {
    banner.hide("replay");
    if (!home) return;
    const back = home;
    home = null;
    store.set({ readOnly: Boolean(back.network), network: back.network, run: null, runCircuit: null, doc: back.doc, selection: back.selection, slice: back.slice, sim: null });
    onLeave();
  }

  return { setRun, leave, active: () => home !== null };
}
