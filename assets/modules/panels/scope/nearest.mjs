/** Which curve is meant by a point. Pure. */

const REACH = 6; // pixels

/**
 * The curve that passes nearest to a point, at most six pixels away.
 * @param {string[]} ids
 * @param {(id: string, time: number) => number} valueOf
 * @param {{timeAt: (x: number) => number, yOf: (value: number) => number}} plot  what pixels mean
 * @param {{x: number, y: number}} point
 * @returns {string|undefined}
 */
export function curveAt(ids, valueOf, plot, { x, y }) {
  let best = REACH;
  let found;
  const steps = Array.from({ length: 2 * REACH + 1 }, (_, k) => ({ dx: k - REACH, time: plot.timeAt(x + k - REACH) }));
  for (const id of ids) {
    let before = NaN;
    for (const { dx, time } of steps) {
      const dy = plot.yOf(valueOf(id, time)) - y;
      // A steep curve passes between two steps; where there is none NaN is nowhere near.
      const distance = before * dy < 0 ? Math.abs(dx - 0.5) : Math.hypot(dx, dy);
      if (distance < best) [best, found] = [distance, id];
      before = dy;
    }
  }
  return found;
}
