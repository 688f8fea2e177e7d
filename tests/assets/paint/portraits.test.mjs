import assert from "node:assert/strict";
import { test } from "node:test";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { RAMP_HALF } from "../../../assets/modules/paint/colours.mjs";
import { pictureAt, portraitPixels, startIn } from "../../../assets/modules/paint/portraits.mjs";
import { hasTwoInputs } from "../../../assets/modules/views/input_plane_source.mjs";

const RAMP = { rgb: Array.from({ length: 2 * RAMP_HALF + 1 }, (_, k) => [k % 256, k >> 8, 7]) };
const levelOf = (pixels, at) => pixels[4 * at] + 256 * pixels[4 * at + 1];

test("the picture nearest to a time is shown", () => {
  const t = [0, 0.5, 1];
  assert.deepEqual([-1, 0.2, 0.3, 0.74, 0.76, 9].map((time) => pictureAt(t, time)), [0, 0, 1, 1, 2, 2]);
});

test("the second input rises upwards, the first to the right, in the colours of the board", () => {
  const pixels = portraitPixels([-1, 1, 0, 0.5], 2, RAMP, 1);
  assert.deepEqual([0, 1, 2, 3].map((at) => levelOf(pixels, at)), [RAMP_HALF, 1.5 * RAMP_HALF, 0, 2 * RAMP_HALF]);
  assert.ok([3, 7, 11, 15].every((at) => pixels[at] === 255));
});

function pair() {
  const doc = CircuitDocument.from();
  doc.addNode({ id: "a", voltage: 1, role: "input" });
  doc.addNode({ id: "b", voltage: -2, role: "input" });
  doc.addNode({ id: "c", role: "output" });
  return doc;
}

test("the start of the circuit stands where its inputs say, if it is inside", () => {
  const plane = (reach) => ({ header: { inputs: ["a", "b"], reach } });
  assert.deepEqual(startIn(plane(4), pair()), [0.625, 0.75]);
  assert.equal(startIn(plane(1.5), pair()), null);
});

test("two inputs make a plane, one or three do not", () => {
  const doc = pair();
  assert.ok(hasTwoInputs(doc));
  doc.setNode("c", { role: "both" });
  assert.ok(!hasTwoInputs(doc));
  assert.ok(!hasTwoInputs(null));
});
