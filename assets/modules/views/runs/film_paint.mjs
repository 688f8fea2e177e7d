/** Paints one collision at a moment of its film. Pure. */

import { PHASES, footOf, phaseOf, scaleOf, sceneAt } from "./film.mjs";

const DOT = 4;
const HEAD = 5; // of an arrow

/**
 * @param {CanvasRenderingContext2D} brush
 * @param {object} gas  see gasOf
 * @param {{width: number, height: number}} size
 * @param {number} way
 * @param {{theme: object, series: string[]}} look
 */
export function paintFilm(brush, gas, size, way, { theme, series }) {
  const at = scaleOf(gas, size);
  const scene = sceneAt(gas, way);
  const dots = scene.dots.map(at);
  for (const { a, b, probability, accepted, strength } of scene.lines) {
    if (strength <= 0) continue;
    brush.globalAlpha = strength * (accepted ? 1 : 0.15 + 0.85 * probability);
    brush.strokeStyle = accepted ? series[1] : theme.muted;
    brush.lineWidth = accepted ? 1.5 + 2.5 * scene.flash : 1;
    line(brush, dots[a], dots[b]);
  }
  brush.globalAlpha = 0.8 * scene.shown;
  brush.strokeStyle = theme.muted;
  brush.lineWidth = 1.2;
  for (const place of scene.plain) ring(brush, at(place));
  brush.globalAlpha = 1;
  const met = new Set(gas.pairs.filter(({ accepted }) => accepted).flatMap(({ a, b }) => [a, b]));
  scene.dots.forEach((place, k) => {
    const colour = met.has(k) && way >= PHASES[1].end ? series[1] : series[0];
    brush.strokeStyle = brush.fillStyle = colour;
    arrow(brush, dots[k], at([place[0] + scene.velocities[k][0], place[1] + scene.velocities[k][1]]));
    brush.beginPath();
    brush.arc(dots[k][0], dots[k][1], DOT, 0, 2 * Math.PI);
    brush.fill();
  });
  paintPhases(brush, size, way, theme);
}

function line(brush, [ax, ay], [bx, by]) {
  brush.beginPath();
  brush.moveTo(ax, ay);
  brush.lineTo(bx, by);
  brush.stroke();
}

function ring(brush, [x, y]) {
  brush.beginPath();
  brush.arc(x, y, DOT + 1, 0, 2 * Math.PI);
  brush.stroke();
}

function arrow(brush, from, to) {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  if (length < DOT + 1) return;
  brush.lineWidth = 1.5;
  line(brush, from, to);
  const head = Math.min(HEAD, length / 2) / length;
  brush.beginPath();
  brush.moveTo(to[0], to[1]);
  brush.lineTo(to[0] - head * (dx - dy * 0.6), to[1] - head * (dy + dx * 0.6));
  brush.lineTo(to[0] - head * (dx + dy * 0.6), to[1] - head * (dy - dx * 0.6));
  brush.closePath();
  brush.fill();
}

/** What happens now, on a line that a pointer can move along. */
function paintPhases(brush, size, way, theme) {
  const { left, right, y } = footOf(size);
  const across = (share) => left + share * (right - left);
  const now = phaseOf(way);
  let begin = 0;
  brush.textBaseline = "middle";
  brush.textAlign = "center";
  PHASES.forEach(({ title, end }, number) => {
    const current = number === now.number;
    brush.fillStyle = current ? theme.text : theme.muted;
    brush.font = `${current ? "600 " : ""}11px ${theme.font}`;
    brush.fillText(title, (across(begin) + across(end)) / 2, y - 12, across(end) - across(begin) - 6);
    brush.strokeStyle = current ? theme.text : theme.line;
    brush.lineWidth = current ? 2 : 1;
    line(brush, [across(begin) + 1, y], [across(end) - 1, y]);
    begin = end;
  });
  brush.fillStyle = theme.text;
  brush.beginPath();
  brush.arc(across(way), y, 4, 0, 2 * Math.PI);
  brush.fill();
}
