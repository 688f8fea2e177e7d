/** One thing that is to be done later; a new date takes the place of the old one. */

/** The page's own timers; tests bring theirs. @type {Timers} */
export const PAGE_TIMERS = { set: (fn, ms) => setTimeout(fn, ms), clear: (id) => clearTimeout(id) };

/** @param {Timers} [timers] */
export function createTimer(timers = PAGE_TIMERS) {
  let id = null;

  function cancel() {
    if (id !== null) timers.clear(id);
    id = null;
  }

  return {
    /** Do `fn` in `ms`, and not what was planned before. */
    set(fn, ms) {
      cancel();
      id = timers.set(() => {
        id = null;
        fn();
      }, ms);
    },
    cancel,
    get waiting() { return id !== null; },
  };
}
