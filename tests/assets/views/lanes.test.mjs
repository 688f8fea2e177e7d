import assert from "node:assert/strict";
import { test } from "node:test";
import { bodeFigure, kernelFigure, responseFigure, spreadFigure, wavesOf, wavesShown } from "../../../assets/modules/views/runs/lane_figures.mjs";
import { axesOf, byLength, directionOf, lengthsOf, partOf, rowOf } from "../../../assets/modules/views/runs/lanes.mjs";
import { columnsOf, countsOf, decadesOf, lengthsFigure } from "../../../assets/modules/views/runs/length_counts.mjs";
import { cascadeWords, laneOf as cascadeLane } from "../../../assets/modules/views/painters/cascade.mjs";
import { laneOf as ringLane, ringWords } from "../../../assets/modules/views/painters/ring.mjs";
import { TRACE_COLOURS } from "../../../assets/modules/panels/traces.mjs";

const LOOK = { text: "#111", muted: "#666", grid: "#eee", line: "#ccc", surface: "#fff", accent: "#00f", warm: "#f00", font: "sans", series: TRACE_COLOURS.light };
const array = (shape, of = (k) => k) => ({ shape, data: Float32Array.from({ length: shape.reduce((m, n) => m * n, 1) }, (_, k) => of(k)) });
const near = (found, wanted) => assert.ok(Math.abs(found - wanted) <= 1e-5 * Math.max(1, Math.abs(wanted)), `${found} is not ${wanted}`);

test("lanes are sorted by their length in one block along one axis", () => {
  const sigma = array([2, 3, 2], (k) => [5, 1, 4, 2, 6, 3, 10, 30, 30, 20, 20, 10][k]);
  assert.deepEqual([...lengthsOf(sigma, 0)], [5, 4, 6]);
  assert.deepEqual([...lengthsOf(sigma, 1, 1)], [30, 20, 10]);
  assert.deepEqual(byLength(lengthsOf(sigma, 1)), [0, 2, 1]);
  assert.deepEqual(byLength([2, 1, 2, 1]), [1, 3, 0, 2], "equal ones in their order");
  assert.deepEqual([...rowOf(partOf(array([2, 3, 2, 4]), 1, 2), 4, 1)], [44, 45, 46, 47]);
});

test("cascades run along the axes in turn, ahead and back", () => {
  assert.deepEqual([0, 1, 2, 3].map((lane) => directionOf(lane, 1)), ["+x", "−x", "+x", "−x"]);
  assert.deepEqual([0, 1, 2, 3, 4].map((lane) => directionOf(lane, 2)), ["+x", "−x", "+y", "−y", "+x"]);
  assert.deepEqual(axesOf(2).map(({ name }) => name), ["0", "1"]);
});

test("a cascade's lane is its own taps, the input first", () => {
  const arrays = { taps: array([2, 3, 3, 4]), tau: array([2, 3], (k) => 0.01 * (k + 1)), centre: array([1], () => 0.07) };
  const lane = cascadeLane({ header: { periodic: true }, arrays }, 1, 2);
  assert.deepEqual(lane.rows.map((row) => row[0]), [60, 64, 68]);
  near(lane.tau, 0.06);
  assert.deepEqual([lane.order, lane.periodic], [2, true]);
  assert.equal(cascadeWords({ tau: 0.06, order: 1 }, 1, 1), "τ = 0.0600 domain lengths, 1 cell, runs in −x");
});

test("the kernel is drawn to the lane's scale and keeps its area, with mean and width of the last tap", () => {
  const kernels = array([2, 3], (k) => k + 1);
  const { data, layout } = kernelFigure({ place: Float32Array.of(0, 1, 2), kernels }, 0.1, LOOK);
  data[1].x.forEach((x, k) => near(x, 0.1 * k));
  [...data[1].y].forEach((y, k) => near(y, 10 * (k + 4)));
  const [band, mean] = layout.shapes;
  near(mean.x0, 0.2);
  near(band.x1 - band.x0, 2 * Math.SQRT2 * 0.1);
});

test("the Bode plot stands at the corner of the lane, with the line its gain approaches", () => {
  const omega = Float32Array.of(0.1, 1, 10);
  const { data, layout } = bodeFigure({ omega, gain: array([3, 3]), phase: array([3, 3]) }, 0.05, LOOK);
  const corner = 1 / (2 * Math.PI * 0.05);
  data[0].x.forEach((x, k) => near(x, omega[k] * corner));
  const straight = data.find(({ name }) => /dB/.test(name));
  assert.equal(straight.name, "−60 dB/decade");
  const [, , high] = straight.x;
  near((straight.y[2] - straight.y[1]) / Math.log10(high / corner), -60);
  assert.deepEqual(straight.y.slice(0, 2), [0, 0]);
  assert.deepEqual(data.map(({ yaxis = "y" }) => yaxis), ["y", "y", "y", "y", "y2", "y2", "y2"]);
  assert.equal(layout.xaxis.type, "log");
  assert.deepEqual(wavesShown(5), [0.05, 500]);
  assert.ok(wavesShown(1000)[1] > 1000 && wavesShown(1e-3)[0] < 1e-3, "a corner is never beyond the plot");
});

