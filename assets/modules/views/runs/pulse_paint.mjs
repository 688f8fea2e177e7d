/** Paints a pulse on its way through a cascade: the nodes with what they hold now, and every tap along the lane. Pure. */

import { number } from "../../lib/numbers.mjs";
import { rampLevel } from "../../paint/colours.mjs";
import { RADIUS, acrossOf, chainOf, meanOf, upOf, valueAt } from "./pulse.mjs";

const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";
export const nameOf = (tap) => (tap === 0 ? "input" : `v${SUBSCRIPTS[tap] ?? tap}`);

/**
 * @param {CanvasRenderingContext2D} brush
 * @param {object} lane  {rows: Float32Array[] with the input first, tau, order, centre, periodic}
 * @param {object} frame  of the plot
 * @param {number} share  of the way
 * @param {{theme: object, series: string[]}} look
 */
export function paintPulse(brush, lane, frame, share, look) {
  paintAxes(brush, frame, look);
  paintMean(brush, lane, frame, look);
  const colours = lane.rows.map((_, tap) => (tap === 0 ? look.theme.muted : look.series[tap - 1]));
  lane.rows.forEach((row, tap) => paintTap(brush, row, frame, share, colours[tap]));
  brush.strokeStyle = look.theme.line;
  brush.lineWidth = 1;
  stroke(brush, [[acrossOf(frame, share), frame.top], [acrossOf(frame, share), frame.bottom]]);
  if (!frame.low) paintChain(brush, lane.rows.map((row) => valueAt(row, share)), frame, colours, look);
}

function stroke(brush, points) {
  brush.beginPath();
  points.forEach(([x, y], k) => (k === 0 ? brush.moveTo(x, y) : brush.lineTo(x, y)));
  brush.stroke();
}

function write(brush, text, x, y, { colour, align = "left", bold = false, font }) {
  brush.fillStyle = colour;
  brush.textAlign = align;
  brush.textBaseline = "middle";
  brush.font = `${bold ? "600 " : ""}11px ${font}`;
  brush.fillText(text, x, y);
}

function paintAxes(brush, frame, { theme }) {
  brush.lineWidth = 1;
  const style = { colour: theme.muted, font: theme.font };
  for (const volts of [0, 0.5, 1]) {
    brush.strokeStyle = theme.dot;
    stroke(brush, [[frame.left, upOf(frame, volts)], [frame.right, upOf(frame, volts)]]);
    write(brush, `${volts}`, frame.left - 6, upOf(frame, volts), { ...style, align: "right" });
  }
  brush.strokeStyle = theme.line;
  stroke(brush, [[frame.left, frame.top], [frame.left, frame.bottom], [frame.right, frame.bottom]]);
  for (const place of [0, 0.2, 0.4, 0.6, 0.8, 1]) write(brush, `${place}`, acrossOf(frame, place), frame.bottom + 10, { ...style, align: "center" });
  if (!frame.low) write(brush, "distance along the lane (domain lengths)", (frame.left + frame.right) / 2, frame.bottom + 25, { ...style, align: "center" });
}

/** Where the middle of the last tap comes to lie, and a bracket of its width. */
function paintMean(brush, lane, frame, { theme }) {
  const { mean, width, place } = meanOf(lane);
  const text = `mean Σ τ = ${number(mean)}, width √Σ τ² = ${number(width)}`;
  if (place === null) {
    write(brush, `${text}: beyond the end`, frame.right, frame.top + 2, { colour: theme.muted, align: "right", font: theme.font });
    return;
  }
  const x = acrossOf(frame, place);
  const [low, high] = [place - width, place + width].map((at) => acrossOf(frame, Math.min(1, Math.max(0, at))));
  const y = frame.top + 14;
  brush.strokeStyle = theme.text;
  brush.setLineDash([2, 3]);
  stroke(brush, [[x, y - 4], [x, frame.bottom]]);
  brush.setLineDash([]);
  stroke(brush, [[low, y], [high, y]]);
  for (const end of [low, high]) stroke(brush, [[end, y - 3], [end, y + 3]]);
  const right = place > 0.6;
  write(brush, text, right ? Math.max(x, frame.left + 240) : x, frame.top + 2, { colour: theme.text, align: right ? "right" : "left", font: theme.font });
}

/** Faint as a whole, strong as far as the pulse has come, a dot where it is. */
function paintTap(brush, row, frame, share, colour) {
  const points = Array.from(row, (volts, k) => [acrossOf(frame, k / (row.length - 1)), upOf(frame, volts)]);
  brush.strokeStyle = brush.fillStyle = colour;
  brush.globalAlpha = 0.35;
  brush.lineWidth = 1.2;
  stroke(brush, points);
  const now = [acrossOf(frame, share), upOf(frame, valueAt(row, share))];
  brush.globalAlpha = 1;
  brush.lineWidth = 2.2;
  stroke(brush, [...points.filter(([x]) => x < now[0]), now]);
  brush.beginPath();
  brush.arc(now[0], now[1], 4, 0, 2 * Math.PI);
  brush.fill();
}

/** Input and taps as the nodes of a circuit, in the board's colours of voltages. */
function paintChain(brush, values, frame, colours, { theme }) {
  const ramp = theme.ramps.voltages;
  const places = chainOf(frame, values.length);
  places.forEach(({ x, y }, tap) => {
    const level = rampLevel(values[tap], 1);
    if (tap > 0) {
      brush.strokeStyle = theme.edge;
      brush.lineWidth = 1.5;
      const [from, to] = [places[tap - 1].x + RADIUS + 4, x - RADIUS - 5];
      stroke(brush, [[from, y], [to, y]]);
      stroke(brush, [[to - 5, y - 4], [to, y], [to - 5, y + 4]]);
    }
    brush.beginPath();
    brush.arc(x, y, RADIUS, 0, 2 * Math.PI);
    brush.fillStyle = ramp.fill[level];
    brush.strokeStyle = colours[tap];
    brush.lineWidth = 2.5;
    brush.fill();
    brush.stroke();
    write(brush, tap === 0 ? "u" : nameOf(tap), x, y, { colour: ramp.text[level], align: "center", bold: true, font: theme.font });
    write(brush, `${values[tap] < 0.0005 ? "0.00" : values[tap].toFixed(2)} V`, x, y + RADIUS + 9, { colour: theme.muted, align: "center", font: theme.font });
  });
}
