/** What the board shows now: the trajectory's values in the scene's order, with their scales. Pure. */

import { capacitorCurrents } from "./capacitor_currents.mjs";
import { peaksOf } from "./trajectory.mjs";

/** Number of the slice that runs at `time`; durations are those of the document. */
export function sliceAt(slices, time) {
  let end = 0;
  for (let k = 0; k < slices.length; k++) {
    end += slices[k].duration;
    if (time < end) return k;
  }
  return slices.length - 1;
}

/** The slice on the board: the edited one while building, else the one that is computing. */
export function shownSlice({ doc, sim, mode, playing, time, slice }) {
  if (!doc) return 0;
  const last = doc.slices.length - 1;
  if (last === 0) return 0;
  if (!sim || (mode === "build" && !playing)) return Math.min(Math.max(0, slice ?? 0), last);
  return sliceAt(doc.slices, time);
}

/** The lane whose values exist: without an adjoint solution the voltages are shown. */
export const shownLane = ({ lane, sim }) => (lane === "adjoint" && !sim?.hasAdjoint ? "voltages" : lane);

/** Scene number -> trajectory column; -1 for what is newer than the simulation. */
function columnsOf(scene, sim) {
  return {
    nodes: Int32Array.from(scene.nodeIds, (id) => sim.nodeIndex.get(id) ?? -1),
    devices: Int32Array.from(scene.deviceIds, (id) => sim.deviceIndex.get(id) ?? -1),
  };
}

function gather(from, columns, missing, out) {
  const to = out?.length === columns.length ? out : new Float32Array(columns.length);
  for (let k = 0; k < columns.length; k++) to[k] = columns[k] < 0 ? missing(k) : from[columns[k]];
  return to;
}

/** What sources give now (N,) [A], NaN where a node has none; null where nothing is known of any. */
function givenOf(scene, sim, time, out) {
  if (scene.driven.length === 0 || !sim.sources?.ids.length) return null;
  const given = out?.length === scene.N ? out : new Float32Array(scene.N).fill(NaN);
  for (const n of scene.driven) given[n] = sim.sources.currentAt(scene.nodeIds[n], time);
  return given;
}

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/**
 * The current that looks full. Half way (geometrically) between the largest of all times and the largest now: a decay
 * is seen as a decay, and what is left of it still moves.
 */
export function reference(ever, currents) {
  let now = 0;
  for (let e = 0; e < currents.length; e++) now = Math.max(now, Math.abs(currents[e]) || 0);
  return Math.sqrt(ever * Math.max(now, 1e-3 * ever));
}

/** Which numbers come first: classes of half an octave, so that an edit that changes little moves none. */
function weightsOf(sim, lane, columns) {
  const peaks = (lane === "adjoint" && sim.gradientSize(0)) || peaksOf(sim.array("currents"), sim.T, sim.E);
  return Int16Array.from(columns, (column) => (column >= 0 && peaks[column] > 0 ? Math.round(2 * Math.log2(peaks[column])) + 4096 : 0));
}

/** Remembers buffers and column maps between frames. */
export function createFrameSource() {
  const raw = {};
  const frame = {};
  /** @type {{scene: any, sim: any, columns: any, weights: Map<string, Int16Array>}} */
  let known = { scene: null, sim: null, columns: null, weights: new Map() };

  /**
   * @param {object} scene
   * @param {object} state  of the store
   * @returns {{frame: object, lane: string, range: number, gain: number, gradientRange: number, weights?: Int16Array|null, dim: boolean}}
   */
  function now(scene, state) {
    const { sim, time, currentGain = 1, voltageRange, simState } = state;
    const lane = shownLane(state);
    if (!sim) {
      frame.v = scene.voltage;
      frame.i = new Float32Array(scene.E);
      frame.iTarget = frame.g = frame.given = frame.capacitor = null;
      const range = voltageRange ?? (largest(scene.voltage) || 1);
      return { frame, lane: "voltages", range, gain: 0, gradientRange: 0, dim: false };
    }
    if (known.scene !== scene || known.sim !== sim) known = { scene, sim, columns: columnsOf(scene, sim), weights: new Map() };
    sim.frameAt(time, lane, raw);
    const { nodes, devices } = known.columns;
    frame.v = gather(raw.v, nodes, (n) => (lane === "adjoint" ? 0 : scene.voltage[n]), frame.v === scene.voltage ? null : frame.v);
    frame.i = gather(raw.i, devices, () => NaN, frame.i);
    frame.iTarget = raw.iTarget ? gather(raw.iTarget, devices, () => NaN, frame.iTarget) : null;
    frame.g = raw.g ? gather(raw.g, devices, () => 0, frame.g) : null;
    frame.capacitor = scene.capacitors && lane !== "adjoint" ? capacitorCurrents(scene, known.columns, sim, time, frame.i, frame.capacitor) : null;
    frame.given = lane === "adjoint" ? null : givenOf(scene, sim, time, frame.given);
    const ranges = sim.ranges(lane);
    if (!known.weights.has(lane)) known.weights.set(lane, weightsOf(sim, lane, devices));
    return {
      frame,
      lane,
      range: (lane === "adjoint" ? null : voltageRange) ?? (ranges.v || 1),
      gain: ranges.i > 0 ? currentGain / reference(ranges.i, frame.i) : 0,
      gradientRange: ranges.g ?? 0,
      weights: known.weights.get(lane) ?? null,
      dim: simState === "stale" || simState === "error",
    };
  }

  return { now };
}
