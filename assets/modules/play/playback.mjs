/** Couples the clock with the store: one animation frame loop that only runs while playing. */

import { createClock } from "./clock.mjs";

const LONGEST_FRAME = 0.1; // s of playback a frame, after the tab was away

/**
 * Animation frames for as long as something runs.
 * @param {object} parts
 * @param {() => boolean} parts.running
 * @param {(seconds: number) => void} parts.advance  by the wall seconds since the last frame
 * @param {() => void} parts.show  what a frame has changed; the next one is ordered by then
 * @param {(fn: (now: number) => void) => void} parts.requestFrame
 */
function createFrameLoop({ running, advance, show, requestFrame }) {
  let last = null;
  let looping = false;

  function frame(now) {
    if (!running()) {
      looping = false;
      return;
    }
    const passed = last === null ? 0 : Math.min((now - last) / 1000, LONGEST_FRAME);
    last = now;
    advance(passed);
    looping = running();
    if (looping) requestFrame(frame);
    show();
  }

  return {
    /** Something may run now. */
    wake() {
      if (!running() || looping) return;
      looping = true;
      last = null;
      requestFrame(frame);
    },
  };
}

/** What people do with the playback: each tells the store afterwards. */
function controlsOf({ clock, store, publish }) {
  const act = (fn) => (...args) => {
    fn(...args);
    publish();
  };
  return {
    toggle: act(() => {
      if (!store.get().sim) return;
      if (clock.playing) clock.pause();
      else clock.play();
    }),
    play: act(() => clock.play()),
    pause: act(() => clock.pause()),
    seek: act((time) => clock.seek(time)),
    restart: act(() => clock.restart()),
    step: act((count) => {
      const { sim } = store.get();
      if (sim) clock.step(count, sim.t);
    }),
    reverse: act(() => clock.reverse()),
    faster: act(() => clock.shiftSpeed(1)),
    slower: act(() => clock.shiftSpeed(-1)),
    setSpeed: act((speed) => { clock.speed = speed; }),
    toggleLoop: act(() => { clock.loop = !clock.loop; }),
  };
}

/** @param {{store: object, clock?: ReturnType<typeof createClock>, requestFrame?: (fn: (now: number) => void) => void}} parts */
export function createPlayback({ store, clock = createClock(), requestFrame = (fn) => requestAnimationFrame(fn) }) {
  const loop = createFrameLoop({ running: () => clock.playing, advance: (seconds) => clock.tick(seconds), show: publish, requestFrame });

  function publish() {
    const { time, playing, direction, speed, loop: loops } = clock;
    store.set({ time, playing, direction, speed, loop: loops });
    loop.wake();
  }

  /** Show another trajectory; where it is shorter the time is kept in proportion. */
  function load({ sim }) {
    if (!sim) clock.pause();
    else if (sim.duration !== clock.duration) clock.setDuration(sim.duration);
    publish();
  }

  /** The adjoint lane runs backwards from the end; the others forwards. */
  function enterLane({ lane }) {
    const backwards = lane === "adjoint";
    if (backwards === clock.direction < 0) return;
    clock.setDirection(backwards ? -1 : 1);
    if (backwards && clock.time <= 0) clock.seek(clock.duration);
    if (!backwards && clock.time >= clock.duration) clock.seek(0);
    publish();
  }

  store.on(["sim"], load);
  store.on(["lane"], enterLane);
  return { clock, ...controlsOf({ clock, store, publish }) };
}
