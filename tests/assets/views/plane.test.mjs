import assert from "node:assert/strict";
import { test } from "node:test";

import { themeColours } from "../../../assets/modules/paint/colours.mjs";
import {
  arrowsOf, between, densityWords, fieldAt, fillDensity, fullDensity, isPlane, sampleAt, toPixels,
} from "../../../assets/modules/views/plane_picture.mjs";
import { PlanePainter } from "../../../assets/modules/views/plane_paint.mjs";
import { createPlaneSource } from "../../../assets/modules/views/plane_source.mjs";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { createStore } from "../../../assets/modules/lib/store.mjs";
import { initialState } from "../../../assets/modules/document/state.mjs";
import { rcPair } from "../container.mjs";
import { manualTimers } from "../scripted.mjs";

test("two nodes that are both input and output are a plane", () => {
  const both = { role: "both" };
  assert.equal(isPlane({ nodes: [both, both] }), true);
  assert.equal(isPlane({ nodes: [both, { role: "input" }] }), false);
  assert.equal(isPlane({ nodes: [both, both, both] }), false);
  assert.equal(isPlane(null), false);
});

test("samples are linear between stored times and held outside", () => {
  const t = Float32Array.from([0, 1, 2, 4]);
  const array = { shape: [4, 1, 2], data: Float32Array.from([0, 0, 10, 1, 20, 2, 40, 8]) };
  for (const [time, expected] of [[-1, [0, 0]], [0.5, [5, 0.5]], [1, [10, 1]], [3, [30, 5]], [9, [40, 8]]]) {
    assert.deepEqual([...sampleAt(array, t, time)], expected);
  }
  assert.deepEqual(between([3], 7), { k: 0, f: 0 });
});

test("the field is that of the slice; at a border the later one speaks", () => {
  const field = { shape: [2, 1, 2], data: Float32Array.from([1, 2, 3, 4]) };
  assert.deepEqual([...fieldAt(field, [0, 1], 0.99)], [1, 2]);
  assert.deepEqual([...fieldAt(field, [0, 1], 1)], [3, 4]);
  assert.deepEqual([...fieldAt(field, [0, 1], 5)], [3, 4]);
});

test("the second voltage grows upwards", () => {
  assert.deepEqual(toPixels([-1, -2], [-1, -2], [1, 2], 100), [0, 100]);
  assert.deepEqual(toPixels([1, 2], [-1, -2], [1, 2], 100), [100, 0]);
  const words = densityWords(themeColours("light"));
  const pixels = fillDensity(new Uint32Array(4), [0, 0, 5, 0], 2, 2, 5, words);
  assert.equal(pixels[0], words.at(-1)); // second row, first column: upper left
  assert.equal(pixels[1], words[0]);
  assert.equal(pixels[2], words[0]);
});

test("a narrow peak does not set the scale, an empty density none", () => {
  const data = new Float32Array(1000).fill(1);
  data[7] = 500;
  assert.equal(fullDensity({ data }), 1);
  assert.equal(fullDensity({ data: new Float32Array(4) }), 0);
});

test("arrows point along the field, with y upwards, and are no longer than a cell", () => {
  const points = [0.25, 0.25, 0.75, 0.25, 0.25, 0.75, 0.75, 0.75];
  const arrows = arrowsOf(points, [1, 0, 0, 4, 0, 0, -1, 0], [0, 0], [1, 1], 100);
  assert.equal(arrows.length, 3); // nothing flows at the third point
  const [right, upwards] = arrows;
  assert.ok(right[2] > right[0] && right[3] === right[1]);
  assert.ok(upwards[3] < upwards[1] && upwards[2] === upwards[0]);
  assert.ok(Math.abs(upwards[1] - upwards[3] - 45) < 1e-9);
  assert.deepEqual(arrowsOf(points, new Float32Array(8), [0, 0], [1, 1], 100), []);
});

/** Notes what is drawn, as a canvas is asked to. */
function notingContext() {
  const seen = { squares: [], moves: [] };
  const note = (list) => (...values) => { seen[list].push(values); };
  return { ...seen, fillRect: note("squares"), moveTo: note("moves"), lineTo: () => {}, beginPath: () => {}, stroke: () => {} };
}

test("a cloud is drawn where it is at the time, over the ground, and arrows only where they are wanted", () => {
  const array = (shape, values) => ({ shape, data: Float32Array.from(values) });
  const arrays = {
    t: array([2], [0, 1]), cloud: array([2, 2, 2], [0, 0, 1, 1, 2, 0, 1, 2]), picture_t: array([1], [0]),
    field: array([1, 1, 2], [1, 0]), field_t: array([1], [0]), field_points: array([1, 2], [1, 1]),
  };
  const painter = new PlanePainter({ header: { low: [0, 0], high: [2, 2] }, arrays }, themeColours("light"));
  const drawn = (shown) => {
    const context = notingContext();
    painter.paint(context, { time: 0.5, side: 100, shown, colours: themeColours("light") });
    return context;
  };
  const { squares, moves } = drawn({ points: true, density: true, arrows: false });
  assert.deepEqual(squares[0], [0, 0, 100, 100]);
  assert.deepEqual(squares.slice(1).map(([x, y, width, height]) => [x + width / 2, y + height / 2]), [[50, 100], [50, 25]]);
  assert.equal(moves.length, 0);
  const arrows = drawn({ points: false, density: true, arrows: true });
  assert.equal(arrows.squares.length, 1);
  assert.equal(arrows.moves.length, 3, "a shaft and two strokes of its head");
});

test("the picture is asked for once a circuit, not while building, and goes with it", async () => {
  const plane = (gain) => CircuitDocument.from({
    format: "kirchhoff-circuit/1", name: "",
    nodes: [{ id: "a", role: "both" }, { id: "b", role: "both" }],
    slices: [{ duration: 1, devices: [{ id: "d1", kind: "resistor", source: "a", target: "b", params: { conductance: gain } }] }],
  });
  const store = createStore({ ...initialState(), mode: "build" });
  const timers = manualTimers();
  let asked = 0;
  const api = { flow: async () => { asked += 1; return { url: "u" }; }, binary: async () => rcPair() };
  createPlaneSource({ store, api, timers });
  store.set({ doc: plane(1) });
  await timers.run();
  assert.equal(asked, 0);
  store.set({ mode: "simulate" });
  await timers.run();
  store.set({ revision: 1 });
  await timers.run();
  assert.equal(asked, 1);
  assert.ok(store.get("plane"));
  store.set({ doc: plane(2) });
  assert.equal(store.get("plane"), null, "the picture of another circuit is not shown");
  await timers.run();
  assert.ok(store.get("plane"));
  assert.equal(asked, 2);
  store.set({ doc: CircuitDocument.from() });
  assert.equal(store.get("plane"), null);
});
