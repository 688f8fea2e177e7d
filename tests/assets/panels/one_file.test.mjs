/** Everything in one file: what the server is asked for, and sizes in words. */

import assert from "node:assert/strict";
import test from "node:test";

import { questionOf, sizeText } from "../../../assets/modules/panels/files/one_file.mjs";

test("sizes have three digits", () => {
  assert.equal(sizeText(0), "0 bytes");
  assert.equal(sizeText(999), "999 bytes");
  assert.equal(sizeText(161_951), "162 kB");
  assert.equal(sizeText(1_915), "1.92 kB");
  assert.equal(sizeText(12_345_678), "12.3 MB");
});

test("a drawn circuit goes as it is, with the settings of its solve", () => {
  const circuit = { nodes: [{ id: "a", role: "output" }], slices: [] };
  const settings = { solver: "rk4", outputs: 11, adjoint: true, loss: "sum", targets: {}, gradient: "discrete" };
  const asked = questionOf({ doc: { toJSON: () => circuit }, network: null, drawn: null, settings, registry: null });
  assert.equal(asked.circuit, circuit);
  assert.deepEqual([asked.settings.solver, asked.settings.outputs, asked.settings.adjoint], ["rk4", 11, true]);
});

test("a network goes by its id, with what is drawn on its inputs", () => {
  const asked = questionOf({ doc: null, network: { id: "mnist", settings: { solver: "rk4", steps: 4 } }, drawn: new Float32Array([0, 1]), settings: null, registry: null });
  assert.deepEqual(asked, { network: "mnist", voltages: [0, 1], settings: { solver: "rk4", steps: 4 } });
});
