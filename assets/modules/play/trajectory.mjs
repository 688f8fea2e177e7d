/** Decodes the binary container of a simulation and answers "what is the value now?". Pure. */

import { Sources } from "./sources.mjs";
import { Terminals } from "./terminals.mjs";

const MAGIC = "KSIM";
const VERSION = 1;
const NODE_ARRAY = { voltages: "voltages", currents: "voltages", energy: "voltages", adjoint: "adjoint_voltages" };
const DEVICE_ARRAY = { voltages: "currents", currents: "currents", energy: "currents", adjoint: "adjoint_currents" };

/**
 * Read a `KSIM` container: magic, version, header length (uint32, little endian), JSON header, float32 arrays.
 * @param {ArrayBuffer} buffer
 * @returns {{header: object, arrays: object}}
 * @throws {Error} when the buffer is not a container of this version
 */
export function unpack(buffer) {
  if (buffer.byteLength < 12) throw new Error("The simulation answer is cut short.");
  const view = new DataView(buffer);
  const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 4));
  if (magic !== MAGIC) throw new Error("The simulation answer is not a KSIM container.");
  const version = view.getUint32(4, true);
  if (version !== VERSION) throw new Error(`The simulation answer has version ${version}, expected ${VERSION}.`);
  const length = view.getUint32(8, true);
  const start = 12 + length;
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 12, length)));
  const arrays = {};
  for (const { name, shape, offset } of header.arrays) {
    const count = shape.reduce((product, size) => product * size, 1);
    if (start + offset + 4 * count > buffer.byteLength) throw new Error("The simulation answer is cut short.");
    arrays[name] = { shape, data: new Float32Array(buffer, start + offset, count) };
  }
  return { header, arrays };
}

/**
 * The container of a simulation or of a replayed epoch.
 * @param {ArrayBuffer} buffer
 * @returns {Trajectory}
 */
export function decode(buffer) {
  const { header, arrays } = unpack(buffer);
  return new Trajectory(header, arrays);
}

/** Values over time of every node (T, N) and device (T, E), with linear interpolation between samples. */
export class Trajectory {
  constructor(header, arrays) {
    this.header = header;
    this.arrays = arrays;
    this.t = arrays.t.data;
    this.T = this.t.length;
    this.nodeIds = header.node_ids;
    this.deviceIds = header.device_ids;
    this.N = this.nodeIds.length;
    this.E = this.deviceIds.length;
    this.nodeIndex = new Map(this.nodeIds.map((id, k) => [id, k]));
    this.deviceIndex = new Map(this.deviceIds.map((id, k) => [id, k]));
    this.terminals = new Terminals(this);
    this.sources = new Sources(this);
    this.params = header.arrays.map((a) => a.name).filter((n) => n.startsWith("gradient/")).map((n) => n.slice(9));
    this.rangeCache = new Map();
    this.stats = header.stats ?? {};
    this.status = header.status ?? { ok: true, message: "" };
    this.hash = ""; // what the server or the replay calls it
    this.seconds = NaN; // of computing
  }

  array(name) {
    return this.arrays[name]?.data ?? null;
  }

  has(name) {
    return name in this.arrays;
  }

  get duration() {
    return this.T > 0 ? this.t[this.T - 1] : 0;
  }

  get hasAdjoint() {
    return this.has("adjoint_voltages");
  }

