/** Limits how often a read-out is refreshed, without ever losing the last value. */

/**
 * @param {function} fn
 * @param {number} ms  shortest time between two calls
 * @returns {function} calls `fn` at once, or once more when the time is over
 */
export function paced(fn, ms, now = () => performance.now(), later = (run, wait) => setTimeout(run, wait)) {
  let last = -Infinity;
  let waiting = false;
  return function call() {
    if (waiting) return;
    const rest = last + ms - now();
    if (rest <= 0) {
      last = now();
      fn();
      return;
    }
    waiting = true;
    later(() => {
      waiting = false;
      last = now();
      fn();
    }, rest);
  };
}

/** Resolves at the next frame; at once in a hidden page, which has none. */
export const nextFrame = () =>
  new Promise((resolve) => {
    if (document.hidden) setTimeout(resolve, 0);
    else requestAnimationFrame(resolve);
  });
