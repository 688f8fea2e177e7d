/** Plays the stored trajectories of a training run on the board: time by time, epoch by epoch. */

import { CircuitDocument } from "../document/document.mjs";
import { decode } from "./trajectory.mjs";

const MOST_FRAMES = 200;

/** Circuits and trajectories of runs, asked for once; of many trajectories the oldest are forgotten. */
export function createRecordings(api, most = MOST_FRAMES) {
  const circuits = new Map();
  const frames = new Map();

  return {
    /** The circuit that made a trajectory: a run that was edited while it trained has several. */
    async circuit(id, epoch, sim) {
      const key = `${id}/${sim.deviceIds.join()}`;
      if (!circuits.has(key)) circuits.set(key, await api.runCircuit(id, epoch));
      return circuits.get(key);
    },
    async frame(id, epoch, signal) {
      const key = `${id}/${epoch}`;
      if (!frames.has(key)) {
        const sim = decode(await api.runFrame(id, epoch, signal));
        sim.hash = key;
        frames.set(key, sim);
        if (frames.size > most) frames.delete(frames.keys().next().value);
      }
      return frames.get(key);
    },
  };
}

/**
 * A run's circuit as a guest on the board: what was there before is kept, and comes back.
 * @param {{store: object, onEnter: () => void, onLeave: () => void}} parts
 */
function createGuest({ store, onEnter, onLeave }) {
  let home = null; // what to come back to: {doc, selection, slice, network}

  return {
    enter({ circuit, network = null }) {
      const { doc, selection, slice, network: own, runCircuit } = store.get();
      if (!home) home = { doc, selection, slice, network: own };
      else if (runCircuit === circuit) return;
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
    },
    leave() {
      if (!home) return;
      const back = home;
      home = null;
      store.set({ readOnly: Boolean(back.network), run: null, runCircuit: null, sim: null, ...back });
      onLeave();
    },
    active: () => home !== null,
  };
}

/**
 * @param {{store, api, toast, banner, onEnter: () => void, onLeave: () => void}} parts  onLeave brings the user's circuit back
 */
export function createReplay({ store, api, toast, banner, onEnter, onLeave }) {
  const recordings = createRecordings(api);
  const guest = createGuest({ store, onEnter, onLeave });
  let request = null;

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
      const sim = await recordings.frame(run.id, run.epoch, mine.signal);
      if (request !== mine) return;
      const answer = await recordings.circuit(run.id, run.epoch, sim);
      if (request !== mine) return;
      guest.enter(answer);
      store.set({ run: { ...run }, sim, simState: "fresh", simError: null });
      banner.show("replay", `Replay of ${run.name || run.id}, epoch ${run.epoch}. Your own circuit is untouched.`, "info", [
        { text: "Back to my circuit", run: () => setRun(null) },
      ]);
    } catch (error) {
      if (error.name !== "AbortError") toast(error.message, "error");
    }
  }

  function leave() {
    banner.hide("replay");
    guest.leave();
  }

  return { setRun, leave, active: guest.active };
}
