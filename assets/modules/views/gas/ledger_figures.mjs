/** Plots of the books: momentum and energy from layer to layer, training passes beside evaluation. Pure. */

import { counted, line, titled } from "./plots.mjs";

const PUBLISHED = "published rule";
const [MOMENTUM, ENERGY] = [2, 3]; // columns of the books of a rule, which are followed by those of the published one

/**
 * A column of the books, layer by layer with gaps between: every layer begins anew.
 * @param {{shape: number[], data: Float32Array}} ledger  (layers, rounds + 1, 8)
 */
export function course({ shape: [layers, stops, columns], data }, column) {
  const [x, y] = [[], []];
  for (let layer = 0; layer < layers; layer++) {
    for (let stop = 0; stop < stops; stop++) {
      x.push(layer + 1 + (0.7 * stop) / Math.max(1, stops - 1) - 0.35);
      y.push(data[(layer * stops + stop) * columns + column]);
    }
    x.push(null);
    y.push(null);
  }
  return { x, y };
}

/** What the two rules do to a quantity: `own` and `theirs`, with values as they are drawn. */
function courses(ledger, column, rule, look, shown = (value) => value) {
  const [own, theirs] = [course(ledger, column), course(ledger, column + 4)];
  const marks = { mode: "lines+markers", marker: { size: 5 } };
  const known = theirs.y.some((value) => Number.isFinite(value));
  const drawn = ({ x, y }) => [x, y.map((value) => (Number.isFinite(value) && value !== null ? shown(value) : null))];
  return [
    ...(known ? [line(PUBLISHED, ...drawn(theirs), look.warm, { ...marks, line: { color: look.warm, width: 3.4 }, marker: { size: 8, symbol: "diamond" } })] : []),
    line(rule, ...drawn(own), look.accent, marks),
  ];
}

const layerAxis = (layers) => ({ title: { text: "layer, before and after its rounds" }, tickvals: counted(layers, 1), range: [0.4, layers + 0.6] });

/** What is left of the momentum: 1 less the relative error, flat for every rule. */
export function momentumFigure({ ledger, rule }, look) {
  const layout = { xaxis: layerAxis(ledger.shape[0]), yaxis: { title: { text: "1 − error of Σ v" }, range: [0, 1.15] } };
  return { data: courses(ledger, MOMENTUM, rule, look, (error) => 1 - error), layout: titled("Momentum stays: the line is flat", layout, look) };
}

/** Energy over that of the layer's beginning, on a logarithmic scale. */
export function energyFigure({ ledger, rule }, look) {
  const data = courses(ledger, ENERGY, rule, look);
  const most = Math.max(2, ...data.flatMap(({ y }) => y.filter((value) => value !== null)));
  const layout = {
    xaxis: layerAxis(ledger.shape[0]),
    yaxis: { type: "log", title: { text: "Σ v′² / Σ v²" }, range: [-0.5, Math.log10(most) * 1.12 + 0.1], exponentformat: "power", dtick: Math.max(1, Math.ceil(Math.log10(most) / 6)) },
  };
  return { data, layout: titled("Energy over that before the collisions", layout, look) };
}

/**
 * Where the particles of a layer go in training passes, and where in evaluation; both have one centre.
 * @param {{draws: {shape: number[], data: Float32Array}, place: Float32Array, motion: Float32Array}} layer  of the first example
 */
export function cloudFigure({ draws: { shape: [passes, count], data }, place, motion }, look) {
  const at = (axis) => Float32Array.from({ length: count }, (_, k) => place[4 * k + axis] + motion[2 * k + axis]);
  const drawn = (axis) => Float32Array.from({ length: passes * count }, (_, k) => data[2 * k + axis]);
  const mean = (values) => [values.reduce((sum, value) => sum + value, 0) / values.length];
  const [plain, chance] = [[at(0), at(1)], [drawn(0), drawn(1)]];
  /** @type {(name: string, place: any[], marker: object) => object} */
  const dots = (name, [x, y], marker) => ({ type: "scatter", mode: "markers", name, x, y, marker, hoverinfo: "skip" });
  const layout = {

    xaxis: { title: { text: "first axis" }, zeroline: false }, yaxis: { title: { text: "second axis" }, scaleanchor: "x", zeroline: false },
  };
  const data_ = [
    dots(`${passes} training passes`, chance, { size: 4, color: look.accent, opacity: 0.35 }),
    dots("evaluation", plain, { size: 9, symbol: "circle-open", color: look.text, line: { width: 1.4 } }),
    dots("mean of all, both ways", chance.map(mean), { size: 15, symbol: "cross-thin", color: look.accent, line: { width: 3, color: look.accent } }),
    { ...dots("mean of evaluation", plain.map(mean), { size: 15, symbol: "x-thin", color: look.warm, line: { width: 2, color: look.warm } }), showlegend: false },
  ];
  return { data: data_, layout: titled("Where the particles of the layer end", layout, look) };
}

/** The answer of a model: thin lines of training passes, the one of evaluation on top. @param {{shape: number[], data: Float32Array}} outputs */
export function answersFigure({ shape: [passes, count], data }, look) {
  const x = counted(count, 1);
  const few = count <= 12;
  const row = (k) => data.subarray(k * count, (k + 1) * count);
  const dots = few ? { mode: "markers", marker: { size: 6, color: look.accent, opacity: 0.45 } } : { line: { color: look.accent, width: 1 }, opacity: 0.4 };
  const chance = Array.from({ length: passes - 1 }, (_, k) => line(`${passes - 1} training passes`, x, row(k + 1), look.accent, { ...dots, showlegend: k === 0, hoverinfo: "skip", hovertemplate: undefined }));
  const plain = line("evaluation", x, row(0), look.text, few ? { mode: "markers", marker: { size: 13, symbol: "line-ew", line: { width: 2.5, color: look.text } } } : { line: { color: look.text, width: 2.2 } });
  const layout = {

    xaxis: { title: { text: "number of the output" }, range: [0.5, count + 0.5], ...(few ? { dtick: 1 } : {}) }, yaxis: { title: { text: "output" } },
  };
  return { data: [...chance, plain], layout: titled("The network's answer to the same example", layout, look) };
}
