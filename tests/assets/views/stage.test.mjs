import assert from "node:assert/strict";
import { test } from "node:test";

import { decode } from "../../../assets/modules/play/trajectory.mjs";
import { createCast } from "../../../assets/modules/views/stage.mjs";
import { rcPair } from "../container.mjs";

const resistor = (id, source, target) => ({ id, kind: "resistor", source, target, params: { conductance: 1 } });
/** The nodes stand in another order than in the trajectory, which knows neither n3 nor d2. */
const CIRCUIT = {
  format: "kirchhoff-circuit/1", name: "",
  nodes: [{ id: "n3", voltage: 0.25, x: 0, y: 0 }, { id: "n2", voltage: 0, x: 100, y: 0 }, { id: "n1", voltage: -1, x: 200, y: 0 }],
  slices: [{ duration: 1, devices: [resistor("d2", "n3", "n1"), resistor("d1", "n1", "n2")] }],
};

test("without a trajectory a circuit stands at its start voltages", () => {
  const cast = createCast(CIRCUIT);
  assert.equal(cast.plays, false);
  const { v, i } = cast.frameAt(0.5);
  assert.deepEqual([...v], [0.25, 0, -1]);
  assert.deepEqual([...i], [0, 0]);
  assert.deepEqual(cast.ranges(), { v: 1, i: 0 });
});

test("with one, nodes and devices find their own column, and what it does not know has no value", () => {
  const sim = decode(rcPair());
  const cast = createCast(CIRCUIT, sim);
  assert.equal(cast.plays, true);
  const { v, i } = cast.frameAt(0.5);
  const close = (value, expected) => assert.ok(Math.abs(value - expected) < 1e-6, `${value} is not ${expected}`);
  assert.equal(v[0], 0);
  close(v[1], 0.5 - Math.exp(-1) / 2);
  close(v[2], 0.5 + Math.exp(-1) / 2);
  assert.ok(Number.isNaN(i[0]));
  close(i[1], Math.exp(-1));
  close(cast.ranges().i, 1);
});
