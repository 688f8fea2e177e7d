/** The circuit while it is edited: immutable content, operations that are one undo step each, events. */

import { CircuitError, GROUND, checkId, hashText, makeDevice, makeNode, readCircuit, writeCircuit } from "./format.mjs";
import { findProblems } from "./checks.mjs";

export { CircuitError, GROUND };

const HISTORY = 400; // steps kept; contents share their unchanged parts, so a step is cheap
const EMPTY = { format: "kirchhoff-circuit/1", name: "", nodes: [], slices: [{ duration: 1, devices: [] }] };
const ELECTRICAL_NODE_FIELDS = ["voltage", "capacitance", "role"];

/** The first free name `prefix` + number after the largest number in use. */
function freshId(prefix, taken) {
  let largest = 0;
  for (const id of taken) {
    if (id.startsWith(prefix) && /^\d+$/.test(id.slice(prefix.length))) {
      largest = Math.max(largest, Number(id.slice(prefix.length)));
    }
  }
  return `${prefix}${largest + 1}`;
}

export class CircuitDocument {
  #state;
  #past = [];
  #future = [];
  #listeners = new Set();
  #step = null; // {base, electrical, kinds, ids, depth} while a group or a drag is open
  #index = null;

  constructor(state) {
    this.#state = state;
    this.revision = 0;
  }

  /** Reads a parsed circuit file; without argument an empty circuit. Throws CircuitError. */
  static from(json = EMPTY) {
    return new CircuitDocument(readCircuit(json));
  }

