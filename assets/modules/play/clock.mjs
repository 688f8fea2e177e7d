/** Playback clock: turns wall seconds into circuit seconds, forwards or backwards. Pure. */

/** One pass over the whole duration takes this many wall seconds at speed 1. */
export const PASS_SECONDS = 8;
export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 8];
const SAME_TIME = 1e-9; // share of the duration below which two times are one

const within = (value, low, high) => Math.min(Math.max(value, low), high);

/** The sample `count` steps after `time`, before it where `count` is negative; `times` ascending, not empty. */
export function sampleFrom(times, time, count, tolerance) {
  const last = times.length - 1;
  const after = count > 0;
  const near = after ? times.findIndex((t) => t > time + tolerance) : times.findLastIndex((t) => t < time - tolerance);
  if (near < 0) return times[after ? last : 0];
  return times[within(near + count + (after ? -1 : 1), 0, last)];
}

/** The speed `by` places from the one nearest to `speed`, by ratio. */
export function speedFrom(speed, by) {
  const distance = (other) => Math.abs(Math.log(other / speed));
  const nearest = SPEEDS.reduce((best, other, k) => (distance(other) < distance(SPEEDS[best]) ? k : best), 0);
  return SPEEDS[within(nearest + by, 0, SPEEDS.length - 1)];
}

class Clock {
  time = 0;
  playing = false;
  direction = 1;
  speed = 1;
  loop = true;
  #hold;
  #resting = 0; // wall seconds for which the end of a loop is still shown

  constructor(duration, hold) {
    this.duration = duration;
    this.#hold = hold;
  }

  get #start() { return this.direction > 0 ? 0 : this.duration; }
  get #end() { return this.direction > 0 ? this.duration : 0; }
  get #over() { return this.direction > 0 ? this.time >= this.duration : this.time <= 0; }

  seek(time) {
    this.#resting = 0;
    this.time = within(Number.isFinite(time) ? time : 0, 0, this.duration);
    return this.time;
  }

  /** To where a pass begins. */
  restart() {
    return this.seek(this.#start);
  }

  /** Play from here; from the beginning when the pass is over. */
  play() {
    if (this.#over) this.restart();
    this.playing = true;
  }

  pause() {
    this.playing = false;
  }

  reverse() {
    this.setDirection(-this.direction);
  }

  setDirection(direction) {
    this.#resting = 0;
    this.direction = direction < 0 ? -1 : 1;
  }

  /** Keep the relative position when another trajectory with another duration arrives. */
  setDuration(next) {
    const share = this.duration > 0 ? this.time / this.duration : 0;
    this.duration = next > 0 ? next : 0;
    this.seek(share * this.duration);
  }

  /** Advance by `dtWall` wall seconds; returns the circuit time. */
  tick(dtWall) {
    if (!this.playing || this.duration <= 0 || !(dtWall > 0)) return this.time;
    if (this.#resting > 0) return this.#rest(dtWall);
    const before = this.time;
    const next = before + (this.direction * this.speed * dtWall * this.duration) / PASS_SECONDS;
    this.seek(next);
    if (this.#over && before !== next) this.#arrive();
    return this.time;
  }

  #rest(dtWall) {
    this.#resting -= dtWall;
    if (this.#resting <= 0) this.restart();
    return this.time;
  }

  #arrive() {
    this.time = this.#end;
    if (!this.loop) this.playing = false;
    else if (this.#hold > 0) this.#resting = this.#hold;
    else this.time = this.#start;
  }

  /** Move to the sample before or after the present time; `times` ascending. */
  step(count, times) {
    this.pause();
    if (times.length === 0) return this.time;
    return this.seek(sampleFrom(times, this.time, count, SAME_TIME * (this.duration || 1)));
  }

  /** The next faster (+1) or slower (-1) of the fixed speeds. */
  shiftSpeed(by) {
    this.speed = speedFrom(this.speed, by);
    return this.speed;
  }
}

/**
 * @param {{duration?: number, hold?: number}} options  circuit seconds; wall seconds of rest at the end of a loop
 */
export const createClock = ({ duration = 1, hold = 0.7 } = {}) => new Clock(duration, hold);
