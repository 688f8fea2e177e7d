/** What a self-playing page brings along: packed here by the rule in designer/player/payload.py, written anew. */

import assert from "node:assert/strict";
import test from "node:test";
import { deflateSync } from "node:zlib";

import { curveLines, rangeOf } from "../../../assets/modules/player/epochs.mjs";
import { openPayload, unpackArray } from "../../../assets/modules/player/payload.mjs";
import { tinted } from "../../../assets/modules/player/boundary.mjs";

/** Columns after each other, differences of the words modulo 2^32, then four planes of bytes. */
function pack(values, [rows, ...rest]) {
  const columns = rest.reduce((product, size) => product * size, 1);
  const words = new Uint32Array(new Float32Array(values).buffer);
  const count = rows * columns;
  const planes = new Uint8Array(4 * count);
  let before = 0;
  for (let k = 0; k < count; k += 1) {
    const word = words[(k % rows) * columns + Math.floor(k / rows)];
    const step = (word - before) >>> 0;
    before = word;
    for (let p = 0; p < 4; p += 1) planes[p * count + k] = (step >>> (8 * p)) & 255;
  }
  return planes;
}

function payload(words, parts) {
  const listed = parts.map(({ name, header = {}, arrays }) => ({
    name, header: { ...header, arrays: Object.entries(arrays).map(([key, { shape }]) => ({ name: key, shape })) },
  }));
  const text = Buffer.from(JSON.stringify({ ...words, parts: listed }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const body = parts.flatMap(({ arrays }) => Object.values(arrays).map(({ data, shape }) => Buffer.from(pack(data, shape))));
  return deflateSync(Buffer.concat([length, text, ...body])).toString("base64");
}

test("arrays come back to the last bit, whatever they hold", () => {
  const odd = [0, -0, 1, -1, NaN, Infinity, -Infinity, 1e-45, 3.4e38, 0.1, 2 ** 24, -1e-20];
  for (const shape of [[12], [12, 1], [1, 12], [3, 4], [2, 3, 2], [0, 5]]) {
    const values = odd.slice(0, shape.reduce((product, size) => product * size, 1));
    const back = unpackArray(pack(values, shape), shape);
    assert.deepEqual(new Uint32Array(back.buffer), new Uint32Array(new Float32Array(values).buffer), String(shape));
  }
});

test("a payload gives words, parts and trajectories", async () => {
  const arrays = { t: { shape: [3], data: [0, 1, 2] }, voltages: { shape: [3, 2], data: [1, 0, 0.5, 0.25, 0.25, 0.5] } };
  const open = await openPayload(payload({ title: "</script>\n\u2028" }, [
    { name: "simulation", header: { node_ids: ["a", "b"], device_ids: [] }, arrays },
    { name: "more", arrays: { x: { shape: [2], data: [3, 4] } } },
  ]));
  assert.equal(open.words.title, "</script>\n\u2028");
  assert.ok(open.has("more") && !open.has("none"));
  assert.deepEqual([...open.part("more").arrays.x.data], [3, 4]);
  const sim = open.trajectory("simulation");
  assert.equal(sim.valueAt("a", 0.5), 0.75);
  assert.equal(sim.valueAt("b", 2), 0.5);
  assert.equal(open.trajectory("simulation"), sim, "unpacked once");
});

test("a payload that was cut is refused", async () => {
  const whole = payload({}, [{ name: "x", arrays: { x: { shape: [2], data: [3, 4] } } }]);
  await assert.rejects(openPayload(whole.slice(0, 20)));
});

test("curves of a run: gaps stay gaps, and what is positive begins at zero", () => {
  const rows = [{ epoch: 1, train_loss: 2 }, { epoch: 2, train_loss: 1, test_loss: 1.5 }];
  const { epochs, lines } = curveLines(rows, [{ name: "train_loss" }, { name: "test_loss" }]);
  assert.deepEqual(epochs, [1, 2]);
  assert.deepEqual(lines, [[2, 1], [null, 1.5]]);
  const [low, high] = rangeOf(lines);
  assert.equal(low, 0);
  assert.ok(high > 2 && high < 2.5);
  assert.ok(rangeOf([[-1, 1]])[0] < -1);
  assert.deepEqual(rangeOf([[null]]), [0, 1]);
});

test("a decision is tinted from one class over neutral to the other, the first row at the bottom", () => {
  const colours = { board: [100, 100, 100], negative: [0, 0, 255], positive: [255, 0, 0] };
  const pixels = tinted(new Float32Array([0, 0.5, 1, 0.5]), [2, 2], colours);
  const at = (k) => [...pixels.slice(4 * k, 4 * k + 3)];
  assert.deepEqual(at(3), [100, 100, 100]);
  assert.ok(at(0)[0] > 100 && at(0)[2] < 110, "row 1 is on top: the second class");
  assert.ok(at(2)[2] > 100 && at(2)[0] < 110, "row 0 is below: the first");
});
