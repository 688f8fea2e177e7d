import test from "node:test";
import assert from "node:assert/strict";
import { capacitorLines, plateLines } from "../../../assets/modules/paint/capacitor_shape.mjs";
import { NODE_RADIUS } from "../../../assets/modules/paint/geometry.mjs";
import { courseOf, placePlots } from "../../../assets/modules/paint/node_plots.mjs";
import { buildScene } from "../../../assets/modules/paint/scene.mjs";
import { capacitorCurrents } from "../../../assets/modules/play/capacitor_currents.mjs";

const PAIR = {
  nodes: [{ id: "a", x: 0, y: 0 }, { id: "b", x: 200, y: 0, capacitance: 2e-6 }, { id: "bare", x: 400, y: 0, capacitance: 0 }, { id: "u", x: 600, y: 0, drive: { kind: "constant" } }],
  slices: [{ duration: 1, devices: [{ id: "1", kind: "resistor", source: "a", target: "b" }, { id: "2", kind: "resistor", source: "b", target: "gnd" }] }],
};

test("capacitors are drawn on request, at nodes that have one, clear of the node and of its devices", () => {
  assert.equal(buildScene(PAIR).capacitors, null);
  const scene = buildScene(PAIR, undefined, { capacitors: true });
  assert.deepEqual(scene.capacitors, [0, 1]);
  assert.equal(scene.capacitance[1], 2e-6);
  for (const n of scene.capacitors) {
    for (const [ax, ay, bx, by] of [...capacitorLines(scene, n), ...plateLines(scene, n)]) {
      for (const [x, y] of [[ax, ay], [bx, by]]) assert.ok(Math.hypot(x - scene.x[n], y - scene.y[n]) > NODE_RADIUS - 1e-3);
    }
  }
  assert.ok(Math.abs(scene.capacitorAngle[1] - scene.groundAngle[1]) > 0.5, "not where the device to ground is");
});

test("a capacitor takes what its node's devices leave, or what the server says", () => {
  const scene = buildScene(PAIR, undefined, { capacitors: true });
  const columns = { nodes: Int32Array.of(0, 1, 2, -1) };
  const plain = { has: () => false, header: {} };
  assert.deepEqual([...capacitorCurrents(scene, columns, plain, 0, Float32Array.of(0.5, 0.25))], [-0.5, 0.25, 0, 0]);
  assert.deepEqual([...capacitorCurrents(scene, columns, plain, 0, Float32Array.of(0.5, NaN))], [-0.5, 0.5, 0, 0], "outside its slice a device carries nothing");
  const said = { has: () => true, N: 3, row: () => Float32Array.of(1, 2, 3) };
  assert.deepEqual([...capacitorCurrents(scene, columns, said, 0, new Float32Array(2))], [1, 2, 3, NaN]);
});

test("a plot beside a node keeps the extremes of every part of the time", () => {
  const t = Float32Array.from({ length: 2001 }, (_, k) => k / 500);
  const values = t.map((time) => Math.sin(6 * time));
  values[777] = 9;
  values[1234] = -9;
  const line = courseOf(t, values, 66);
  assert.ok(line.length <= 4 * 66);
  const found = line.filter((_, k) => k % 2 === 1);
  assert.deepEqual([Math.max(...found), Math.min(...found)], [9, -9]);
  assert.ok(line.every((share, k) => k % 2 === 1 || k < 2 || share >= line[k - 2]));
});

test("plots stand beside their nodes and not over each other", () => {
  const scene = buildScene(PAIR);
  const plots = placePlots(scene, [0, 1, 2, 3], 0, 2);
  for (const a of plots) {
    for (let n = 0; n < scene.N; n++) assert.ok(Math.abs(a.x - scene.x[n]) > 33 || Math.abs(a.y - scene.y[n]) > 15, `${a.n} over ${n}`);
    for (const b of plots) if (a.n < b.n) assert.ok(Math.abs(a.x - b.x) >= 66 || Math.abs(a.y - b.y) >= 30);
  }
});