  get name() { return this.#state.name; }
  get nodes() { return this.#state.nodes; }
  get slices() { return this.#state.slices; }
  get devices() { return this.#lookup().devices; }
  get canUndo() { return this.#past.length > 0 || Boolean(this.#step && this.#step.base !== this.#state); }
  get canRedo() { return this.#future.length > 0; }
  get inputs() { return this.nodes.filter((n) => n.role === "input" || n.role === "both").map((n) => n.id); }
  get outputs() { return this.nodes.filter((n) => n.role === "output" || n.role === "both").map((n) => n.id); }

  toJSON() { return writeCircuit(this.#state); }
  hash() { return hashText(JSON.stringify(this.toJSON())); }
  checks() { return findProblems(this.#state); }
  node(id) { return this.#lookup().nodeById.get(id) ?? null; }
  device(id) { return this.#lookup().deviceById.get(id)?.device ?? null; }
  /** Index of the slice that holds a device, or -1. */
  sliceOf(id) { return this.#lookup().deviceById.get(id)?.slice ?? -1; }
  devicesAt(nodeId) { return this.devices.filter((d) => d.source === nodeId || d.target === nodeId); }

  /** Calls `fn({kind, ids, electrical})` after each change; returns a function that stops it. */
  on(event, fn) {
    if (event !== "change") throw new Error(`unknown event ${event}`);
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }

  // ---- nodes -------------------------------------------------------------------------------

  addNode(record = {}) {
    const id = record.id ?? freshId("n", this.#lookup().nodeById.keys());
    if (this.node(id)) throw new CircuitError(`node ${id} exists already`, id);
    const node = makeNode({ ...record, id }, id);
    this.#commit({ ...this.#state, nodes: [...this.nodes, node] }, "add", [id], true);
    return id;
  }

  setNode(id, patch) {
    const before = this.#needNode(id);
    if ("id" in patch && patch.id !== id) throw new CircuitError("use rename to change a name", id);
    const after = makeNode({ ...before, ...patch }, id);
    const changed = Object.keys(patch).filter((key) => after[key] !== before[key]);
    if (changed.length === 0) return;
    const nodes = this.nodes.map((n) => (n.id === id ? after : n));
    const electrical = changed.some((key) => ELECTRICAL_NODE_FIELDS.includes(key));
    this.#commit({ ...this.#state, nodes }, "node", [id], electrical);
  }

  /** Moves nodes to absolute places; `moves` is a list of {id, x, y}. */
  moveNodes(moves) {
    const place = new Map(moves.map((m) => [this.#needNode(m.id).id, m]));
    let moved = false;
    const nodes = this.nodes.map((n) => {
      const to = place.get(n.id);
      if (!to || (to.x === n.x && to.y === n.y)) return n;
      moved = true;
      return makeNode({ ...n, x: to.x, y: to.y }, n.id);
    });
    if (moved) this.#commit({ ...this.#state, nodes }, "move", [...place.keys()], false);
  }

  /** Takes a Map or object id -> {x, y}; unknown ids are ignored (a layout may outlive a node). */
  setPositions(positions) {
    const entries = positions instanceof Map ? [...positions] : Object.entries(positions);
    this.moveNodes(entries.filter(([id]) => this.node(id)).map(([id, p]) => ({ id, x: p.x, y: p.y })));
  }

  renameNode(id, newId) {
    this.#needNode(id);
    if (newId === id) return;
    checkId(newId, id);
    if (this.node(newId)) throw new CircuitError(`node ${newId} exists already`, id);
    const end = (name) => (name === id ? newId : name);
    const nodes = this.nodes.map((n) => (n.id === id ? makeNode({ ...n, id: newId }, newId) : n));
    const next = this.#mapDevices((d) =>
      d.source === id || d.target === id ? makeDevice({ ...d, source: end(d.source), target: end(d.target) }, d.id) : d,
    );
    this.#commit({ ...next, nodes }, "rename", [id, newId], true);
  }

  // ---- devices -----------------------------------------------------------------------------

  /**
   * Adds a device; `source` or `target` may be "gnd". Returns its id.
   * @param {string} source
   * @param {string} target
   * @param {string} [kind]
   * @param {{params?: object, slice?: number, id?: string, trainable?: boolean}} [options]
   */
  addDevice(source, target, kind = "resistor", { params = {}, slice = 0, id, trainable = true } = {}) {
    const name = id ?? freshId("d", this.#lookup().deviceById.keys());
    if (this.device(name)) throw new CircuitError(`device ${name} exists already`, name);
    this.#checkEnds(source, target, name);
    const device = makeDevice({ id: name, kind, source, target, params, trainable }, name);
    const at = Math.min(Math.max(0, slice), this.slices.length - 1);
    const slices = this.slices.map((s, k) => (k === at ? { ...s, devices: [...s.devices, device] } : s));
    this.#commit({ ...this.#state, slices }, "add", [name], true);
    return name;
  }

  /** Changes kind, ends, params or trainable. A new kind without params starts from its defaults. */
  setDevice(id, patch) {
    const before = this.#needDevice(id);
    if ("id" in patch && patch.id !== id) throw new CircuitError("use rename to change a name", id);
    const params = patch.params ?? (patch.kind !== undefined && patch.kind !== before.kind ? {} : before.params);
    const after = makeDevice({ ...before, ...patch, params }, id);
    this.#checkEnds(after.source, after.target, id);
    if (JSON.stringify(after) === JSON.stringify(before)) return;
    const electrical = Object.keys(patch).some((key) => key !== "trainable");
    this.#commit(this.#mapDevices((d) => (d.id === id ? after : d)), "device", [id], electrical);
  }

  /** Merges parameter values into a device. */
  setParams(id, params) {
    const before = this.#needDevice(id);
    const merged = { ...before.params, ...params };
    if (JSON.stringify(merged) === JSON.stringify(before.params)) return;
    const after = makeDevice({ ...before, params: merged }, id);
    this.#commit(this.#mapDevices((d) => (d.id === id ? after : d)), "params", [id], true);
  }

  renameDevice(id, newId) {
    this.#needDevice(id);
    if (newId === id) return;
    checkId(newId, id);
    if (this.device(newId)) throw new CircuitError(`device ${newId} exists already`, id);
    const next = this.#mapDevices((d) => (d.id === id ? makeDevice({ ...d, id: newId }, newId) : d));
    this.#commit(next, "rename", [id, newId], true);
  }

  // ---- many at once ------------------------------------------------------------------------

  /** Removes nodes with all their devices, and devices. Unknown ids are ignored. */
  removeElements({ nodes = [], devices = [] }) {
    const goneNodes = new Set(nodes.filter((id) => this.node(id)));
    const goneDevices = new Set(devices);
    const keep = (d) => !goneDevices.has(d.id) && !goneNodes.has(d.source) && !goneNodes.has(d.target);
    if (goneNodes.size === 0 && this.devices.every(keep)) return;
    const slices = this.slices.map((s) => ({ ...s, devices: s.devices.filter(keep) }));
    const left = this.nodes.filter((n) => !goneNodes.has(n.id));
    this.#commit({ ...this.#state, nodes: left, slices }, "remove", [...goneNodes, ...goneDevices], true);
  }

  /** A clip of the nodes, the devices among them (ground included), and chosen devices whose ends are there. */
  copy({ nodes = [], devices = [] }) {
    const wanted = new Set(nodes);
    for (const id of devices) {
      const device = this.device(id);
      for (const end of device ? [device.source, device.target] : []) if (end !== GROUND) wanted.add(end);
    }
    const inside = (id) => id === GROUND || wanted.has(id);
    const clipped = this.slices.flatMap((s, slice) =>
      s.devices.filter((d) => inside(d.source) && inside(d.target)).map((d) => ({ slice, device: d })),
    );
    return { nodes: this.nodes.filter((n) => wanted.has(n.id)), devices: clipped };
  }

  /** Adds a clip under new names; returns the new ids as a selection. */
  paste(clip, { dx = 30, dy = 30 } = {}) {
    const names = new Map([[GROUND, GROUND]]);
    const takenNodes = new Set(this.#lookup().nodeById.keys());
    const takenDevices = new Set(this.#lookup().deviceById.keys());
    const nodes = clip.nodes.map((n) => {
      const id = freshId("n", takenNodes);
      takenNodes.add(id);
      names.set(n.id, id);
      return makeNode({ ...n, id, x: n.x + dx, y: n.y + dy }, id);
    });
    const added = clip.devices.map(({ slice, device }) => {
      const id = freshId("d", takenDevices);
      takenDevices.add(id);
      const ends = { source: names.get(device.source), target: names.get(device.target) };
      return { slice: Math.min(slice, this.slices.length - 1), device: makeDevice({ ...device, id, ...ends }, id) };
    });
    if (nodes.length === 0) return { nodes: [], devices: [] };
    const slices = this.slices.map((s, k) => ({
      ...s,
      devices: [...s.devices, ...added.filter((a) => a.slice === k).map((a) => a.device)],
    }));
    const selection = { nodes: nodes.map((n) => n.id), devices: added.map((a) => a.device.id) };
    this.#commit({ ...this.#state, nodes: [...this.nodes, ...nodes], slices }, "add", [...selection.nodes, ...selection.devices], true);
    return selection;
  }

  duplicate(selection, offset) {
    return this.paste(this.copy(selection), offset);
  }

  /** Takes over another circuit (generate, import, trained values) as one undo step. */
  replace(json) {
    this.#commit(readCircuit(json), "replace", null, true);
  }

  setName(name) {
    if (name === this.name) return;
    this.#commit({ ...this.#state, name: String(name) }, "name", null, false);
  }

  // ---- slices ------------------------------------------------------------------------------

  addSlice({ duration = 1, at = this.slices.length } = {}) {
    const slices = [...this.slices];
    slices.splice(at, 0, { duration: this.#needDuration(duration, at), devices: [] });
    this.#commit({ ...this.#state, slices }, "slice", null, true);
    return at;
  }

  removeSlice(index) {
    if (this.slices.length === 1) throw new CircuitError("a circuit needs at least one slice", "slices");
    if (!this.slices[index]) throw new CircuitError(`there is no slice ${index}`, "slices");
    this.#commit({ ...this.#state, slices: this.slices.filter((_, k) => k !== index) }, "slice", null, true);
  }

  setSlice(index, { duration }) {
    if (!this.slices[index]) throw new CircuitError(`there is no slice ${index}`, "slices");
    if (duration === this.slices[index].duration) return;
    const value = this.#needDuration(duration, index);
    const slices = this.slices.map((s, k) => (k === index ? { ...s, duration: value } : s));
    this.#commit({ ...this.#state, slices }, "slice", null, true);
  }

  // ---- history -----------------------------------------------------------------------------

  /** Runs several operations as one undo step; if one throws, none of them happened. */
  group(fn) {
    if (this.#step?.depth === 0) this.commit(); // an open drag is a step of its own
    return this.#run(fn);
  }

  /** Like `group`, but the step stays open (slider and node drags) until `commit()` or the next edit. */
  transient(fn) {
    this.#open().transient = true;
    return this.#run(fn);
  }

  #run(fn) {
    const step = this.#open();
    step.depth += 1;
    const before = this.#state;
    try {
      return fn(this);
    } catch (error) {
      this.#state = before;
      this.#index = null;
      throw error;
    } finally {
      step.depth -= 1;
      if (step.depth === 0 && !step.transient) this.commit();
      if (step.depth === 0 && step.kinds.size > 0) this.#flush(step);
    }
  }

  /** Closes the open step so that the next change starts a new one. */
  commit() {
    const step = this.#step;
    this.#step = null;
    if (!step || step.base === this.#state) return;
    this.#past.push({ state: step.base, electrical: step.electrical });
    if (this.#past.length > HISTORY) this.#past.shift();
  }

  undo() { return this.#travel(this.#past, this.#future, "undo"); }
  redo() { return this.#travel(this.#future, this.#past, "redo"); }

  #travel(from, to, kind) {
    this.commit();
    const step = from.pop();
    if (!step) return false;
    to.push({ state: this.#state, electrical: step.electrical });
    this.#set(step.state);
    this.#emit({ kind, ids: null, electrical: step.electrical });
    return true;
  }

  #open() {
    this.#step ??= { base: this.#state, electrical: false, kinds: new Set(), ids: new Set(), depth: 0, transient: false };
    return this.#step;
  }

  #set(state) {
    this.#state = Object.freeze(state);
    this.#index = null;
    this.revision += 1;
  }

  #commit(state, kind, ids, electrical) {
    if (this.#step && this.#step.depth === 0) this.commit(); // an edit after a drag is its own step
    this.#future.length = 0;
    if (this.#step) {
      this.#set(state);
      this.#step.electrical ||= electrical;
      this.#step.pending = Boolean(this.#step.pending) || electrical;
      this.#step.kinds.add(kind);
      if (ids === null) this.#step.ids = null;
      else if (this.#step.ids) for (const id of ids) this.#step.ids.add(id);
      return;
    }
    this.#past.push({ state: this.#state, electrical });
    if (this.#past.length > HISTORY) this.#past.shift();
    this.#set(state);
    this.#emit({ kind, ids, electrical });
  }

  #flush(step) {
    const kind = step.kinds.size === 1 ? [...step.kinds][0] : "group";
    const event = { kind, ids: step.ids ? [...step.ids] : null, electrical: Boolean(step.pending), transient: step.transient };
    step.kinds = new Set();
    step.ids = new Set();
    step.pending = false;
    this.#emit(event);
  }

  #emit(event) {
    for (const fn of [...this.#listeners]) fn(event);
  }

  // ---- lookup ------------------------------------------------------------------------------

  #lookup() {
    if (!this.#index) {
      const devices = this.#state.slices.flatMap((s) => s.devices);
      this.#index = {
        devices,
        nodeById: new Map(this.#state.nodes.map((n) => [n.id, n])),
        deviceById: new Map(
          this.#state.slices.flatMap((s, slice) => s.devices.map((device) => [device.id, { device, slice }])),
        ),
      };
    }
    return this.#index;
  }

  #mapDevices(fn) {
    const slices = this.slices.map((s) => ({ ...s, devices: s.devices.map(fn) }));
    return { ...this.#state, slices };
  }

  #needNode(id) {
    const node = this.node(id);
    if (!node) throw new CircuitError(`there is no node ${id}`, String(id));
    return node;
  }

  #needDevice(id) {
    const device = this.device(id);
    if (!device) throw new CircuitError(`there is no device ${id}`, String(id));
    return device;
  }

  #checkEnds(source, target, where) {
    for (const id of [source, target]) {
      if (id !== GROUND && !this.node(id)) throw new CircuitError(`there is no node ${id}`, where);
    }
  }

  #needDuration(duration, index) {
    if (!(Number.isFinite(duration) && duration > 0)) {
      throw new CircuitError(`must be greater than 0, got ${duration}`, `slices[${index}].duration`);
    }
    return duration;
  }
}
