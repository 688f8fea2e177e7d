/** From strokes of a pointer to an image as MNIST has them: soft ink, 20 by 20, centre of mass in the middle. Pure. */

export const SIDE = 28;
const BOX = 20; // LeCun et al. 1998: digits fill a box of 20 x 20 in an image of 28 x 28
const FINE = 4; // pixels of the fine image along one of the coarse
const BRUSH = 0.062; // radius of the pen, as a share of the pad
const INK = 0.02;

/**
 * The ink of strokes on a fine square image, 0 to 1.
 * @param {number[][][]} strokes  polylines of [x, y] as shares of the pad
 */
export function inkOf(strokes, side = SIDE * FINE, brush = BRUSH) {
  const ink = new Float32Array(side * side);
  const radius = brush * side;
  const soft = 0.35 * radius;
  for (const stroke of strokes) {
    for (let k = 0; k < Math.max(1, stroke.length - 1); k++) {
      const [a, b] = [stroke[k], stroke[Math.min(k + 1, stroke.length - 1)]];
      addLine(ink, side, a[0] * side, a[1] * side, b[0] * side, b[1] * side, radius, soft);
    }
  }
  return ink;
}

function addLine(ink, side, ax, ay, bx, by, radius, soft) {
  const reach = radius + soft;
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const j1 = Math.min(side - 1, Math.ceil(Math.max(ay, by) + reach));
  const i1 = Math.min(side - 1, Math.ceil(Math.max(ax, bx) + reach));
  for (let j = Math.max(0, Math.floor(Math.min(ay, by) - reach)); j <= j1; j++) {
    for (let i = Math.max(0, Math.floor(Math.min(ax, bx) - reach)); i <= i1; i++) {
      const [x, y] = [i + 0.5 - ax, j + 0.5 - ay];
      const u = length > 0 ? Math.min(1, Math.max(0, (x * dx + y * dy) / length)) : 0;
      const away = Math.hypot(x - u * dx, y - u * dy);
      const cover = Math.min(1, Math.max(0, (radius + soft - away) / (2 * soft)));
      const at = j * side + i;
      if (cover > ink[at]) ink[at] = cover;
    }
  }
}

/** Smallest box with ink: {x0, y0, x1, y1}, ends excluded, or null for an empty image. */
export function inkBox(ink, side) {
  const box = { x0: side, y0: side, x1: 0, y1: 0 };
  for (let j = 0; j < side; j++) {
    for (let i = 0; i < side; i++) {
      if (ink[j * side + i] <= INK) continue;
      box.x0 = Math.min(box.x0, i);
      box.y0 = Math.min(box.y0, j);
      box.x1 = Math.max(box.x1, i + 1);
      box.y1 = Math.max(box.y1, j + 1);
    }
  }
  return box.x1 > box.x0 ? box : null;
}

/** Centre of mass [x, y] in pixels. */
export function centreOf(image, side) {
  let [mass, x, y] = [0, 0, 0];
  for (let k = 0; k < image.length; k++) {
    mass += image[k];
    x += image[k] * ((k % side) + 0.5);
    y += image[k] * (Math.floor(k / side) + 0.5);
  }
  return mass > 0 ? [x / mass, y / mass] : [side / 2, side / 2];
}

/**
 * A fine image scaled, its proportions kept, so that the ink fills a box of 20 pixels, and moved so that its centre of
 * mass is the centre of the 28 x 28 pixels; every pixel is the mean over its area.
 */
export function centred(ink, from = SIDE * FINE, side = SIDE, box = BOX) {
  const image = new Float32Array(side * side);
  const found = inkBox(ink, from);
  if (!found) return image;
  const scale = Math.max(found.x1 - found.x0, found.y1 - found.y0) / box; // fine pixels a coarse one
  const [cx, cy] = centreOf(ink, from);
  const samples = Math.max(1, Math.ceil(scale));
  for (let j = 0; j < side; j++) {
    for (let i = 0; i < side; i++) {
      let sum = 0;
      for (let q = 0; q < samples; q++) {
        for (let p = 0; p < samples; p++) {
          const x = cx + (i + (p + 0.5) / samples - side / 2) * scale;
          const y = cy + (j + (q + 0.5) / samples - side / 2) * scale;
          sum += sample(ink, from, x - 0.5, y - 0.5);
        }
      }
      image[j * side + i] = sum / (samples * samples);
    }
  }
  return image;
}

/** Bilinear value between pixel centres; 0 outside. */
function sample(ink, side, x, y) {
  const i = Math.floor(x);
  const j = Math.floor(y);
  const [u, v] = [x - i, y - j];
  const at = (a, b) => (a < 0 || b < 0 || a >= side || b >= side ? 0 : ink[b * side + a]);
  return (1 - v) * ((1 - u) * at(i, j) + u * at(i + 1, j)) + v * ((1 - u) * at(i, j + 1) + u * at(i + 1, j + 1));
}

/** Strokes as an image of `side` x `side` pixels, 0 to 1. */
export const imageOf = (strokes, side = SIDE) => centred(inkOf(strokes), SIDE * FINE, side, Math.round((side * BOX) / SIDE));

const arc = (cx, cy, rx, ry, from, to, count = 14) =>
  Array.from({ length: count + 1 }, (_, k) => {
    const angle = ((from + ((to - from) * k) / count) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });

/** One way to write each digit. */
export const EXAMPLES = Object.freeze([
  [arc(0.5, 0.5, 0.21, 0.3, -90, 270, 24)],
  [[[0.42, 0.3], [0.53, 0.2], [0.53, 0.8]]],
  [[...arc(0.5, 0.37, 0.2, 0.17, -165, 35), [0.32, 0.79], [0.72, 0.79]]],
  [[...arc(0.47, 0.36, 0.19, 0.16, -150, 80), ...arc(0.47, 0.65, 0.22, 0.16, -80, 150)]],
  [[[0.36, 0.2], [0.3, 0.52], [0.7, 0.52]], [[0.63, 0.25], [0.6, 0.82]]],
  [[[0.68, 0.2], [0.38, 0.2], [0.36, 0.46], ...arc(0.48, 0.61, 0.2, 0.18, -110, 150)]],
  [[[0.6, 0.19], [0.44, 0.36], ...arc(0.5, 0.63, 0.18, 0.18, 190, 540, 22)]],
  [[[0.3, 0.22], [0.7, 0.22], [0.46, 0.82]]],
  [[...arc(0.5, 0.35, 0.16, 0.15, 90, 450, 20), ...arc(0.5, 0.66, 0.19, 0.17, -90, 270, 22)]],
  [[...arc(0.5, 0.37, 0.17, 0.17, 0, 360, 20), [0.67, 0.37], [0.6, 0.82]]],
]);
