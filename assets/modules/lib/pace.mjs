/** Limits how often a read-out is refreshed, without ever losing the last value. */

/**
 * @param {function} fn
 * @param {number} ms  shortest time between two calls
 * @returns {(() => void) & {now: () => void}} calls `fn` at once, or once more when the time is over; `now` never waits
 */
export function paced(fn, ms, now = () => performance.now(), later = (run, wait) => setTimeout(run, wait)) {
  let last = -Infinity;
  let waiting = false;

  function run() {
    last = now();
    fn();
  }

  function call() {
    if (waiting) return;
    const rest = last + ms - now();
    if (rest <= 0) {
      run();
      return;
    }
    waiting = true;
    later(() => {
      waiting = false;
      run();
    }, rest);
  }

  return Object.assign(call, { now: run });
}

/** Resolves at the next frame; at once in a hidden page, which has none. */
export const nextFrame = () =>
  new Promise((resolve) => {
    if (document.hidden) setTimeout(resolve, 0);
    else requestAnimationFrame(resolve);
  });

/** Calls `fn` in the next frame, once for however many wishes before it. */
export function oncePerFrame(fn) {
  let planned = false;
  return function plan() {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      fn();
    });
  };
}
