/** The current of one law over the voltage of its source, for several voltages of its target. Pure. */

/** Laws that look at both ends have a curve for every target voltage: these many are asked for, between them it is linear. */
export const LEVELS = 13;
const PAD = 0.06;

/** The voltage interval a curve covers: what the simulation visits with a margin, at least ±1 V. */
export function curveRange(values) {
  let low = Math.min(-1, ...values.filter(Number.isFinite));
  let high = Math.max(1, ...values.filter(Number.isFinite));
  const margin = 0.08 * (high - low);
  low -= margin;
  high += margin;
  return [Number(low.toPrecision(3)), Number(high.toPrecision(3))];
}

/** The curves known so far, by the number of their level of the target voltage. */
export class CurveFamily {
  /** @param {{difference: boolean, vd: [number, number]}} law  `vd`: lowest and highest target voltage */
  constructor({ difference, vd }) {
    this.difference = difference;
    this.vd = vd;
    this.levels = difference || vd[0] === vd[1] ? 1 : LEVELS;
    this.curves = new Map(); // level number -> {v, i}
  }

  get complete() {
    return this.curves.size >= this.levels;
  }

  /** Target voltage of a level. */
  voltageOf(level) {
    if (this.difference) return 0;
    const [low, high] = this.vd;
    return this.levels === 1 ? low : low + (level * (high - low)) / (LEVELS - 1);
  }

  /** Place of a target voltage among the levels, 0 to LEVELS - 1. */
  placeOf(vd) {
    if (this.levels === 1) return 0;
    const [low, high] = this.vd;
    const at = Number.isFinite(vd) ? vd : low;
    return Math.min(Math.max(((at - low) / (high - low)) * (LEVELS - 1), 0), LEVELS - 1);
  }

  /** The missing level nearest to a target voltage. */
  nearestMissing(vd) {
    const here = this.placeOf(vd);
    const missing = Array.from({ length: this.levels }, (_, k) => k).filter((k) => !this.curves.has(k));
    return missing.reduce((best, k) => (Math.abs(k - here) < Math.abs(best - here) ? k : best));
  }

  /** @param {{v: number[], i: number[]}} curve */
  add(level, curve) {
    this.curves.set(level, curve);
  }

  /** The curve at a target voltage, linear between the two nearest levels that are known. */
  at(vd) {
    const here = this.placeOf(vd);
    const known = [...this.curves.keys()];
    const below = Math.max(...known.filter((k) => k <= here));
    const above = Math.min(...known.filter((k) => k >= here));
    if (!Number.isFinite(below)) return this.curves.get(above);
    if (!Number.isFinite(above) || above === below) return this.curves.get(below);
    const a = this.curves.get(below);
    const b = this.curves.get(above);
    const share = (here - below) / (above - below);
    return { v: a.v, i: a.i.map((value, k) => value + (b.i[k] - value) * share) };
  }

  /** One frame for all levels, so that the axes stand still in playback; zero current is in it. */
  extent() {
    const all = [...this.curves.values()];
    const values = all.flatMap(({ i }) => i).filter(Number.isFinite);
    let low = Math.min(0, ...values);
    let high = Math.max(0, ...values);
    if (high - low < 1e-15) {
      low -= 1;
      high += 1;
    }
    const pad = PAD * (high - low);
    const { v } = all[0];
    return { low: low - pad, high: high + pad, vLow: v[0], vHigh: v[v.length - 1] };
  }
}
