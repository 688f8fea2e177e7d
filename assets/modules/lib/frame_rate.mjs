/** How many frames were painted, and how many a second while an animation runs. Pure. */

const WINDOW_MS = 1000;
const LEAST_MS = 200; // fewer say nothing of a rate

export class FrameRate {
  total = 0;
  perSecond = 0;
  #times = []; // of the frames of the last second [ms]

  /** A frame was painted; `animated` ones count for the rate. */
  count(now, animated) {
    this.total += 1;
    if (!animated) return;
    this.#times.push(now);
    while (this.#times[0] <= now - WINDOW_MS) this.#times.shift();
    const passed = now - this.#times[0];
    if (passed > LEAST_MS) this.perSecond = ((this.#times.length - 1) * 1000) / passed;
  }

  /** An animation starts or stops: the time between is no slow frame. */
  restart() {
    this.#times = [];
  }
}
