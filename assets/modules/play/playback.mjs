/** Couples the clock with the store: one animation frame loop that only runs while playing. */

import { createClock } from "./clock.mjs";

const LONGEST_FRAME = 0.1;

export function createPlayback({ store, clock = createClock(), requestFrame = (fn) => requestAnimationFrame(fn) }) {
  let last = null;
  let looping = false;

  function publish() {
    store.set({
      time: clock.time,
      playing: clock.playing,
      direction: clock.direction,
      speed: clock.speed,
      loop: clock.loop,
    });
    if (clock.playing && !looping) {
      looping = true;
      last = null;
      requestFrame(frame);
    }
  }

  function frame(now) {
    if (!clock.playing) {
      looping = false;
      return;
    }
    const passed = last === null ? 0 : Math.min((now - last) / 1000, LONGEST_FRAME);
    last = now;
    clock.tick(passed);
    looping = clock.playing;
    if (looping) requestFrame(frame);
    publish();
  }

  const act = (fn) => (...args) => {
    fn(...args);
    publish();
  };

  /** Show another trajectory; where it is shorter the time is kept in proportion. */
  function load(sim) {
    const before = clock.duration;
    if (!sim) clock.pause();
    else if (sim.duration !== before) clock.setDuration(sim.duration);
    publish();
  }

  /** The adjoint lane runs backwards from the end; the others forwards. */
  function enterLane(lane) {
    const backwards = lane === "adjoint";
    if (backwards === clock.direction < 0) return;
    clock.setDirection(backwards ? -1 : 1);
    if (backwards && clock.time <= 0) clock.seek(clock.duration);
    if (!backwards && clock.time >= clock.duration) clock.seek(0);
    publish();
  }

  store.on(["sim"], (state) => load(state.sim));
  store.on(["lane"], (state) => enterLane(state.lane));

  return {
    clock,
    toggle: act(() => {
      if (!store.get().sim) return;
      if (clock.playing) clock.pause();
      else clock.play();
    }),
    play: act(() => clock.play()),
    pause: act(() => clock.pause()),
    seek: act((time) => clock.seek(time)),
    restart: act(() => clock.seek(clock.direction > 0 ? 0 : clock.duration)),
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
