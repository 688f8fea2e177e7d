import assert from "node:assert/strict";
import { test } from "node:test";

import { quantised, varied, weakest } from "../../../assets/modules/document/variations.mjs";

/** Uniform numbers that are the same every time (Park and Miller, 1988). */
function uniform(seed = 1) {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

const many = Array.from({ length: 4000 }, (_, k) => ({ id: `d${k}`, kind: "tanh", params: { a: k % 2 ? -2 : 2, b: 0 } }));

test("mismatch has the spread that was asked for, and keeps signs and zeros", () => {
  const next = varied(many, () => [], 0.05, uniform());
  const logs = many.map(({ id, params }) => Math.log(next[id].a / params.a)); // NaN had a sign changed
  const mean = logs.reduce((sum, x) => sum + x, 0) / logs.length;
  const spread = Math.sqrt(logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / logs.length);
  // Five standard deviations of either estimate.
  assert.ok(Math.abs(mean) < (5 * 0.05) / Math.sqrt(4000), String(mean));
  assert.ok(Math.abs(spread - 0.05) < (5 * 0.05) / Math.sqrt(8000), String(spread));
  assert.deepEqual(Object.keys(next.d0), ["a"]);
});

test("no parameter leaves the bounds of its kind", () => {
  const next = varied(many, () => [{ name: "a", low: -2.05, high: 2.01 }], 0.2, uniform(7));
  for (const { a } of Object.values(next)) assert.ok(a >= -2.05 && a <= 2.01);
});

test("few bits hold as many levels as they can, and the largest value itself", () => {
  const devices = Array.from({ length: 101 }, (_, k) => ({ id: `d${k}`, kind: "tanh", params: { a: k / 50 - 1, b: 0 } }));
  const next = quantised(devices, () => [], 4);
  const levels = new Set(Object.values(next).map(({ a }) => a.toFixed(9)));
  assert.equal(levels.size, 15);
  for (const { id, params } of devices) assert.ok(Math.abs(next[id].a - params.a) <= 0.5 / 7 + 1e-12);
  assert.deepEqual([next.d0, next.d100], [{ a: -1, b: 0 }, { a: 1, b: 0 }]);
  const bound = quantised([{ id: "d", kind: "k", params: { g: 1 } }], () => [{ name: "g", low: 0, high: 0.9 }], 8);
  assert.equal(bound.d.g, 0.9);
});

test("pruning takes those that carry least; what is not known and the last one stay", () => {
  const current = { a: 3, b: 1, c: NaN, d: 2, e: 0 };
  const devices = Object.keys(current).map((id) => ({ id }));
  assert.deepEqual(weakest(devices, (id) => current[id], 0.5), ["e", "b"]);
  assert.deepEqual(weakest(devices, (id) => current[id], 1), ["e", "b", "d"]);
  assert.deepEqual(weakest([{ id: "c" }], (id) => current[id], 1), []);
});
