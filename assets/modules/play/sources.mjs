/** What the sources of driven nodes give over time, and what the loss says of their voltages. Pure. */

const SOURCE_NAME = "source of ";

/** What the scope calls the source of a driven node. */
export const sourceName = (node) => SOURCE_NAME + node;

/** The sources of a trajectory. */
export class Sources {
  #trajectory;

  constructor(trajectory) {
    this.#trajectory = trajectory;
    this.ids = trajectory.header.driven_ids ?? [];
    this.index = new Map(this.ids.map((id, k) => [id, k]));
  }

  /** What the source of a driven node gives [A]; NaN where it is not known. */
  currentAt(node, time) {
    return this.#trajectory.cell("source_currents", this.ids.length, this.index.get(node), time);
  }

  /** The same over all times (T,). */
  series(node) {
    return this.#trajectory.series("source_currents", this.ids.length, this.index.get(node));
  }

  /** dL/du(t) of a driven node's voltage, as a density over time. */
  densityAt(node, time) {
    return this.#trajectory.cell("drive_density", this.ids.length, this.index.get(node), time);
  }

  /** dL/dlevel of a driven node's waveform, null where it is not known. */
  gradient(node) {
    const [all, which] = [this.#trajectory.array("gradient_drive"), this.index.get(node)];
    if (!all || which === undefined) return null;
    const counts = this.#trajectory.header.drive_levels;
    const first = counts.slice(0, which).reduce((sum, count) => sum + count, 0);
    return all.subarray(first, first + counts[which]);
  }

  /** dL/dlevel of the waveform of a source between nodes, null where it is not known. */
  waveGradient(device) {
    const all = this.#trajectory.array("gradient_wave");
    let first = 0;
    for (const [name, count] of Object.entries(this.#trajectory.header.wave_levels ?? {})) {
      if (name === device && all) return all.subarray(first, first + count);
      first += count;
    }
    return null;
  }

  /** The driven node whose source has this name, else null; a device of that name comes first. */
  nodeOf(name) {
    if (!name.startsWith(SOURCE_NAME) || this.#trajectory.deviceIndex.has(name)) return null;
    const node = name.slice(SOURCE_NAME.length);
    return this.index.has(node) ? node : null;
  }
}