  /** Sample index k and share f with time = t[k] (1 - f) + t[k+1] f. */
  locate(time) {
    const t = this.t;
    if (this.T < 2 || time <= t[0]) return { k: 0, f: 0 };
    if (time >= t[this.T - 1]) return { k: this.T - 2, f: 1 };
    let low = 0;
    let high = this.T - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (t[middle] <= time) low = middle;
      else high = middle;
    }
    const width = t[high] - t[low];
    return { k: low, f: width > 0 ? (time - t[low]) / width : 0 };
  }

  /** Row of a (T, width) array at `time`, written into `out`. */
  row(name, width, time, out) {
    const data = this.array(name);
    if (!data) return null;
    const result = out && out.length === width ? out : new Float32Array(width);
    const { k, f } = this.locate(time);
    const a = k * width;
    const b = this.T < 2 ? a : a + width;
    for (let j = 0; j < width; j += 1) result[j] = mix(data[a + j], data[b + j], f);
    return result;
  }

  /** One column of a (T, width) array at `time`. */
  cell(name, width, column, time) {
    const data = this.array(name);
    if (!data || column === undefined || column < 0) return NaN;
    const { k, f } = this.locate(time);
    const a = k * width + column;
    return mix(data[a], data[this.T < 2 ? a : a + width], f);
  }

  /**
   * What the board paints at `time`: node values v, device values i and, in the adjoint lane,
   * the current entering the target and the size of the gradient gathered since the end.
   * @param {object} [out]  a frame to write into
   */
  frameAt(time, lane = "voltages", out = {}) {
    const adjoint = lane === "adjoint" && this.hasAdjoint;
    const shown = adjoint ? "adjoint" : lane === "adjoint" ? "voltages" : lane;
    out.v = this.row(NODE_ARRAY[shown], this.N, time, out.v);
    out.i = this.row(DEVICE_ARRAY[shown], this.E, time, out.i);
    out.iTarget = adjoint ? this.row("adjoint_currents_target", this.E, time, out.iTarget) : null;
    out.g = adjoint ? this.gradientSize(time, out.g) : null;
    out.time = time;
    return out;
  }

  /** Euclidean norm over a device's parameters of the gradient gathered from the end back to `time`. */
  gradientSize(time, out) {
    const result = out && out.length === this.E ? out : new Float32Array(this.E);
    result.fill(0);
    let found = false;
    for (const param of this.params) {
      const row = this.row(`gradient_path/${param}`, this.E, time, this.scratch?.length === this.E ? this.scratch : undefined);
      if (!row) continue;
      this.scratch = row;
      found = true;
      for (let e = 0; e < this.E; e += 1) if (row[e] === row[e]) result[e] += row[e] * row[e];
    }
    if (!found) return null;
    for (let e = 0; e < this.E; e += 1) result[e] = Math.sqrt(result[e]);
    return result;
  }

  valueAt(nodeId, time, lane = "voltages") {
    return this.cell(NODE_ARRAY[lane], this.N, this.nodeIndex.get(nodeId), time);
  }

  /** Array, width and column of what a device carries; of a driven node's source and of a further terminal by their names. */
  #branch(id, lane) {
    const { sources, terminals } = this;
    const source = sources.nodeOf(id);
    if (source !== null) return ["source_currents", sources.ids.length, sources.index.get(source)];
    const end = terminals.endOf(id);
    return end ? ["terminal_currents", terminals.index.size, end.column] : [DEVICE_ARRAY[lane], this.E, this.deviceIndex.get(id)];
  }

  deviceValueAt(deviceId, time, lane = "voltages") {
    const [name, width, column] = this.#branch(deviceId, lane);
    return this.cell(name, width, column, time);
  }

  /** Gradient of one parameter gathered from the end back to `time`; NaN where unknown. */
  gradientAt(deviceId, param, time) {
    return this.cell(`gradient_path/${param}`, this.E, this.deviceIndex.get(deviceId), time);
  }

  /** Gradient of one parameter as the optimiser uses it. */
  gradient(deviceId, param) {
    return this.array(`gradient/${param}`)?.[this.deviceIndex.get(deviceId)] ?? NaN;
  }

  /** All nodes or devices of a lane over time: their ids and the (T, ids.length) array, null where there is none. */
  table(what, lane) {
    const [ids, names] = what === "nodes" ? [this.nodeIds, NODE_ARRAY] : [this.deviceIds, DEVICE_ARRAY];
    return { ids, data: this.array(names[lane]) };
  }

  /** One node or device over all times, as a plain typed array of length T. */
  series(name, width, column) {
    const data = this.array(name);
    const result = new Float32Array(this.T);
    for (let k = 0; k < this.T; k += 1) result[k] = data ? data[k * width + column] : NaN;
    return result;
  }

  nodeSeries(nodeId, lane = "voltages") {
    return this.series(NODE_ARRAY[lane], this.N, this.nodeIndex.get(nodeId));
  }

  deviceSeries(deviceId, lane = "currents") {
    const [name, width, column] = this.#branch(deviceId, lane);
    return this.series(name, width, column);
  }

  /** Largest magnitudes over the whole lane: {v, i, g}; 0 where nothing is finite. */
  ranges(lane = "voltages") {
    const key = lane === "adjoint" && this.hasAdjoint ? "adjoint" : "voltages";
    if (!this.rangeCache.has(key)) {
      this.rangeCache.set(key, {
        v: largest(this.array(NODE_ARRAY[key])),
        i: largest(this.array(DEVICE_ARRAY[key])),
        g: key === "adjoint" ? largest(this.gradientSize(0)) : 0,
      });
    }
    return this.rangeCache.get(key);
  }

  /** Indices of the nodes (or devices) that move most, most active first. */
  mostActive(what, lane, count) {
    const { ids, data } = this.table(what, lane);
    return data ? swings(data, this.T, ids.length).slice(0, count).map(({ j }) => j) : [];
  }

  /** First and last time at which a device carries a current (its slice), or null. */
  sliceOf(deviceId) {
    const column = this.deviceIndex.get(deviceId);
    const data = this.array("currents");
    if (column === undefined || !data) return null;
    let first = -1;
    let last = -1;
    for (let k = 0; k < this.T; k += 1) {
      const value = data[k * this.E + column];
      if (value === value) {
        if (first < 0) first = k;
        last = k;
      }
    }
    return first < 0 ? null : { start: this.t[first], end: this.t[last] };
  }
}

