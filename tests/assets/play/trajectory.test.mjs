import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, largestCurrent } from "../../../assets/modules/play/trajectory.mjs";
import { encode, rcPair } from "../container.mjs";

const near = (a, b, tolerance = 1e-4) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);

test("values between samples agree with the closed form of an RC pair", () => {
  const sim = decode(rcPair());
  assert.equal(sim.T, 201);
  assert.equal(sim.N, 2);
  assert.equal(sim.E, 1);
  near(sim.duration, 1);
  near(largestCurrent(sim, "d1"), 1);
  assert.ok(Number.isNaN(largestCurrent(sim, "gone")));
  for (const time of [0, 0.1234, 0.5, 0.99, 1]) {
    near(sim.valueAt("n1", time), 0.5 + Math.exp(-2 * time) / 2);
    near(sim.deviceValueAt("d1", time), Math.exp(-2 * time));
    const frame = sim.frameAt(time);
    near(frame.v[1], 0.5 - Math.exp(-2 * time) / 2);
    near(frame.i[0], Math.exp(-2 * time));
    assert.equal(frame.g, null);
  }
});

test("times outside the trajectory show its first and last sample", () => {
  const sim = decode(rcPair());
  near(sim.valueAt("n1", -5), 1);
  near(sim.valueAt("n1", 5), 0.5 + Math.exp(-2) / 2);
});

test("the adjoint lane ends in the gradient the optimiser uses", () => {
  const sim = decode(rcPair());
  const frame = sim.frameAt(0, "adjoint");
  near(frame.g[0], sim.gradient("d1", "conductance"), 1e-7);
  near(sim.gradientAt("d1", "conductance", 0), Math.exp(-2), 1e-6);
  near(sim.frameAt(1, "adjoint").g[0], 0);
  near(sim.valueAt("n2", 1, "adjoint"), 1);
  assert.ok(sim.frameAt(0.5, "adjoint").iTarget[0] < 0);
});

test("frames are written into the object that is passed in", () => {
  const sim = decode(rcPair());
  const frame = sim.frameAt(0.2);
  const { v } = frame;
  assert.equal(sim.frameAt(0.4, "voltages", frame), frame);
  assert.equal(frame.v, v, "no allocation per frame");
});

test("a device outside its slice has no value, also next to the border", () => {
  const sim = decode(
    encode(
      { node_ids: ["a"], device_ids: ["x", "y"] },
      {
        t: { shape: [4], data: [0, 1, 2, 3] },
        voltages: { shape: [4, 1], data: [0, 1, 2, 3] },
        currents: { shape: [4, 2], data: [5, NaN, 5, NaN, NaN, 7, NaN, 7] },
      },
    ),
  );
  assert.equal(sim.deviceValueAt("x", 0.5), 5);
  assert.equal(sim.deviceValueAt("x", 1.2), 5);
  assert.ok(Number.isNaN(sim.deviceValueAt("x", 1.8)));
  assert.ok(Number.isNaN(sim.deviceValueAt("y", 0.5)));
  assert.deepEqual(sim.sliceOf("y"), { start: 2, end: 3 });
  assert.equal(sim.sliceOf("nobody"), null);
  assert.deepEqual(sim.ranges(), { v: 3, i: 7, g: 0 });
});

test("unknown ids and missing arrays give NaN, not a wrong number", () => {
  const sim = decode(rcPair());
  assert.ok(Number.isNaN(sim.valueAt("n9", 0.5)));
  assert.ok(Number.isNaN(sim.gradient("d1", "threshold")));
  assert.ok(Number.isNaN(sim.gradientAt("d1", "threshold", 0.5)));
});

test("the most active node comes first", () => {
  const sim = decode(
    encode(
      { node_ids: ["still", "big", "small"], device_ids: [] },
      {
        t: { shape: [2], data: [0, 1] },
        voltages: { shape: [2, 3], data: [9, 0, 0, 9, 4, 1] },
        currents: { shape: [2, 0], data: [] },
      },
    ),
  );
  assert.deepEqual(sim.mostActive("nodes", "voltages", 2), [1, 2]);
});

test("a trajectory of one sample is shown as it is", () => {
  const sim = decode(
    encode(
      { node_ids: ["a"], device_ids: [] },
      { t: { shape: [1], data: [0] }, voltages: { shape: [1, 1], data: [3] }, currents: { shape: [1, 0], data: [] } },
    ),
  );
  assert.equal(sim.valueAt("a", 0.7), 3);
});

test("broken answers are refused with a sentence", () => {
  assert.throws(() => decode(new ArrayBuffer(4)), /cut short/);
  assert.throws(() => decode(new TextEncoder().encode("<html>not found</html>").buffer), /not a KSIM/);
  const whole = rcPair();
  assert.throws(() => decode(whole.slice(0, whole.byteLength - 8)), /cut short/);
  const wrong = rcPair();
  new DataView(wrong).setUint32(4, 2, true);
  assert.throws(() => decode(wrong), /version 2/);
});
