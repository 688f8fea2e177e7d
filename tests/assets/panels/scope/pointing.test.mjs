/** What the pointer means on the scope: the part of the time axis, and the curve. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { curveAt } from "../../../../assets/modules/panels/scope/nearest.mjs";
import { createRange } from "../../../../assets/modules/panels/scope/range.mjs";

test("the time under the pointer stays there while zooming", () => {
  const range = createRange();
  assert.deepEqual(range.of(4), [0, 4]);
  const place = () => { const [a, b] = range.of(4); return (1 - a) / (b - a); };
  for (let k = 0; k < 5; k += 1) range.zoom(4, 1, 0.8);
  assert.ok(Math.abs(place() - 0.25) < 1e-12);
  const [a, b] = range.of(4);
  assert.ok(Math.abs(b - a - 4 * 0.8 ** 5) < 1e-12);
});

test("nothing outside the simulation is shown, and there is a closest look", () => {
  const range = createRange();
  for (let k = 0; k < 100; k += 1) range.zoom(1e-9, 1e-9, 0.8);
  const [a, b] = range.of(1e-9);
  assert.ok(Math.abs(b - 1e-9) < 1e-24 && Math.abs(b - a - 1e-12) < 1e-24);
  range.zoom(1e-9, 0, 1.25);
  assert.ok(range.of(1e-9)[1] <= 1e-9);
  for (let k = 0; k < 100; k += 1) range.zoom(1e-9, 5e-10, 1.25);
  assert.deepEqual(range.of(1e-9), [0, 1e-9]);
  range.zoom(1e-9, 0, 0.5);
  range.reset();
  assert.deepEqual(range.of(1e-9), [0, 1e-9]);
});

/** A hundred pixels a second and a volt; volts upwards. */
const PLOT = { timeAt: (x) => x / 100, yOf: (value) => 100 - 100 * value };
const CURVES = { flat: () => 0.5, rising: (time) => time, step: (time) => (time < 0.8 ? 0 : 1), gone: () => NaN };
const at = (x, y) => curveAt(Object.keys(CURVES), (id, time) => CURVES[id](time), PLOT, { x, y });

test("the curve nearest to the pointer is meant, within six pixels", () => {
  assert.equal(at(10, 53), "flat");
  assert.equal(at(10, 57), undefined);
  assert.equal(at(30, 71), "rising");
  assert.equal(at(53, 44), "rising");
  assert.equal(at(30, 30), undefined);
});

test("a steep edge is met beside it", () => {
  assert.equal(at(77, 62), "step");
  assert.equal(at(84, 70), "step");
  assert.equal(at(70, 70), undefined);
});
