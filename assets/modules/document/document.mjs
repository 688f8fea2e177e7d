/** The circuit while it is edited: immutable content, operations that are one undo step each, events. */

import { findProblems } from "./checks.mjs";
import { indexOf, deviceOf, nodeOf } from "./content.mjs";
import * as devices from "./device_edits.mjs";
import { CircuitError, GROUND, hashText, readCircuit, writeCircuit } from "./format.mjs";
import { History } from "./history.mjs";
import * as nodes from "./node_edits.mjs";
import { fullNameIn, nameIn } from "./node_names.mjs";
import { nodesOf } from "./records.mjs";

export { CircuitError, GROUND };

const EMPTY = { format: "kirchhoff-circuit/1", name: "", nodes: [], slices: [{ duration: 1, devices: [] }] };

export class CircuitDocument {
  #history;

  constructor(content) {
    this.#history = new History(content);
  }

  /** Reads a parsed circuit file; without argument an empty circuit. Throws CircuitError. */
  static from(json = EMPTY) {
    return new CircuitDocument(readCircuit(json));
  }

  get #content() { return this.#history.state; }
  get revision() { return this.#history.revision; }
  get name() { return this.#content.name; }
  /** Where a simulation starts, one of STARTS. */
  get start() { return this.#content.start; }
  get nodes() { return this.#content.nodes; }
  get slices() { return this.#content.slices; }
  get devices() { return indexOf(this.#content).devices; }
  get canUndo() { return this.#history.canUndo; }
  get canRedo() { return this.#history.canRedo; }
  get inputs() { return this.nodes.filter((n) => n.role === "input" || n.role === "both").map((n) => n.id); }
  get outputs() { return this.nodes.filter((n) => n.role === "output" || n.role === "both").map((n) => n.id); }

  toJSON() { return writeCircuit(this.#content); }
  hash() { return hashText(JSON.stringify(this.toJSON())); }
  /** What is wrong or lacks; `kinds` are the devices of the server's registry, while it is known. */
  checks(kinds = undefined) { return findProblems(this.#content, kinds); }
  node(id) { return nodeOf(this.#content, id); }
  device(id) { return deviceOf(this.#content, id); }
  /** What a node is called wherever it is shown, see node_names.mjs; and the same with its id behind it. */
  nameOf(id) { return nameIn(this.nodes, id); }
  fullNameOf(id) { return fullNameIn(this.nodes, id); }
  /** Index of the slice that holds a device, or -1. */
  sliceOf(id) { return indexOf(this.#content).deviceById.get(id)?.slice ?? -1; }
  /** Devices with an end here. */
  devicesAt(nodeId) { return this.devices.filter((d) => d.source === nodeId || d.target === nodeId); }
  /** Devices that have only a further terminal here. */
  sensedAt(nodeId) { return this.devices.filter((d) => d.source !== nodeId && d.target !== nodeId && nodesOf(d).includes(nodeId)); }

  /** Calls `fn({kind, ids, electrical})` after each change; returns a function that stops it. */
  on(event, fn) {
    if (event !== "change") throw new Error(`unknown event ${event}`);
    return this.#history.listen(fn);
  }

  /** Takes an edit over, if there is one; returns its result. */
  #apply(edit) {
    if (!edit) return undefined;
    const { content, result, ...change } = edit;
    this.#history.change(content, change);
    return result;
  }

  // ---- nodes -------------------------------------------------------------------------------

  addNode(record = {}) { return this.#apply(nodes.addNode(this.#content, record)); }
  setNode(id, patch) { this.#apply(nodes.setNode(this.#content, id, patch)); }
  renameNode(id, newId) { this.#apply(nodes.renameNode(this.#content, id, newId)); }
  /** Moves nodes to absolute places; `moves` is a list of {id, x, y}. */
  moveNodes(moves) { this.#apply(nodes.moveNodes(this.#content, moves)); }

  /** Takes a Map or object id -> {x, y}; unknown ids are ignored (a layout may outlive a node). */
  setPositions(positions) {
    const entries = positions instanceof Map ? [...positions] : Object.entries(positions);
    this.moveNodes(entries.filter(([id]) => this.node(id)).map(([id, p]) => ({ id, x: p.x, y: p.y })));
  }

  // ---- devices -----------------------------------------------------------------------------

  /**
   * Adds a device; `source` or `target` may be "gnd". Returns its id.
   * @param {string} source
   * @param {string} target
   * @param {string} [kind]
   * @param {{params?: object, terminals?: object, drive?: object, expression?: string, slice?: number, id?: string, trainable?: boolean, format?: string}} [options]
   *   format: of files that know the kind
   */
  addDevice(source, target, kind = "resistor", { params = {}, terminals, drive, expression, slice = 0, id, trainable = true, format } = {}) {
    return this.#apply(devices.addDevice(this.#content, { id, kind, source, target, terminals, drive, expression, params, trainable }, slice, format));
  }

  /** Changes kind, ends, terminals, drive, expression, params or trainable. A new kind without params starts from its defaults. */
  setDevice(id, patch, { format = undefined } = {}) { this.#apply(devices.setDevice(this.#content, id, patch, format)); }
  /** Merges parameter values into a device. */
  setParams(id, params) { this.#apply(devices.setParams(this.#content, id, params)); }
  renameDevice(id, newId) { this.#apply(devices.renameDevice(this.#content, id, newId)); }

  // ---- many at once ------------------------------------------------------------------------

  /** Removes nodes with all their devices, and devices. Unknown ids are ignored. */
  removeElements(gone) { this.#apply(devices.removeElements(this.#content, gone)); }
  /** A clip of the nodes, the devices among them (ground included), and chosen devices whose ends are there. */
  copy(selection) { return devices.clipOf(this.#content, selection); }

  /** Adds a clip under new names; returns the new ids as a selection. */
  paste(clip, { dx = 30, dy = 30 } = {}) {
    return this.#apply(devices.paste(this.#content, clip, { dx, dy })) ?? { nodes: [], devices: [] };
  }

  duplicate(selection, offset) { return this.paste(this.copy(selection), offset); }

  /** Takes over another circuit (generate, import, trained values) as one undo step. */
  replace(json) { this.#history.change(readCircuit(json), { kind: "replace", ids: null, electrical: true }); }

  setName(name) {
    if (name === this.name) return;
    this.#history.change({ ...this.#content, name: String(name) }, { kind: "name", ids: null, electrical: false });
  }

  /** Where a simulation starts: at the stated "voltages", or at the "operating-point". */
  setStart(start) { this.#apply(nodes.setStart(this.#content, start)); }

  // ---- slices ------------------------------------------------------------------------------

  addSlice({ duration = 1, at = this.slices.length } = {}) { return this.#apply(nodes.addSlice(this.#content, duration, at)); }
  removeSlice(index) { this.#apply(nodes.removeSlice(this.#content, index)); }
  setSlice(index, { duration }) { this.#apply(nodes.setSlice(this.#content, index, duration)); }

  // ---- history -----------------------------------------------------------------------------

  /** Runs several operations as one undo step; if one throws, none of them happened. */
  group(fn) { return this.#history.group(() => fn(this)); }
  /** Like `group`, but the step stays open (slider and node drags) until `commit()` or the next edit. */
  transient(fn) { return this.#history.transient(() => fn(this)); }
  /** Closes the open step so that the next change starts a new one. */
  commit() { this.#history.commit(); }
  undo() { return this.#history.undo(); }
  redo() { return this.#history.redo(); }
}
