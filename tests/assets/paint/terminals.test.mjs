/** Further terminals on the board: thin lines to their nodes, symbols that turn their lead there. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { themeColours } from "../../../assets/modules/paint/colours.mjs";
import { NODE_RADIUS } from "../../../assets/modules/paint/geometry.mjs";
import { buildScene } from "../../../assets/modules/paint/scene.mjs";
import { valuesOf } from "../../../assets/modules/paint/places/values.mjs";
import { boardSVG } from "../../../assets/modules/paint/svg.mjs";

/** A transistor from the left to the right, its gate at `gate`. */
const stage = (gate, more = {}) => ({
  nodes: [
    { id: "d", x: 0, y: 0, capacitance: 1 }, { id: "s", x: 200, y: 0, capacitance: 1 },
    { id: "up", x: 100, y: -120, capacitance: 0 }, { id: "down", x: 100, y: 120, capacitance: 0, drive: { kind: "sine" } },
  ],
  slices: [{ devices: [
    { id: "M", kind: "nmos", source: "d", target: "s", terminals: { gate, bulk: "gnd", ...more } },
    { id: "V", kind: "voltage_source", source: "up", target: "gnd" },
  ] }],
});

test("the lead of a symbol points to the node of its first terminal, on either side", () => {
  for (const [gate, flip, y] of [["up", 1, -120], ["down", -1, 120]]) {
    const scene = buildScene(stage(gate));
    assert.equal(scene.flip[0], flip);
    const [{ path, dashed }, ...rest] = scene.links;
    assert.equal(rest.length, 0, "a bulk at ground is not drawn");
    assert.equal(dashed, false);
    assert.deepEqual(path.slice(-2).map(Math.round), [100, y - Math.sign(y) * NODE_RADIUS]);
    assert.equal(Math.sign(path[3]), Math.sign(y), "the lead lies on the side of the node");
  }
});

test("the values of two transistors side by side do not cover each other, and a level line has one", () => {
  const pair = {
    nodes: [
      { id: "a", x: -105, y: -60 }, { id: "b", x: 105, y: -60 }, { id: "e", x: 0, y: 120 }, { id: "i", x: -315, y: 30 }, { id: "r", x: 315, y: 30 },
    ],
    slices: [{ devices: [
      { id: "Q1", kind: "npn", source: "a", target: "e", terminals: { base: "i" } }, { id: "Q2", kind: "npn", source: "b", target: "e", terminals: { base: "r" } },
      { id: "R", kind: "resistor", source: "a", target: "b" },
    ] }],
  };
  const { x: valueX, y: valueY, free } = valuesOf(buildScene(pair));
  assert.deepEqual([...free], [1, 1, 1]);
  for (const [one, two] of [[0, 1], [0, 2], [1, 2]]) {
    assert.ok(Math.abs(valueX[one] - valueX[two]) > 48 || Math.abs(valueY[one] - valueY[two]) > 12, `${one} and ${two}`);
  }
});

test("a gate that is not chosen yet ends at a small ground, a bulk at another node has a line of its own", () => {
  assert.equal(buildScene(stage("gnd")).links.length, 1 + 3);
  assert.equal(buildScene(stage("up", { bulk: "down" })).links.length, 2);
  assert.equal(buildScene(stage("up", { bulk: "s" })).links.length, 1, "a bulk at its own source is not drawn");
  assert.equal(buildScene(stage("d")).links.length, 1, "a gate at its own drain is");
});

test("a dashed line leads to the device whose current controls another", () => {
  const circuit = stage("up");
  circuit.slices[0].devices.push({ id: "F", kind: "cccs", source: "d", target: "gnd", terminals: { control: "V" } });
  const dashed = buildScene(circuit).links.filter((link) => link.dashed);
  assert.equal(dashed.length, 1);
});

test("only nodes without a capacitor and without a source are bare, and their rim is dashed in pictures, too", () => {
  const scene = buildScene(stage("up"));
  assert.deepEqual([...scene.bare], [0, 0, 1, 0]);
  const theme = themeColours("light");
  const svg = boardSVG(scene, { v: new Float32Array(4) }, { width: 300, height: 300, theme, range: 1, gain: 1, symbols: { nmos: "M0 0h1" } });
  assert.equal(svg.match(/<circle[^>]*stroke-dasharray/g)?.length, 1);
});

test("names keep away from the lines of terminals", () => {
  const alone = buildScene({ ...stage("down"), slices: [{ devices: [] }] });
  const scene = buildScene(stage("down"));
  const down = scene.nodeIndex.get("down");
  assert.ok(Math.abs(scene.nameAngle[down] + Math.PI / 2) > 0.4, "there the line leaves upwards");
  assert.ok(Math.abs(alone.nameAngle[down] + Math.PI / 2) < 1e-6);
});
