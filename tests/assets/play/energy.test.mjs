import assert from "node:assert/strict";
import { test } from "node:test";

import { energyFigure } from "../../../assets/modules/panels/inspector/accuracy.mjs";
import { axisOf, chooseTraces, curvesOf } from "../../../assets/modules/panels/traces.mjs";
import { energyAt, energyOf, hasEnergy } from "../../../assets/modules/play/energy.mjs";
import { Trajectory } from "../../../assets/modules/play/trajectory.mjs";
import { balanceOf, boundText } from "../../../assets/modules/play/trust.mjs";

const array = (shape, values) => ({ shape, data: Float32Array.from(values) });

/** Two samples of one node and one device; `energy` is what the server says of the balance. */
function sim(energy, arrays = {}) {
  const header = { node_ids: ["a"], device_ids: ["r"], arrays: [], energy };
  return new Trajectory(header, { t: array([2], [0, 1]), voltages: array([2, 1], [1, 0]), currents: array([2, 1], [1, 0]), ...arrays });
}
const full = sim(
  { state: "balanced", sentence: "balanced within 4e-9 of the largest energy", bound: 3.2e-9, off: 1e-9, largest: 2 },
  { energy_stored: array([2], [2, 0]), energy_injected: array([2], [0, 0]), energy_dissipated: array([2], [0, 2]), energy_by_device: array([1], [2]) },
);
const choose = (of) => chooseTraces({ sim: of, lane: "energy", selection: { nodes: [], devices: [] }, probes: [], doc: null });

test("the lane of energies has its three curves in joules", () => {
  const choice = choose(full);
  assert.deepEqual(choice, { what: "energies", ids: ["Stored", "Injected", "Dissipated"], chosen: false });
  assert.deepEqual(curvesOf(full, "energy", choice).lines.map((line) => [...line]), [[2, 0], [0, 0], [0, 2]]);
  assert.equal(axisOf("energy", "energies").unit, "J");
  assert.equal(energyAt(full, "Stored", 0.5), 1);
  assert.equal(energyOf(full, "r"), 2);
  assert.ok(Number.isNaN(energyOf(full, "none")));
});

test("a replay has no energies", () => {
  const replay = sim(undefined);
  assert.equal(hasEnergy(replay), false);
  assert.deepEqual(choose(replay).ids, []);
  assert.equal(balanceOf(replay), null);
  assert.deepEqual(energyFigure(replay), ["–", ""]);
});

test("the meter says no more than is decided", () => {
  assert.deepEqual(energyFigure(full), ["4e-9 ✓", "ok"]);
  assert.deepEqual(balanceOf(full), { text: "Balanced within 4e-9 of the largest energy.", doubt: false });
  assert.equal(energyFigure(sim({ state: "undecided", sentence: "not decided", bound: 0.2, off: 0.1 }))[0], "not decided");
  assert.deepEqual(energyFigure(sim({ state: "off", sentence: "not balanced", bound: 0.05, off: 0.05 })), ["off by 5 %", "warn"]);
});

test("a bound is rounded up", () => {
  assert.deepEqual([0.0000321, 1e-5, 9.5e-7, 0].map(boundText), ["4e-5", "1e-5", "1e-6", "1e-15"]);
});