test("a ring's lane shows value and slope along one axis, and where its waves end", () => {
  const arrays = { sigma: array([1, 2, 2], (k) => 0.1 * (k + 1)), beta: array([1, 2, 2], (k) => -0.1 * k), kernels: array([1, 2, 2, 2, 3]), gains: array([1, 2, 2, 2, 5]) };
  const lane = ringLane({ header: { periodic: false, modes: 20 }, arrays }, 0, 1, 1);
  near(lane.sigma, 0.4);
  near(lane.beta, -0.3);
  assert.equal(lane.passing, 10, "half waves of a sheet");
  assert.deepEqual([lane.kernel.value[0], lane.kernel.slope[0], lane.response.value[0]], [18, 21, 30]);
  assert.equal(ringWords({ sigma: 0.4, beta: -0.3, drifts: true }), "width σ = 0.400, drift β = −0.300 domain lengths");
  assert.equal(ringWords({ sigma: 0.4, beta: 0, drifts: false }), "width σ = 0.400 domain lengths");
  assert.equal(ringLane({ header: {}, arrays: { ...arrays, beta: undefined } }, 0, 1, 1).beta, 0);
  const spread = spreadFigure({ ...lane, ...lane.kernel, place: Float32Array.of(0, 0.5, 1) }, LOOK);
  assert.deepEqual([...spread.data[0].x], [-0.5, 0, 0.5]);
  near(spread.layout.shapes[1].x0, -0.3);
  const wave = Float32Array.of(0, 3, 32, 48, 64);
  assert.equal(wavesOf({ wave, value: [1, 0.5, 0.001, 0, 0], slope: [0, 0.2, 0.01, 0, 0] }), 32);
  assert.equal(wavesOf({ wave, value: [1, 0.5, 0, 0, 0], slope: [0, 0, 0, 0, 0] }), 4);
  assert.equal(wavesOf({ wave, value: [0, 0, 0, 0, 0], slope: [0, 0, 0, 0, 0] }), 2);
  assert.equal(responseFigure({ ...lane.response, wave, passing: 10 }, LOOK).layout.shapes[0].x0, 10);
  assert.deepEqual(responseFigure({ ...lane.response, wave, passing: 0 }, LOOK).layout.shapes, []);
  assert.deepEqual(responseFigure({ ...lane.response, wave, passing: 64 }, LOOK).layout.shapes, []);
});

test("every length is counted once, those beyond the bounds at the edge", () => {
  const lengths = [0.0011, 0.011, 0.012, 0.99, -0.5, 0, 1e9];
  const decades = decadesOf(lengths);
  assert.deepEqual(decades, [-3, 2]);
  assert.deepEqual(decadesOf([1e-9, NaN]), [-5, 0]);
  const { edges, counts } = countsOf(lengths, decades);
  assert.equal(edges.length, counts.length + 1);
  near(edges[0], 1e-3);
  near(edges.at(-1), 100);
  assert.equal(counts.reduce((sum, n) => sum + n, 0), lengths.length);
  assert.equal(counts[0], 2, "0.0011, and what has no length at all");
  assert.equal(counts.at(-1), 1);
  assert.equal(countsOf([NaN], decades).counts.every((n) => n === 0), true);
});

test("blocks stand below each other and lengths beside each other, drifts by their sign", () => {
  const arrays = { sigma: array([2, 3, 1], (k) => 0.01 * (k + 1)), beta: array([2, 3, 1], (k) => (k % 2 ? 0.1 : -0.1)) };
  assert.deepEqual(columnsOf(arrays).map(({ title }) => title), ["width σ", "drift |β|"]);
  const { data, layout } = lengthsFigure(arrays, LOOK);
  assert.deepEqual(data.map(({ xaxis, yaxis }) => `${xaxis} ${yaxis}`), ["x y", "x y2", "x2 y3", "x2 y3", "x2 y4", "x2 y4"]);
  const sum = (one) => one.y.slice(0, -1).reduce((all, n) => all + n, 0);
  assert.deepEqual(data.map(sum), [3, 3, 1, 2, 2, 1]);
  assert.equal(layout.xaxis.type, "log");
  assert.deepEqual([layout.xaxis.anchor, layout.xaxis2.anchor], ["y2", "y4"], "the axis stands below the last block");
  assert.deepEqual(data.filter(({ showlegend }) => showlegend).map(({ name }) => name), ["width σ", "drift ahead", "drift back"], "each once");
  const plane = columnsOf({ sigma: array([1, 3, 2]) });
  assert.deepEqual(plane.map(({ title }) => title), ["width σ, down", "width σ, across"]);
  const plain = lengthsFigure({ tau: array([1, 4], () => 0.1), first_tau: array([1, 4], () => 0.01) }, LOOK);
  assert.deepEqual(plain.data.map(({ name, showlegend, fill = "" }) => [name, showlegend, fill]), [["when the run began", true, ""], ["time constant τ", true, "tozeroy"]]);
  assert.notDeepEqual(plain.data[0].y, plain.data[1].y);
});
