import test from "node:test";
import assert from "node:assert/strict";
import { epochText, ticksOf } from "../../../assets/modules/panels/runs/epoch_ruler.mjs";
import { differing, flattened } from "../../../assets/modules/panels/runs/differences.mjs";

test("compared runs tell the settings that differ, and only those", () => {
  const base = { name: "a", dataset: "two_moons", seed: 0, learning_rate: 0.01, options: { width: 32, solver: "rk4" }, tags: [1] };
  assert.deepEqual(flattened(base), { name: "a", dataset: "two_moons", seed: 0, learning_rate: 0.01, "options.width": 32, "options.solver": "rk4", tags: [1] });
  assert.deepEqual(differing([base, { ...base, name: "b", tags: [1] }]), []);
  const other = { ...base, name: "c", learning_rate: 3e-4, options: { ...base.options, width: 64, gate: true } };
  const rows = differing([base, other, base]);
  assert.deepEqual(rows.map(({ name }) => name), ["learning rate", "width", "gate"]);
  assert.deepEqual(rows.slice(1).map(({ values }) => values), [["32", "64", "32"], ["–", "yes", "–"]]);
  assert.equal(rows[0].values[0], rows[0].values[2]);
  assert.notEqual(rows[0].values[0], rows[0].values[1]);
});

test("the ruler of epochs has as many ticks as can be told apart", () => {
  assert.deepEqual(ticksOf(5), [0, 1, 2, 3, 4]);
  assert.ok(ticksOf(200).length <= 61 && ticksOf(200)[0] === 0);
  assert.equal(epochText({ epoch: 12, epochs: [0, 12, 50] }), "Epoch 12 of 50");
});
