/** Faults that are drawn at random, drawn several times: what is left each time, as a strip of dots. Pure. */

export const DRAWS = 20;
const WIDTH = 200;
const ROW = 5; // px between dots that would cover each other
const NEAR = 6; // px

/** Whether any fault is drawn at random. */
export const isDrawn = (faults, changes) => faults.some(({ change }) => changes[change]?.params.some(({ name }) => name === "seed"));

/** The faults of one draw: every seed goes on by its number. */
export const ofDraw = (faults, changes, draw) => faults.map((fault) => (
  isDrawn([fault], changes) ? { ...fault, params: { ...fault.params, seed: Number(fault.params.seed ?? 0) + draw } } : fault
));

/**
 * Where the dots of a strip stand [px], each above those it would cover.
 * @param {number[]} values
 */
export function dotsOf(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const place = (value) => (high > low ? ((value - low) / (high - low)) * WIDTH : WIDTH / 2);
  const dots = [];
  for (const x of values.toSorted((a, b) => a - b).map(place)) {
    let row = 0;
    while (dots.some((dot) => dot.row === row && Math.abs(dot.x - x) < NEAR)) row += 1;
    dots.push({ x, row });
  }
  const height = (Math.max(0, ...dots.map(({ row }) => row)) + 1) * ROW;
  return { width: WIDTH, height, dots: dots.map(({ x, row }) => ({ x, y: height - (row + 0.5) * ROW })) };
}

/** The line under the strip. @param {{value: number, text: string}[]} found */
export function drawsWords(found) {
  const sorted = found.toSorted((a, b) => a.value - b.value);
  const [low, middle, high] = [0, Math.floor((sorted.length - 1) / 2), sorted.length - 1].map((k) => sorted[k].text);
  return `${found.length} draws: ${low} to ${high}, median ${middle}.`;
}
