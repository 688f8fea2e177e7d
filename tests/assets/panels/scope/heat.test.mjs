import assert from "node:assert/strict";
import { test } from "node:test";
import { divergingRamp, RAMP_HALF } from "../../../../assets/modules/paint/colours.mjs";
import { barValues, columnsOf, heatOf, heatPixels, heatValues } from "../../../../assets/modules/panels/scope/heat.mjs";
import { decode } from "../../../../assets/modules/play/trajectory.mjs";
import { encode, rcPair } from "../../container.mjs";

const RAMP = divergingRamp([0, 0, 255], [200, 200, 200], [255, 0, 0]);
const pixel = (pixels, k) => [...pixels.slice(4 * k, 4 * k + 4)];

function heatFrom(rows, t) {
  const ids = rows.map((_, k) => `n${k}`);
  const data = t.flatMap((_, k) => rows.map((row) => row[k]));
  return heatOf(decode(encode({ node_ids: ids, device_ids: [] }, { t: { shape: [t.length], data: t }, voltages: { shape: [t.length, ids.length], data } })), "voltages", "nodes");
}

test("a pixel of a discharging pair has the value of the exact solution", () => {
  const heat = heatOf(decode(rcPair()), "voltages", "nodes");
  assert.deepEqual([heat.ids, heat.limit], [["n1", "n2"], 1]);
  for (const columns of [1000, 603]) {
    const values = heatValues(heat, [0.25, 0.75], columns, 2);
    for (let c = 0; c < columns; c += 7) {
      const time = 0.25 + (0.5 * (c + 0.5)) / columns;
      const exact = 0.5 + Math.exp(-2 * time) / 2;
      const half = 0.25 / columns; // a sample in a pixel stands for all of it
      assert.ok(Math.abs(values[c] - exact) < half + 1e-5, `${values[c]} at ${time}`);
      assert.ok(Math.abs(values[columns + c] - (1 - exact)) < half + 1e-5);
    }
  }
});

test("zero is exactly neutral, equal sizes are equally far from it, and what is unknown is transparent", () => {
  const pixels = heatPixels([0, -0, 2, -2, NaN, Infinity], 2, RAMP);
  assert.deepEqual(pixel(pixels, 0), [200, 200, 200, 255]);
  assert.deepEqual(pixel(pixels, 1), [200, 200, 200, 255]);
  assert.deepEqual(pixel(pixels, 2), [255, 0, 0, 255]);
  assert.deepEqual(pixel(pixels, 3), [0, 0, 255, 255]);
  assert.deepEqual(pixel(pixels, 4), [0, 0, 0, 0]);
  assert.deepEqual(pixel(pixels, 5), pixel(pixels, 2));
});

test("no spike is lost where samples and rows are denser than pixels", () => {
  const t = Array.from({ length: 1000 }, (_, k) => k / 999);
  const rows = Array.from({ length: 50 }, () => t.map(() => 0.01));
  rows[33][471] = -7;
  const values = heatValues(heatFrom(rows, t), [0, 1], 40, 5);
  const spikes = [...values].map((value, k) => [value, k]).filter(([value]) => value === -7);
  assert.deepEqual(spikes.map(([, k]) => [Math.floor(k / 40), k % 40]), [[3, Math.floor((471 / 999) * 40)]]);
});

test("every sample in sight belongs to one column", () => {
  const t = Float32Array.from([0, 0, 0.1, 0.5, 0.50001, 0.9, 1, 1]);
  for (const count of [1, 3, 10, 1000]) {
    const { first, end } = columnsOf(t, 0, 1, count);
    const seen = [];
    for (let c = 0; c < count; c += 1) for (let k = first[c]; k < end[c]; k += 1) seen.push(k);
    assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7]);
  }
});

test("a device is unknown outside its slice", () => {
  const values = heatValues(heatFrom([[1, 1, NaN, NaN]], [0, 1, 2, 3]), [0, 3], 30, 1);
  const known = [...values].map((value) => !Number.isNaN(value));
  assert.deepEqual(known, known.map((_, c) => c < 15), "the nearer sample decides");
});

test("the bar shows every colour from the largest value on top to its opposite", () => {
  const pixels = heatPixels(barValues(1001, 3), 3, RAMP);
  const rows = Array.from({ length: 1001 }, (_, k) => pixel(pixels, k).slice(0, 3));
  assert.deepEqual(rows[500], RAMP.rgb[RAMP_HALF]);
  for (const [row, rgb] of [[rows[0], RAMP.rgb.at(-1)], [rows[1000], RAMP.rgb[0]]]) {
    row.forEach((value, c) => assert.ok(Math.abs(value - rgb[c]) <= 1, `${row} for ${rgb}`));
  }
  const steps = rows.slice(1).map((row, k) => Math.max(...row.map((value, c) => Math.abs(value - rows[k][c]))));
  assert.ok(Math.max(...steps) <= 2, "no edges that the values do not have");
});