/** Largest current of a device at any time [A]; NaN where none is known. */
export function largestCurrent(sim, deviceId) {
  const column = sim.deviceIndex.get(deviceId);
  const data = sim.array("currents");
  let found = NaN;
  if (column === undefined || !data) return found;
  for (let k = column; k < data.length; k += sim.E) if (!(Math.abs(data[k]) <= found) && Number.isFinite(data[k])) found = Math.abs(data[k]);
  return found;
}

/** Linear interpolation; where a device is outside its slice (NaN) the nearer sample decides. */
export function mix(a, b, f) {
  if (f === 0) return a;
  if (f === 1) return b;
  if (a !== a || b !== b) return f < 0.5 ? a : b;
  return a + (b - a) * f;
}

/** Columns of a (T, width) array by how far each moves, the widest swing first. */
function swings(data, T, width) {
  const swing = [];
  for (let j = 0; j < width; j += 1) {
    let low = Infinity;
    let high = -Infinity;
    for (let k = 0; k < T; k += 1) {
      const value = data[k * width + j];
      if (value < low) low = value;
      if (value > high) high = value;
    }
    swing.push({ j, size: high >= low ? high - low : -1 });
  }
  return swing.sort((a, b) => b.size - a.size || a.j - b.j);
}

/** Largest finite magnitude of each column of a (T, width) array. */
export function peaksOf(data, T, width) {
  const peaks = new Float32Array(width);
  for (let at = 0; data && at < T * width; at += 1) {
    const size = Math.abs(data[at]);
    const j = at % width;
    if (size > peaks[j] && size < Infinity) peaks[j] = size;
  }
  return peaks;
}

function largest(data) {
  let most = 0;
  if (!data) return most;
  for (let k = 0; k < data.length; k += 1) {
    const size = Math.abs(data[k]);
    if (size > most && size < Infinity) most = size;
  }
  return most;
}
