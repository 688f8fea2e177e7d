/** The phase portrait of two nodes: one voltage over the other. Pure, but for the painting on a given context. */

import { tickLabels } from "../../lib/numbers.mjs";

const TICKS = 5;
const PAD = { left: 54, right: 16, top: 10, bottom: 36 };

/** Round steps: 1, 2 or 5 times a power of ten, about `TICKS` of them in a range. */
export function ticksOf([low, high]) {
  const rough = (high - low) / TICKS;
  if (!(rough > 0) || !Number.isFinite(rough)) return { step: 1, ticks: [] };
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return { step, ticks: Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => (first + k) * step) };
}

/** A range with room at both ends; about a constant a volt's worth of its size. @returns {[number, number]} */
export function rangeOf(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(high >= low)) return [-1, 1];
  const room = high - low > 1e-6 * Math.max(Math.abs(low), Math.abs(high)) ? 0.06 * (high - low) : Math.abs(high) || 1;
  return [low - room, high + room];
}

/**
 * Where values lie in a picture.
 * @param {{width: number, height: number}} size  in pixels
 * @param {[number, number]} across
 * @param {[number, number]} up
 */
export function portraitScale({ width, height }, across, up) {
  const [w, h] = [Math.max(width - PAD.left - PAD.right, 1), Math.max(height - PAD.top - PAD.bottom, 1)];
  return {
    plot: { left: PAD.left, top: PAD.top, width: w, height: h },
    xOf: (value) => PAD.left + (w * (value - across[0])) / (across[1] - across[0]),
    yOf: (value) => PAD.top + h - (h * (value - up[0])) / (up[1] - up[0]),
  };
}

/**
 * @param {CanvasRenderingContext2D} ctx  in CSS pixels
 * @param {{size: {width: number, height: number}, x: ArrayLike<number>, y: ArrayLike<number>, names: [string, string], unit: string,
 *   now: [number, number], colour: string, accent: string, look: {line: string, strong: string, muted: string, font: string}}} view
 */
export function paintPortrait(ctx, { size, x, y, names, unit, now, colour, accent, look }) {
  const [across, up] = [rangeOf(x), rangeOf(y)];
  const scale = portraitScale(size, across, up);
  ctx.clearRect(0, 0, size.width, size.height);
  ctx.font = `11px ${look.font}`;
  paintAxes(ctx, scale, { across, up, names, unit, look });
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.8;
  ctx.lineJoin = "round";
  ctx.beginPath();
  let down = false;
  for (let k = 0; k < x.length; k += 1) {
    if (!Number.isFinite(x[k]) || !Number.isFinite(y[k])) {
      down = false;
      continue;
    }
    if (down) ctx.lineTo(scale.xOf(x[k]), scale.yOf(y[k]));
    else ctx.moveTo(scale.xOf(x[k]), scale.yOf(y[k]));
    down = true;
  }
  ctx.stroke();
  if (!now.every(Number.isFinite)) return;
  ctx.fillStyle = accent;
  ctx.beginPath();
  ctx.arc(scale.xOf(now[0]), scale.yOf(now[1]), 5, 0, 6.2832);
  ctx.fill();
}

function paintAxes(ctx, { plot, xOf, yOf }, { across, up, names, unit, look }) {
  const [h, v] = [ticksOf(across), ticksOf(up)];
  const bottom = plot.top + plot.height;
  ctx.fillStyle = look.muted;
  ctx.textBaseline = "middle";
  ctx.textAlign = "center";
  tickLabels(h.ticks, h.step).forEach((label, k) => {
    line(ctx, xOf(h.ticks[k]), plot.top, xOf(h.ticks[k]), bottom, h.ticks[k] === 0 ? look.strong : look.line);
    ctx.fillText(label, xOf(h.ticks[k]), bottom + 11);
  });
  ctx.textAlign = "right";
  tickLabels(v.ticks, v.step).forEach((label, k) => {
    line(ctx, plot.left, yOf(v.ticks[k]), plot.left + plot.width, yOf(v.ticks[k]), v.ticks[k] === 0 ? look.strong : look.line);
    ctx.fillText(label, plot.left - 6, yOf(v.ticks[k]));
  });
  const title = (name) => (unit ? `${name} (${unit})` : name);
  ctx.textAlign = "center";
  ctx.fillText(title(names[0]), plot.left + plot.width / 2, bottom + 27);
  ctx.save();
  ctx.translate(10, plot.top + plot.height / 2);
  ctx.rotate(-Math.PI / 2);
  ctx.fillText(title(names[1]), 0, 0);
  ctx.restore();
}

function line(ctx, ax, ay, bx, by, colour) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(ax, ay);
  ctx.lineTo(bx, by);
  ctx.stroke();
}
