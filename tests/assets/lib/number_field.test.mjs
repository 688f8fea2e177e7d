import assert from "node:assert/strict";
import { test } from "node:test";
import { arrowStep, refusal, sliderScale } from "../../../assets/modules/lib/number_field.mjs";

test("slider positions and values agree, linear and logarithmic", () => {
  const linear = sliderScale(-2, 2);
  assert.equal(linear.log, false);
  assert.equal(linear.toPosition(0), 500);
  assert.equal(linear.toValue(750), 1);
  assert.equal(linear.toPosition(99), 1000);
  const log = sliderScale(1e-3, 1e3);
  assert.equal(log.log, true);
  assert.equal(log.toPosition(1), 500);
  assert.equal(log.toValue(500), 1);
  assert.equal(log.toPosition(0), 0);
  assert.ok(Math.abs(log.toValue(0) - 1e-3) < 1e-9);
});

test("whatever a slider shows, its own position gives again", () => {
  for (const [low, high] of [[-2, 2], [1e-3, 1e3], [0, 5001], [1e-15, 1e-3]]) {
    const { toPosition, toValue } = sliderScale(low, high);
    for (let position = 0; position <= 1000; position += 50) {
      assert.ok(Math.abs(toPosition(toValue(position)) - position) <= 1, `${position} of ${low} to ${high}`);
    }
  }
});

test("a number that is not taken says why, the ends themselves are taken", () => {
  const range = { low: 1, high: 1000, integer: true };
  assert.deepEqual([null, 2.5, 0, 2000].map((value) => refusal(value, range)), ["Not a number.", "A whole number, please.", "At least 1.00.", "At most 1000."]);
  assert.deepEqual([1, 1000].map((value) => refusal(value, range)), ["", ""]);
  assert.equal(refusal(-1e9), "");
});

test("an arrow key moves the second digit, whatever the size", () => {
  for (const [value, step] of [[3.3, 0.1], [-47, 1], [1000, 100], [2e-9, 1e-10], [0, 0.01]]) {
    assert.ok(Math.abs(arrowStep(value) / step - 1) < 1e-9, `${value}: ${arrowStep(value)}`);
  }
  assert.equal(arrowStep(470, true), 1);
});
