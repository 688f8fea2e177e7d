import assert from "node:assert/strict";
import { test } from "node:test";
import { axisOf, exampleOf, exampleWords, gridsOf } from "../../../assets/modules/views/runs/examples.mjs";
import { curvesFigure } from "../../../assets/modules/views/painters/curves.mjs";
import { picturesOf, pointAt, pointWords, scaleWords } from "../../../assets/modules/views/painters/maps.mjs";

const LOOK = { text: "#111", muted: "#666", grid: "#eee", line: "#ccc", surface: "#fff", accent: "#00f", warm: "#f00", font: "sans", series: [] };
const array = (shape, of) => ({ shape, data: Float32Array.from({ length: shape.reduce((m, n) => m * n, 1) }, (_, k) => of(k)) });

/** Two examples of two channels on 4 points, and one on 8 and on 2. */
function lines() {
  const grids = { "": [2, 2, 4], _1: [1, 2, 8], _2: [1, 2, 2] };
  return Object.fromEntries(Object.entries(grids).flatMap(([suffix, shape]) => [
    [`input${suffix}`, array(shape, (k) => k)], [`target${suffix}`, array(shape, (k) => 10 * k)],
    [`prediction${suffix}`, array(shape, (k) => 10 * k + (k % 2 ? 1 : -1))], [`error${suffix}`, array([shape[0]], (k) => 0.25 + k)],
  ]));
}

test("grids stand from the coarsest to the finest, and the training's own is known", () => {
  assert.deepEqual(gridsOf(lines()).map(({ title, count, own }) => [title, count, own]), [["2", 1, false], ["4", 2, true], ["8", 1, false]]);
});

test("an example is the first channel of its own fields, with the error point by point", () => {
  const arrays = lines();
  const [, own, fine] = gridsOf(arrays);
  const second = exampleOf(arrays, own, 1);
  assert.deepEqual([...second.input], [8, 9, 10, 11]);
  assert.deepEqual([...second.truth], [80, 90, 100, 110]);
  assert.deepEqual([...second.error], [-1, 1, -1, 1]);
  assert.equal(second.relative, 1.25);
  assert.equal(exampleWords(second, own), "relative L2 1.25, channel 1 of 2 shown");
  assert.equal(exampleOf(arrays, fine, 0).truth.length, 8);
  assert.match(exampleWords({ relative: 0.1, channels: 1 }, fine), /not trained on/);
});

test("points of a ring stop before the end, those of a line with ends reach it", () => {
  assert.deepEqual([...axisOf(4, true)], [0, 0.25, 0.5, 0.75]);
  assert.deepEqual([...axisOf(5, false)], [0, 0.25, 0.5, 0.75, 1]);
});

test("the error has a symmetric scale of its own, and leaves where there is no room", () => {
  const arrays = lines();
  const [coarse, grid] = gridsOf(arrays);
  const fields = { ...exampleOf(arrays, grid, 0), grid, periodic: true };
  const { data, layout } = curvesFigure(fields, LOOK);
  assert.deepEqual(data.map(({ name, yaxis = "y" }) => [name, yaxis]), [["input", "y"], ["truth", "y"], ["prediction", "y"], ["error", "y2"]]);
  assert.deepEqual(layout.yaxis2.range, [-1.1, 1.1]);
  assert.equal(data[0].x.length, 4);
  const exact = curvesFigure({ ...fields, error: new Float32Array(4) }, LOOK);
  assert.deepEqual(exact.layout.yaxis2.range, [-1.1, 1.1], "no error at all still has a scale");
  assert.deepEqual(curvesFigure(fields, LOOK, true).data.map(({ name }) => name), ["input", "truth", "prediction"]);
  assert.notEqual(curvesFigure({ ...fields, grid: coarse }, LOOK).layout.uirevision, layout.uirevision);
});

test("truth and answer share one scale, which has one side where nothing is below zero", () => {
  const [input, truth, prediction, error] = picturesOf({
    input: Float32Array.of(3, 12), truth: Float32Array.of(0, 2), prediction: Float32Array.of(-0.01, 4), error: Float32Array.of(-0.01, 2),
  });
  assert.deepEqual([truth.range, prediction.range], [4, 4]);
  assert.deepEqual([input, truth, prediction, error].map(({ signed }) => signed), [false, false, false, true]);
  assert.deepEqual(scaleWords(input), ["0", "12"]);
  assert.deepEqual(scaleWords(error), ["−2.0", "0", "2.0"]);
  const below = picturesOf({ input: [0], truth: [1], prediction: [-1], error: [-2] });
  assert.deepEqual(below.map(({ signed }) => signed), [false, true, true, true]);
});

test("a place on a picture is a row and a column, also beside it", () => {
  const box = { width: 100, height: 40 };
  assert.deepEqual(pointAt(box, [4, 4], 15, 35), [3, 1], "the picture is 40 pixels wide");
  assert.deepEqual(pointAt(box, [4, 4], 90, -3), [0, 3]);
  assert.deepEqual(pointAt({ width: 20, height: 40 }, [4, 4], 19, 12), [2, 3]);
  const words = pointWords([{ name: "truth", values: [1, 2, 3, 4] }, { name: "error", values: [0, 0, 0, -0.5] }], [2, 2], 1, 1);
  assert.equal(words, "row 2 of 2, column 2 of 2: truth 4.00, error −0.500");
});
