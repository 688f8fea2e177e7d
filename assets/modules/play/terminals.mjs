/** What flows at ends of devices that the current from source to target says nothing of. Pure. */

const keyOf = (device, name) => JSON.stringify([device, name]);

/** What the scope calls a terminal: "base of Q1". */
export const terminalName = (device, name) => `${name} of ${device}`;

/** The further terminals of a trajectory: base, gate, bulk, and the target of devices that have such. */
export class Terminals {
  #trajectory;

  constructor(trajectory) {
    this.#trajectory = trajectory;
    const ends = trajectory.header.terminals ?? [];
    this.index = new Map(ends.map(([device, name], k) => [keyOf(device, name), k]));
    this.named = new Map(ends.map(([device, name], column) => [terminalName(device, name), { device, column }]));
  }

  /** {device, column} of the terminal of this name, else null; a device or a source of that name comes first. */
  endOf(name) {
    const { deviceIndex, sources } = this.#trajectory;
    return deviceIndex.has(name) || sources.nodeOf(name) !== null ? null : (this.named.get(name) ?? null);
  }

  /** What enters a device at a terminal [A]; NaN where it is not known. */
  currentAt(device, name, time) {
    return this.#trajectory.cell("terminal_currents", this.index.size, this.index.get(keyOf(device, name)), time);
  }

  /** C dv/dt of a node's own capacitor [A]; NaN where it is not known. */
  capacitorAt(node, time) {
    const { N, nodeIndex } = this.#trajectory;
    return this.#trajectory.cell("capacitor_currents", N, nodeIndex.get(node), time);
  }
}
