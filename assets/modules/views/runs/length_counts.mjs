/** How often which length was learnt, block by block on a logarithmic axis. Pure. */

import { dressed } from "../../paint/figure_look.mjs";
import { axesOf, lengthsOf } from "./lanes.mjs";

const A_DECADE = 8; // bins
const SHOWN = [-3, 0]; // decades that are shown at least, in domain lengths
const BOUNDS = [-5, 2]; // lengths beyond are counted at the edge: the model bounds them there
const MOST_BLOCKS = 8;
const NAMES = { tau: ["τ", "time constant"], sigma: ["σ", "width"], beta: ["|β|", "drift"] };

/** Decades that hold all lengths, the usual ones at least. */
export function decadesOf(lengths) {
  let [low, high] = SHOWN;
  for (const length of lengths) {
    const decade = Math.log10(Math.abs(length));
    if (!Number.isFinite(decade)) continue;
    low = Math.min(low, Math.floor(decade));
    high = Math.max(high, Math.ceil(decade));
  }
  return [Math.max(BOUNDS[0], low), Math.min(BOUNDS[1], high)];
}

/**
 * How many lengths lie in every bin.
 * @returns {{edges: number[], counts: number[]}}  one edge more than counts
 */
export function countsOf(lengths, [low, high]) {
  const bins = A_DECADE * (high - low);
  const counts = new Array(bins).fill(0);
  for (const length of lengths) {
    const bin = Math.floor(A_DECADE * (Math.log10(Math.abs(length)) - low));
    if (!Number.isNaN(bin)) counts[Math.min(bins - 1, Math.max(0, bin))] += 1;
  }
  return { edges: Array.from({ length: bins + 1 }, (_, k) => 10 ** (low + k / A_DECADE)), counts };
}

/** Columns of the picture: a length, along an axis where there are several; drifts are told apart by their sign. */
export function columnsOf(arrays) {
  return Object.keys(NAMES).filter((name) => arrays[name]).flatMap((name) => {
    const [symbol, words] = NAMES[name];
    const axes = axesOf(arrays[name].shape[2] ?? 1);
    return axes.map(({ title }, axis) => ({ name, axis, signed: name === "beta", title: `${words} ${symbol}${axes.length > 1 ? `, ${title}` : ""}` }));
  });
}

/** One block's steps of one column, of one sign where signs are told apart. */
function steps(lengths, decades, sign) {
  const kept = sign === 0 ? lengths : lengths.filter((length) => Math.sign(length) === sign);
  const { edges, counts } = countsOf(kept, decades);
  return { x: edges, y: [...counts, counts.at(-1)] };
}

/** A block's plot of a column: what it was at first as a line, what it is now as an area. */
function blockTraces({ name, axis, signed, title }, { arrays, block, decades, axes }, look) {
  const now = lengthsOf(arrays[name], block, axis);
  const first = arrays[`first_${name}`];
  const trace = (lengths, sign, words, color) => ({
    ...steps(lengths, decades, sign), ...axes, type: "scatter", mode: "lines", line: { shape: "hv", color, width: 1.4 },
    name: words, legendgroup: words, hovertemplate: `%{y} lanes from %{x:.3~g}<extra>${words}, block ${block + 1}</extra>`,
  });
  if (signed) return [trace(now, 1, "drift ahead", look.warm), trace(now, -1, "drift back", look.accent)].map((one) => ({ ...one, fill: "tozeroy" }));
  const before = first ? [trace(lengthsOf(first, block, axis), 0, "when the run began", look.muted)] : [];
  return [...before, { ...trace(now, 0, title, look.series[2]), fill: "tozeroy" }];
}

/**
 * @param {object} arrays  {tau} or {sigma, beta}, each (blocks, lanes, ...), and what they were at first as `first_tau` ...
 * @param {object} look  colours and font, see figureLook
 * @param {boolean} low  whether there is no room for the names of blocks
 */
export function lengthsFigure(arrays, look, low = false) {
  const columns = columnsOf(arrays);
  const blocks = Math.min(MOST_BLOCKS, arrays[columns[0].name].shape[0]);
  /** @type {Record<string, any>} */
  const layout = { showlegend: true };
  const data = columns.flatMap((of, column) => {
    const decades = decadesOf([...arrays[of.name].data, ...(arrays[`first_${of.name}`]?.data ?? [])]);
    const x = `x${column === 0 ? "" : column + 1}`;
    const width = 1 / columns.length;
    layout[`xaxis${x.slice(1)}`] = {
      type: "log", range: decades, dtick: 1, exponentformat: "none", title: { text: `${of.title} (domain lengths)` },
      domain: [(column + 0.02) * width, (column + 0.93) * width], anchor: `y${axisNumber(column, blocks - 1, blocks)}`,
    };
    return Array.from({ length: blocks }, (_, block) => {
      const y = `y${axisNumber(column, block, blocks)}`;
      const title = column === 0 && !low ? `block ${block + 1}` : "";
      layout[`yaxis${y.slice(1)}`] = {
        anchor: x, domain: [(blocks - 1 - block) / blocks, (blocks - block - 0.16) / blocks], rangemode: "tozero", nticks: 3, title: { text: title },
      };
      return blockTraces(of, { arrays, block, decades, axes: { xaxis: x, yaxis: y } }, look);
    }).flat();
  });
  return { data: namedOnce(data), layout: dressed(layout, look) };
}

/** The legend says each name once. */
function namedOnce(traces) {
  const named = new Set();
  return traces.map((trace) => {
    const showlegend = !named.has(trace.name);
    named.add(trace.name);
    return { ...trace, showlegend };
  });
}

/** Plotly calls the first axis by no number. */
function axisNumber(column, block, blocks) {
  const number = column * blocks + block + 1;
  return number === 1 ? "" : String(number);
}
