import assert from "node:assert/strict";
import { test } from "node:test";
import { themeColours } from "../../../assets/modules/paint/colours.mjs";
import { acrossOf, chainOf, frameOf, meanOf, shareAt, upOf, valueAt } from "../../../assets/modules/views/runs/pulse.mjs";
import { paintPulse } from "../../../assets/modules/views/runs/pulse_paint.mjs";

test("a tap is read between its points, and at both ends", () => {
  const row = [0, 1, 4];
  assert.deepEqual([-1, 0, 0.25, 0.5, 0.75, 1, 2].map((share) => valueAt(row, share)), [0, 0, 0.5, 1, 2.5, 4, 4]);
});

test("a place and its pixels lead to each other", () => {
  const frame = frameOf(500, 200);
  for (const share of [0, 0.3, 1]) assert.ok(Math.abs(shareAt(frame, acrossOf(frame, share)) - share) < 1e-12);
  assert.deepEqual([shareAt(frame, -20), shareAt(frame, 9999)], [0, 1]);
  assert.ok(upOf(frame, 1) < upOf(frame, 0), "up is up");
  assert.ok(upOf(frame, 1) > frame.top && upOf(frame, 0) < frame.bottom);
  assert.ok(frameOf(1, 1).right > frameOf(1, 1).left, "also where there is no room");
});

test("the mean comes to lie behind the pulse by the sum of tau; on a ring it comes round, on a line it may be beyond the end", () => {
  const lane = { centre: 0.1, tau: 0.2, order: 4, periodic: true };
  const found = meanOf(lane);
  assert.ok(Math.abs(found.mean - 0.8) < 1e-12 && Math.abs(found.width - 0.4) < 1e-12 && Math.abs(found.place - 0.9) < 1e-12);
  assert.ok(Math.abs(meanOf({ ...lane, tau: 0.5 }).place - 0.1) < 1e-12);
  assert.equal(meanOf({ ...lane, tau: 0.5, periodic: false }).place, null);
});

test("nodes of the chain keep inside of the plot", () => {
  for (const width of [120, 600]) {
    const frame = frameOf(width, 200);
    const places = chainOf(frame, 5);
    assert.equal(places.length, 5);
    assert.ok(places.every(({ x }, k) => x <= frame.right && (k === 0 || x > places[k - 1].x)));
  }
});

/** A brush that notes what it wrote. */
function noting() {
  const written = [];
  const brush = new Proxy({ fillText: (text) => written.push(text) }, { get: (own, name) => own[name] ?? (() => {}), set: () => true });
  return { brush, written };
}

test("every node says what it holds where the pulse is now", () => {
  const rows = [[0, 1, 0], [0, 0.5, 0.25], [0, 0.125, 0.5]].map((row) => Float32Array.from(row));
  const lane = { rows, tau: 0.1, order: 2, centre: 0.07, periodic: false };
  const { brush, written } = noting();
  paintPulse(/** @type {any} */ (brush), lane, frameOf(600, 240), 0.5, { theme: themeColours("dark"), series: ["#f00", "#0f0"] });
  assert.deepEqual(written.filter((text) => / V$/.test(text)), ["1.00 V", "0.50 V", "0.13 V"]);
  assert.deepEqual(written.filter((text) => /^(u|v.)$/.test(text)), ["u", "v₁", "v₂"]);
  assert.ok(written.includes("mean Σ τ = 0.200, width √Σ τ² = 0.141"));
  const low = noting();
  paintPulse(/** @type {any} */ (low.brush), lane, frameOf(600, 100), 0.5, { theme: themeColours("light"), series: ["#f00", "#0f0"] });
  assert.equal(low.written.some((text) => / V$/.test(text)), false, "no room for the nodes");
});
