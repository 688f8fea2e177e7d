/** Playback clock: turns wall seconds into circuit seconds, forwards or backwards. Pure. */

/** One pass over the whole duration takes this many wall seconds at speed 1. */
export const PASS_SECONDS = 8;
export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 8];

/**
 * @param {{duration?: number, hold?: number}} options  circuit seconds; wall seconds of rest at the end of a loop
 */
export function createClock({ duration = 1, hold = 0.7 } = {}) {
  const clock = {
    duration,
    time: 0,
    playing: false,
    direction: 1,
    speed: 1,
    loop: true,
  };
  let resting = 0;

  const start = () => (clock.direction > 0 ? 0 : clock.duration);
  const end = () => (clock.direction > 0 ? clock.duration : 0);
  const atEnd = () => (clock.direction > 0 ? clock.time >= clock.duration : clock.time <= 0);

  function seek(time) {
    resting = 0;
    clock.time = Math.min(Math.max(Number.isFinite(time) ? time : 0, 0), clock.duration);
    return clock.time;
  }

  /** Play from here; from the beginning when the pass is over. */
  function play() {
    if (atEnd()) seek(start());
    clock.playing = true;
  }

  function pause() {
    clock.playing = false;
  }

  function reverse() {
    setDirection(-clock.direction);
  }

  function setDirection(direction) {
    resting = 0;
    clock.direction = direction < 0 ? -1 : 1;
  }

  /** Keep the relative position when another trajectory with another duration arrives. */
  function setDuration(next) {
    const share = clock.duration > 0 ? clock.time / clock.duration : 0;
    clock.duration = next > 0 ? next : 0;
    seek(share * clock.duration);
  }

  /** Advance by `dtWall` wall seconds; returns the circuit time. */
  function tick(dtWall) {
    if (!clock.playing || clock.duration <= 0 || !(dtWall > 0)) return clock.time;
    if (resting > 0) {
      resting -= dtWall;
      if (resting <= 0) seek(start());
      return clock.time;
    }
    const next = clock.time + (clock.direction * clock.speed * dtWall * clock.duration) / PASS_SECONDS;
    const before = clock.time;
    seek(next);
    if (atEnd() && before !== next) {
      clock.time = end();
      if (!clock.loop) clock.playing = false;
      else if (hold > 0) resting = hold;
      else clock.time = start();
    }
    return clock.time;
  }

  /** Move to the sample before or after the present time; `times` ascending. */
  function step(count, times) {
    pause();
    if (times.length === 0) return clock.time;
    const tolerance = 1e-9 * (clock.duration || 1);
    let index;
    if (count > 0) {
      index = times.findIndex((t) => t > clock.time + tolerance);
      index = index < 0 ? times.length - 1 : index + count - 1;
    } else {
      index = times.findLastIndex((t) => t < clock.time - tolerance);
      index = index < 0 ? 0 : index + count + 1;
    }
    return seek(times[Math.min(Math.max(index, 0), times.length - 1)]);
  }

  /** The next faster (+1) or slower (-1) of the fixed speeds. */
  function shiftSpeed(by) {
    const nearest = SPEEDS.reduce((best, s, k) =>
      Math.abs(Math.log(s / clock.speed)) < Math.abs(Math.log(SPEEDS[best] / clock.speed)) ? k : best, 0);
    clock.speed = SPEEDS[Math.min(Math.max(nearest + by, 0), SPEEDS.length - 1)];
    return clock.speed;
  }

  return Object.assign(clock, { seek, play, pause, reverse, setDirection, setDuration, tick, step, shiftSpeed });
}
