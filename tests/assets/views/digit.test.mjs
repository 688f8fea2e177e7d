import assert from "node:assert/strict";
import { test } from "node:test";

import { EXAMPLES, SIDE, centreOf, centred, imageOf, inkBox, inkOf } from "../../../assets/modules/views/digit.mjs";
import { PadDrawing } from "../../../assets/modules/views/pad_drawing.mjs";

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

test("the first stroke replaces an example, the next ones are added", () => {
  const drawing = new PadDrawing(32);
  drawing.example(7);
  drawing.begin([0.2, 0.2]);
  drawing.extend([0.2, 0.8]);
  drawing.begin([0.6, 0.5]);
  assert.deepEqual(drawing.strokes, [[[0.2, 0.2], [0.2, 0.8]], [[0.6, 0.5]]]);
  assert.deepEqual(drawing.ink(), inkOf(drawing.strokes, 32));
  assert.deepEqual(drawing.image(), imageOf(drawing.strokes));
});

test("an example may be drawn over without changing it", () => {
  const drawing = new PadDrawing(8);
  const before = structuredClone(EXAMPLES[1]);
  drawing.example(1);
  drawing.strokes[0][0][0] = 9;
  assert.deepEqual(EXAMPLES[1], before);
});

test("a picture from elsewhere is on show, each of its values a square, until something is drawn", () => {
  const drawing = new PadDrawing(4);
  drawing.show(Float32Array.from([0, 0.25, 0.5, 1]));
  assert.deepEqual([...drawing.ink()], [0, 0, 0.25, 0.25, 0, 0, 0.25, 0.25, 0.5, 0.5, 1, 1, 0.5, 0.5, 1, 1]);
  drawing.begin([0.5, 0.5]);
  assert.deepEqual(drawing.ink(), inkOf([[[0.5, 0.5]]], 4));
  drawing.show(Float32Array.from([1, 1, 1, 1]));
  drawing.clear();
  assert.equal(sum(drawing.ink()), 0);
});

test("the image has the size that the network reads", () => {
  const drawing = new PadDrawing(16);
  drawing.side = 8;
  drawing.example(0);
  assert.equal(drawing.image().length, 64);
});
