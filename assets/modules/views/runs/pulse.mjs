/** A pulse on its way through a cascade: where it is, what every tap holds then, and where its mean will come to lie. Pure. */

/** @typedef {{left: number, right: number, top: number, bottom: number, low: boolean}} Frame  of the plot in CSS pixels; a low one has no nodes above */

const CHAIN = 58; // CSS pixels of the row of nodes
const ROOM = { left: 44, right: 14, top: 14, bottom: 34, ticks: 18 };
const LEAST_HEIGHT = 170; // with the nodes and the title of the axis
export const RADIUS = 15;
const VOLTS = [-0.06, 1.08];

/** The value of a row at a share of its length, linear between its points. */
export function valueAt(row, share) {
  const at = Math.min(1, Math.max(0, share)) * (row.length - 1);
  const k = Math.min(row.length - 2, Math.floor(at));
  return row[k] + (row[k + 1] - row[k]) * (at - k);
}

/** @returns {Frame} */
export function frameOf(width, height) {
  const low = height < LEAST_HEIGHT;
  const top = low ? ROOM.top : CHAIN;
  const bottom = Math.max(top + 1, height - (low ? ROOM.ticks : ROOM.bottom));
  return { left: ROOM.left, right: Math.max(ROOM.left + 1, width - ROOM.right), top, bottom, low };
}

/** Pixels of a place and of a voltage. */
export const acrossOf = (frame, share) => frame.left + share * (frame.right - frame.left);
export const upOf = (frame, volts) => frame.bottom - ((volts - VOLTS[0]) / (VOLTS[1] - VOLTS[0])) * (frame.bottom - frame.top);

/** The place under a pointer, as a share of the lane. */
export const shareAt = (frame, x) => Math.min(1, Math.max(0, (x - frame.left) / (frame.right - frame.left)));

/**
 * Where the mean of the last tap lies and how much wider it is than the pulse, in domain lengths.
 * @param {{centre: number, tau: number, order: number, periodic: boolean}} lane
 * @returns {{mean: number, width: number, place: number|null}}  `place`: of the mean; null where it lies beyond the end
 */
export function meanOf({ centre, tau, order, periodic }) {
  const mean = order * tau;
  const place = centre + mean;
  const shown = periodic ? place - Math.floor(place) : place;
  return { mean, width: Math.sqrt(order) * tau, place: shown <= 1 ? shown : null };
}

/** Middles of the nodes of the chain: the input, then every tap. */
export function chainOf(frame, count) {
  const step = Math.min(110, (frame.right - frame.left - 2 * RADIUS) / Math.max(1, count - 1));
  return Array.from({ length: count }, (_, k) => ({ x: frame.left + RADIUS + k * step, y: RADIUS + 4 }));
}
