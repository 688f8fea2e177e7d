/** Plots of what a lane does: kernel, response over the wavenumber, Bode plot. Pure. */

import { dressed } from "../../paint/figure_look.mjs";

const WAVES = [0.05, 500]; // wavenumbers that a Bode plot shows at least, in waves per domain
const SPARE = 30; // around the corner of a lane outside of these
const NOTHING = 0.005; // a gain that is none in a plot
const DECADE = 20; // dB that a cell takes away in a decade

const name = (tap) => `v${"₀₁₂₃₄₅₆₇₈₉"[tap] ?? tap}`;

const line = (title, x, y, color, more = {}) => ({
  type: "scatter", mode: "lines", name: title, x, y, line: { color, width: 1.6 }, hovertemplate: `${title} %{y:.3~g}<extra></extra>`, ...more,
});

const label = (text, x, look, more = {}) => ({ xref: "x", yref: "paper", y: 1, x, text, showarrow: false, font: { size: 11, color: look.text }, yanchor: "bottom", ...more });

/** A line at the mean, and a band of the width on either side. */
function marks(mean, width, look) {
  const shape = { xref: "x", yref: "paper", y0: 0, y1: 1, layer: "below" };
  return [
    { ...shape, type: "rect", x0: mean - width, x1: mean + width, fillcolor: look.accent, opacity: 0.09, line: { width: 0 } },
    { ...shape, type: "line", x0: mean, x1: mean, line: { color: look.text, width: 1, dash: "dot" } },
  ];
}

/**
 * What a unit pulse becomes at every tap, on the scale of the lane.
 * @param {{place: Float32Array, kernels: {shape: number[], data: Float32Array}}} prototype  of tau = 1
 * @param {number} tau  of the lane, in domain lengths
 */
export function kernelFigure({ place, kernels: { shape: [order, points], data } }, tau, look) {
  const x = place.map((t) => t * tau);
  const lines = Array.from({ length: order }, (_, tap) => {
    const y = data.subarray(tap * points, (tap + 1) * points).map((value) => value / tau);
    const last = tap === order - 1;
    return line(name(tap + 1), x, y, look.series[tap], last ? { line: { color: look.series[tap], width: 2.6 } } : {});
  });
  const [mean, width] = [order * tau, Math.sqrt(order) * tau];
  const layout = {
    hovermode: "x unified", shapes: marks(mean, width, look), showlegend: true,
    annotations: [label("mean Σ τ, width √Σ τ²", mean, look, { xanchor: "left", xshift: 4, yanchor: "top" })],
    xaxis: { title: { text: "distance (domain lengths)" }, range: [0, x.at(-1)] },
    yaxis: { title: { text: "kernel" }, rangemode: "tozero" },
  };
  return { data: lines, layout: dressed(layout, look) };
}

/** Wavenumbers that the Bode plot of a corner shows. */
export const wavesShown = (corner) => [Math.min(WAVES[0], corner / SPARE), Math.max(WAVES[1], corner * SPARE)];

/**
 * Gain and phase of every tap over the wavenumber, with the straight lines that the gain of the last one approaches.
 * @param {{omega: Float32Array, gain: object, phase: object}} prototype  of tau = 1
 * @param {number} tau  of the lane, in domain lengths
 */
export function bodeFigure({ omega, gain, phase }, tau, look) {
  const [order, points] = gain.shape;
  const corner = 1 / (2 * Math.PI * tau);
  const x = omega.map((y) => y * corner);
  const rows = (values) => Array.from({ length: order }, (_, tap) => values.data.subarray(tap * points, (tap + 1) * points));
  const fall = -DECADE * order;
  const [low, high] = wavesShown(corner);
  const data = [
    ...rows(gain).map((y, tap) => line(name(tap + 1), x, y, look.series[tap], { hovertemplate: `${name(tap + 1)} %{y:.1f} dB<extra></extra>` })),
    line(`−${-fall} dB/decade`, [low, corner, high], [0, 0, fall * Math.log10(high / corner)], look.muted, { line: { color: look.muted, width: 1, dash: "dash" }, hoverinfo: "skip", hovertemplate: undefined }),
    ...rows(phase).map((y, tap) => line(name(tap + 1), x, y, look.series[tap], { yaxis: "y2", showlegend: false, hovertemplate: `${name(tap + 1)} %{y:.0f}°<extra></extra>` })),
  ];
  const layout = {
    hovermode: "x unified",
    xaxis: { type: "log", range: [Math.log10(low), Math.log10(high)], title: { text: "wavenumber (waves per domain)" }, anchor: "y2", dtick: 1, exponentformat: "none" },
    yaxis: { domain: [0.46, 1], range: [2 * fall - 5, 8], title: { text: "gain (dB)" } },
    yaxis2: { domain: [0, 0.36], range: [-90 * order - 8, 8], dtick: order > 2 ? 180 : 90, title: { text: "phase (°)" } },
  };
  return { data, layout: dressed(layout, look) };
}

/**
 * What a unit pulse in the middle becomes: the value, and the slope where it stands.
 * @param {{place: Float32Array, value: Float32Array, slope: Float32Array, sigma: number, beta: number, drifts: boolean}} lane
 */
export function spreadFigure({ place, value, slope, sigma, beta, drifts }, look) {
  const x = place.map((at) => at - 0.5);
  const layout = {
    hovermode: "x unified", shapes: marks(beta, sigma, look),
    annotations: [label(drifts ? "β ± σ" : "± σ", beta, look, { xanchor: beta > 0.3 ? "right" : "left", xshift: beta > 0.3 ? -4 : 4, yanchor: "top" })],
    xaxis: { title: { text: "distance (domain lengths)" }, range: [-0.5, 0.5] }, yaxis: { title: { text: "kernel" } },
  };
  const data = [line("value", x, value, look.accent, { line: { color: look.accent, width: 2.4 } }), line("slope σ dv/dx", x, slope, look.warm)];
  return { data, layout: dressed(layout, look) };
}

/** The wavenumber up to which something comes through, one of 2, 4, 8 ... so that lanes can be compared. */
export function wavesOf({ wave, value, slope }) {
  const reach = wave.findLast((_, k) => Math.max(value[k], slope[k]) > NOTHING) ?? 0;
  return Math.min(wave.at(-1), Math.max(2, 2 ** Math.ceil(Math.log2(Math.max(1, reach)))));
}

/**
 * How much of every wave comes through, as value and as slope.
 * @param {{wave: Float32Array, value: Float32Array, slope: Float32Array, passing: number}} lane  `passing`: the largest wavenumber, 0 for all
 */
export function responseFigure({ wave, value, slope, passing }, look) {
  const last = wavesOf({ wave, value, slope });
  const edge = passing > 0 && passing < last;
  const shape = { type: "line", xref: "x", yref: "paper", x0: passing, x1: passing, y0: 0, y1: 1, line: { color: look.muted, width: 1, dash: "dash" } };
  const layout = {
    hovermode: "x unified", shapes: edge ? [shape] : [],
    annotations: edge ? [label("no wave beyond", passing, look, { xanchor: "left", xshift: 4, yanchor: "top" })] : [],
    xaxis: { title: { text: "wavenumber k (waves per domain)" }, range: [0, last] }, yaxis: { title: { text: "gain" }, range: [0, 1.05] },
  };
  const data = [line("|H(k)|, value", wave, value, look.accent, { line: { color: look.accent, width: 2.4 } }), line("|H′(k)|, slope", wave, slope, look.warm)];
  return { data, layout: dressed(layout, look) };
}
