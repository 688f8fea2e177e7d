import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameRate } from "../../../assets/modules/lib/frame_rate.mjs";

/** Frames every `ms` from `start` for `seconds`; returns the time of the last one. */
function paint(rate, ms, seconds, start = 0) {
  let now = start;
  for (; now < start + 1000 * seconds; now += ms) rate.count(now, true);
  return now - ms;
}

test("the rate is that of the last second, and unknown before a fifth of one", () => {
  const rate = new FrameRate();
  paint(rate, 20, 0.2);
  assert.equal(rate.perSecond, 0);
  const end = paint(rate, 20, 2, 200);
  assert.equal(rate.perSecond, 50);
  paint(rate, 100, 2, end + 100);
  assert.equal(rate.perSecond, 10);
});

test("single repaints are counted but are no rate; a pause is no slow frame", () => {
  const rate = new FrameRate();
  for (let k = 0; k < 10; k++) rate.count(1000 * k, false);
  assert.deepEqual([rate.total, rate.perSecond], [10, 0]);
  const end = paint(rate, 20, 1, 20_000);
  rate.restart();
  paint(rate, 20, 0.5, end + 700);
  assert.equal(rate.perSecond, 50);
  assert.equal(rate.total, 10 + 50 + 25);
});
