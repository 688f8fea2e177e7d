/** Plots of a gas by itself: how it relaxes, where a pair ends, how many meet. Pure. */

import { columnOf, counted, line, rowOf, titled } from "./plots.mjs";

/** Speeds after a round as bars, and Maxwell's density in two dimensions. */
export function speedsFigure({ speed: { data: speed }, speeds, rayleigh: { data: rayleigh } }, round, look) {
  const most = 1.25 * Math.max(...rayleigh);
  const layout = {
    bargap: 0.06,
    xaxis: { title: { text: "speed |v|" }, range: [0, 3] }, yaxis: { title: { text: "density" }, range: [0, most] },
  };
  const data = [
    { type: "bar", name: "gas", x: speed, y: rowOf(speeds, round), marker: { color: look.accent, opacity: 0.6 }, hovertemplate: "gas %{y:.2f}<extra></extra>" },
    line("Maxwell (Rayleigh)", speed, rayleigh, look.warm),
  ];
  return { data, layout: titled(`Speeds of 2000 particles, d = 2, ${round === 0 ? "before any collision" : `after ${round === 1 ? "1 round" : `${round} rounds`}`}`, layout, look) };
}

/** Temperatures of both axes, kurtosis and energy over the rounds; the round on show is marked. */
export function relaxationFigure({ temperature, kurtosis: { data: kurtosis }, gas_energy: { data: energy } }, round, look) {
  const x = counted(energy.length);
  const mark = { type: "line", xref: "x", yref: "paper", x0: round, x1: round, y0: 0, y1: 1, line: { color: look.muted, width: 1, dash: "dot" } };
  const layout = {
    shapes: [mark], hovermode: "x unified",
    xaxis: { title: { text: "rounds" }, range: [0, energy.length - 1], dtick: 1 }, yaxis: { title: { text: "temperature, energy" }, range: [0, 1.12] },
    yaxis2: { overlaying: "y", side: "right", range: [0, 3.36], title: { text: "kurtosis" }, showgrid: false },
  };
  const data = [
    line("energy", x, energy, look.text, { line: { color: look.text, width: 1.6, dash: "dash" } }),
    line("T<sub>xx</sub>", x, columnOf(temperature, 0), look.accent),
    line("T<sub>yy</sub>", x, columnOf(temperature, 1), look.warm),
    line("kurtosis of v<sub>x</sub> (3: Maxwell)", x, kurtosis, look.series[2], { yaxis: "y2", line: { color: look.series[2], width: 1.6, dash: "dot" } }),
  ];
  return { data, layout: titled("Two beams become a gas: energy stays, the axes share it", layout, look, 44) };
}

/** The circle of radius g/2 about the common velocity of a pair. */
export function circleOf({ data: [ax, ay, bx, by] }) {
  return { x: (ax + bx) / 2, y: (ay + by) / 2, radius: Math.hypot(ax - bx, ay - by) / 2 };
}

const POINT = { type: "scatter", mode: "markers+text", textposition: "top center", showlegend: false };

/** A velocity with its name. */
const named = (name, x, y, color, look) => ({
  ...POINT, text: [name], textfont: { color: look.text, size: 12 }, x: [x], y: [y], marker: { size: 10, color, line: { color: look.surface, width: 1.5 } },
  hovertemplate: `${name}: %{x:.2f}, %{y:.2f}<extra></extra>`,
});

/** Where one of two velocities ends, from an array (N, 2, 2). */
function ends(name, which, { data }, color) {
  const axis = (k) => Float32Array.from({ length: data.length / 4 }, (_, row) => data[4 * row + 2 * which + k]);
  return { type: "scatter", mode: "markers", name, x: axis(0), y: axis(1), marker: { size: 5, color, opacity: 0.55 }, hovertemplate: `${name}: %{x:.2f}, %{y:.2f}<extra></extra>` };
}

/**
 * One collision many times over: both velocities before, their mean, the circle, and where they end.
 * @param {{pair: any, ends: any, ends_published: any}} arrays
 * @param {boolean} published  whether the published rule is shown
 */
export function collisionFigure(arrays, published, look) {
  const { x, y, radius } = circleOf(arrays.pair);
  const shown = published ? arrays.ends_published : arrays.ends;
  const [ax, ay, bx, by] = arrays.pair.data;
  const reach = 1.25 * Math.max(radius, ...shown.data.map((value, k) => Math.abs(value - (k % 2 === 0 ? x : y))));
  const turns = counted(97).map((k) => (2 * Math.PI * k) / 96);
  const circle = line("circle of radius g/2", turns.map((a) => x + radius * Math.cos(a)), turns.map((a) => y + radius * Math.sin(a)), look.muted, { hoverinfo: "skip", hovertemplate: undefined, line: { color: look.muted, width: 1.6 } });
  const layout = { xaxis: { title: { text: "v<sub>x</sub>" }, range: [x - reach, x + reach] }, yaxis: { title: { text: "v<sub>y</sub>" }, range: [y - reach, y + reach], scaleanchor: "x" } };
  const data = [
    circle, ends("v<sub>i</sub>′", 0, shown, look.accent), ends("v<sub>j</sub>′", 1, shown, look.warm),
    named("v<sub>i</sub>", ax, ay, look.accent, look), named("v<sub>j</sub>", bx, by, look.warm, look), named("v<sub>cm</sub>", x, y, look.text, look),
  ];
  return { data, layout: titled(published ? "Published rule: the ends leave the circle, energy grows" : "Elastic rule: both ends lie on the circle, energy stays", layout, look) };
}

/** Mean energy after the collisions of a pair over that before. */
export function energyRatio({ pair, ends, ends_published }, published) {
  const square = (data) => data.reduce((sum, value) => sum + value * value, 0);
  const { shape: [count], data } = published ? ends_published : ends;
  return square(data) / count / square(pair.data);
}

/** How many pairs collide by the number of coordinates. */
export function fractionsFigure({ dimension: { data: x }, fraction }, coll, look) {
  const percent = (row) => Float32Array.from(rowOf(fraction, row), (share) => 100 * share);
  const marks = { mode: "lines+markers", marker: { size: 6 } };
  const layout = {
    hovermode: "x unified",
    xaxis: { type: "log", title: { text: "coordinates d of a particle" }, tickvals: [1, 4, 16, 64, 256, 1024], exponentformat: "none" }, yaxis: { title: { text: "pairs that collide (%)" }, rangemode: "tozero" },
  };
  const data = [
    line("matched, length rms", x, percent(1), look.accent, marks),
    line("matched, length 1", x, percent(0), look.series[2], marks),
    line("published, length 1, c = 0.9", x, percent(2), look.warm, { ...marks, line: { color: look.warm, width: 2, dash: "dash" } }),
  ];
  return { data, layout: titled(`Length scale: who still collides in many dimensions, c = ${coll}`, layout, look) };
}
