import assert from "node:assert/strict";
import { test } from "node:test";

import { EXAMPLES, SIDE, centreOf, centred, imageOf, inkBox, inkOf } from "../../../assets/modules/views/digit.mjs";

const sum = (values) => values.reduce((total, value) => total + value, 0);

test("a dot is a soft disc of the brush's radius", () => {
  const side = 200;
  const ink = inkOf([[[0.5, 0.5]]], side, 0.1);
  assert.equal(Math.max(...ink), 1);
  assert.equal(Math.min(...ink), 0);
  assert.ok(Math.abs(sum(ink) / (Math.PI * 20 ** 2) - 1) < 0.05);
  assert.ok(ink.some((value) => value > 0.1 && value < 0.9));
});

test("a stroke that crosses itself is no darker there", () => {
  const ink = inkOf([[[0.2, 0.5], [0.8, 0.5]], [[0.5, 0.2], [0.5, 0.8]]], 100);
  assert.equal(ink[50 * 100 + 50], 1);
});

test("ink outside the pad is cut off, not wrapped around", () => {
  const ink = inkOf([[[1.2, 0.5], [0.9, 0.5]]], 100);
  for (let j = 0; j < 100; j++) assert.equal(ink[j * 100], 0);
});

test("every digit fills 20 pixels and has its centre of mass in the middle", () => {
  for (const strokes of EXAMPLES) {
    const image = imageOf(strokes);
    const [x, y] = centreOf(image, SIDE);
    assert.ok(Math.abs(x - 14) < 0.15 && Math.abs(y - 14) < 0.15, `${x}, ${y}`);
    const box = inkBox(image, SIDE);
    const extent = Math.max(box.x1 - box.x0, box.y1 - box.y0);
    assert.ok(extent >= 20 && extent <= 22, String(extent));
    assert.ok(Math.max(...image) > 0.9 && Math.max(...image) <= 1.000001);
  }
});

test("size and place on the pad do not matter", () => {
  const big = [[[0.3, 0.2], [0.7, 0.2], [0.5, 0.8]]];
  const moved = big.map((stroke) => stroke.map(([x, y]) => [x - 0.12, y + 0.1]));
  const one = imageOf(big);
  const two = imageOf(moved);
  assert.ok(Math.max(...one.map((value, k) => Math.abs(value - two[k]))) < 0.12);
});

test("proportions are kept: a 1 stays thin", () => {
  const box = inkBox(imageOf([[[0.5, 0.1], [0.5, 0.9]]]), SIDE);
  assert.ok(box.y1 - box.y0 >= 20);
  assert.ok(box.x1 - box.x0 <= 5);
});

test("an empty pad is an empty image", () => {
  assert.equal(sum(imageOf([])), 0);
  assert.equal(centred(new Float32Array(16), 4).length, SIDE * SIDE);
});

test("smaller images take the same share of the picture", () => {
  const image = imageOf(EXAMPLES[0], 8);
  assert.equal(image.length, 64);
  const box = inkBox(image, 8);
  assert.ok(box.y1 - box.y0 >= 5 && box.y1 - box.y0 <= 8);
});
