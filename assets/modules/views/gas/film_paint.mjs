/** Paints a moment of a film: dots and arrows, lines between candidates, flashes of those that collide. Pure. */

import { arrowHead } from "../../paint/geometry.mjs";

const MARGIN = 26; // CSS pixels
const LEVELS = 8; // of the opacity of lines: one stroke each
const TAU = 2 * Math.PI;

/**
 * @typedef {{x: number, y: number, scale: number, width: number, height: number}} Frame  pixel = (x + scale a, y - scale b)
 * @param {{x0: number, x1: number, y0: number, y1: number}} bounds
 * @returns {Frame}
 */
export function frameOf(bounds, width, height) {
  const [across, up] = [Math.max(bounds.x1 - bounds.x0, 1e-9), Math.max(bounds.y1 - bounds.y0, 1e-9)];
  const scale = Math.max(1e-9, Math.min((width - 2 * MARGIN) / across, (height - 2 * MARGIN) / up));
  return { scale, width, height, x: width / 2 - (scale * (bounds.x0 + bounds.x1)) / 2, y: height / 2 + (scale * (bounds.y0 + bounds.y1)) / 2 };
}

/** Radius of a dot in CSS pixels: of many particles they are small. */
export const radiusOf = (count) => (count > 100 ? 3 : count > 40 ? 4 : 5.5);

/**
 * @param {CanvasRenderingContext2D} brush
 * @param {import("./film.mjs").Film} film
 * @param {import("./film.mjs").Moment} moment
 * @param {Frame} frame
 * @param {any} theme  colours, see themeColours
 */
export function paintFilm(brush, film, moment, frame, theme) {
  const pairs = film.rounds[moment.phase.round] ?? [];
  const place = (k) => [frame.x + frame.scale * moment.at[2 * k], frame.y - frame.scale * moment.at[2 * k + 1]];
  paintOrigin(brush, frame, theme);
  if (moment.lines > 0) paintLines(brush, pairs, place, moment.lines, theme);
  const met = new Set(pairs.filter((pair) => pair.met).flatMap(({ first, second }) => [first, second]));
  const hot = moment.phase.name === "collide" ? met : new Set();
  if (moment.flash > 0) paintFlashes(brush, pairs, hot, place, { radius: radiusOf(film.count), flash: moment.flash }, theme);
  paintArrows(brush, film.count, moment, { frame, place, chosen: (k) => !hot.has(k), width: 1.4 }, theme.edgeStrong);
  if (hot.size > 0) paintArrows(brush, film.count, moment, { frame, place, chosen: (k) => hot.has(k), width: 2.4 }, theme.current);
  paintDots(brush, film.count, place, radiusOf(film.count), theme);
}

/** Where both coordinates are 0, as hairlines. */
function paintOrigin(brush, { x, y, width, height }, theme) {
  brush.strokeStyle = theme.dot;
  brush.lineWidth = 1;
  brush.beginPath();
  brush.moveTo(0, y);
  brush.lineTo(width, y);
  brush.moveTo(x, 0);
  brush.lineTo(x, height);
  brush.stroke();
}

/** Candidate pairs; the opacity of a line is the pair's probability. */
function paintLines(brush, pairs, place, strength, theme) {
  brush.strokeStyle = theme.text;
  brush.lineWidth = 1.3;
  for (let level = 1; level <= LEVELS; level++) {
    brush.globalAlpha = (strength * level) / LEVELS;
    brush.beginPath();
    for (const { first, second, chance } of pairs) {
      if (Math.ceil(Math.min(1, chance) * LEVELS) !== level) continue;
      const [[ax, ay], [bx, by]] = [place(first), place(second)];
      brush.moveTo(ax, ay);
      brush.lineTo(bx, by);
    }
    brush.stroke();
  }
  brush.globalAlpha = 1;
}

function paintFlashes(brush, pairs, hot, place, { radius, flash }, theme) {
  brush.globalAlpha = 0.55 * flash;
  brush.strokeStyle = brush.fillStyle = theme.current;
  brush.lineWidth = 3;
  brush.beginPath();
  for (const { first, second, met } of pairs) {
    if (!met) continue;
    const [[ax, ay], [bx, by]] = [place(first), place(second)];
    brush.moveTo(ax, ay);
    brush.lineTo(bx, by);
  }
  brush.stroke();
  brush.beginPath();
  for (const k of hot) {
    const [x, y] = place(k);
    brush.moveTo(x + radius + 5, y);
    brush.arc(x, y, radius + 5, 0, TAU);
  }
  brush.fill();
  brush.globalAlpha = 1;
}

function paintArrows(brush, count, { arrows }, { frame, place, chosen, width }, colour) {
  brush.strokeStyle = brush.fillStyle = colour;
  brush.lineWidth = width;
  const heads = [];
  brush.beginPath();
  for (let k = 0; k < count; k++) {
    const [dx, dy] = [frame.scale * arrows[2 * k], -frame.scale * arrows[2 * k + 1]];
    const length = Math.hypot(dx, dy);
    if (!chosen(k) || !(length > 1)) continue;
    const [x, y] = place(k);
    brush.moveTo(x, y);
    brush.lineTo(x + dx, y + dy);
    heads.push(arrowHead(x + dx, y + dy, Math.atan2(dy, dx), Math.min(9, 0.6 * length)));
  }
  brush.stroke();
  brush.beginPath();
  for (const [ax, ay, bx, by, cx, cy] of heads) {
    brush.moveTo(ax, ay);
    brush.lineTo(bx, by);
    brush.lineTo(cx, cy);
    brush.closePath();
  }
  brush.fill();
}

function paintDots(brush, count, place, radius, theme) {
  brush.fillStyle = theme.accent;
  brush.strokeStyle = theme.surface;
  brush.lineWidth = 1.2;
  brush.beginPath();
  for (let k = 0; k < count; k++) {
    const [x, y] = place(k);
    brush.moveTo(x + radius, y);
    brush.arc(x, y, radius, 0, TAU);
  }
  brush.fill();
  brush.stroke();
}
