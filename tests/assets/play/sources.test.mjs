import assert from "node:assert/strict";
import { test } from "node:test";
import { sourceName } from "../../../assets/modules/play/sources.mjs";
import { decode } from "../../../assets/modules/play/trajectory.mjs";
import { createFrameSource } from "../../../assets/modules/play/frames.mjs";
import { buildScene } from "../../../assets/modules/paint/scene.mjs";
import { chooseTraces, curvesOf } from "../../../assets/modules/panels/traces.mjs";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { encode } from "../container.mjs";

const array = (shape, data) => ({ shape, data });

/** Two driven nodes around one that is not; the second source has three levels. */
const driven = () => decode(encode(
  { node_ids: ["a", "b", "c"], device_ids: ["d", "source of a"], driven_ids: ["a", "c"], drive_levels: [1, 3], status: { ok: true } },
  {
    t: array([2], [0, 2]), voltages: array([2, 3], [1, 0, 2, 1, 1, 2]), currents: array([2, 2], [1, 5, 0, 5]),
    source_currents: array([2, 2], [4, 0, 2, 8]), adjoint_voltages: array([2, 3], [0, 1, 0, 0, 1, 0]),
    drive_density: array([2, 2], [1, 3, 2, 4]), gradient_drive: array([4], [10, 20, 30, 40]),
  },
));

test("what a source gives is read between samples, and its gradient by levels", () => {
  const { sources } = driven();
  assert.equal(sources.currentAt("a", 1), 3);
  assert.deepEqual([...sources.series("c")], [0, 8]);
  assert.equal(sources.densityAt("c", 1), 3.5);
  assert.deepEqual([...sources.gradient("c")], [20, 30, 40]);
  assert.equal(sources.gradient("b"), null);
  assert.ok(Number.isNaN(sources.currentAt("b", 1)));
});

test("the waveform of a source between nodes has a gradient by levels", () => {
  const sim = decode(encode(
    { node_ids: ["a"], device_ids: ["V", "I"], wave_levels: { V: 2, I: 3 }, status: { ok: true } },
    { t: array([1], [0]), voltages: array([1, 1], [0]), gradient_wave: array([5], [1, 2, 3, 4, 5]) },
  ));
  assert.deepEqual([...sim.sources.waveGradient("V")], [1, 2]);
  assert.deepEqual([...sim.sources.waveGradient("I")], [3, 4, 5]);
  assert.equal(sim.sources.waveGradient("other"), null);
  assert.equal(driven().sources.waveGradient("d"), null);
});

test("a further terminal is a curve of its own, and belongs to its node", () => {
  const sim = decode(encode(
    { node_ids: ["c", "b"], device_ids: ["Q", "base of R"], terminals: [["Q", "target"], ["Q", "base"], ["R", "base"]], status: { ok: true } },
    { t: array([2], [0, 1]), voltages: array([2, 2], [5, 1, 5, 1]), currents: array([2, 2], [8, 1, 8, 1]), terminal_currents: array([2, 3], [-9, 0, 7, -9, 2, 7]) },
  ));
  assert.equal(sim.deviceValueAt("base of Q", 0.5), 1);
  assert.deepEqual([...sim.deviceSeries("base of Q")], [0, 2]);
  assert.equal(sim.deviceValueAt("base of R", 0.5), 1, "the device");
  assert.equal(sim.terminals.currentAt("R", "base", 0), 7);
  assert.equal(sim.terminals.endOf("gate of Q"), null);
  const doc = CircuitDocument.from({
    format: "kirchhoff-circuit/2", nodes: [{ id: "c" }, { id: "b" }],
    slices: [{ devices: [{ id: "Q", kind: "npn", source: "c", target: "gnd", terminals: { base: "b" } }] }],
  });
  const choice = chooseTraces({ sim, lane: "currents", selection: { nodes: ["b"], devices: [] }, probes: [], doc });
  assert.deepEqual(choice.ids, ["base of Q"]);
});

test("a source is a curve of its own among currents, unless a device is called like it", () => {
  const sim = driven();
  assert.equal(sim.deviceValueAt(sourceName("c"), 1), 4);
  assert.equal(sim.deviceValueAt(sourceName("a"), 1), 5, "the device");
  assert.equal(sim.sources.nodeOf(sourceName("b")), null);
  const doc = CircuitDocument.from({
    format: "kirchhoff-circuit/2", slices: [{ devices: [{ id: "d", kind: "resistor", source: "c", target: "b" }] }],
    nodes: [{ id: "b" }, { id: "c", drive: { kind: "constant", params: { voltage: 2 } } }],
  });
  const choice = chooseTraces({ sim, lane: "currents", selection: { nodes: ["c"], devices: [] }, probes: [], doc });
  assert.deepEqual(choice.ids, ["source of c", "d"]);
  assert.deepEqual([...curvesOf(sim, "currents", choice).lines[0]], [0, 8]);
});

test("the board knows what sources give now, in the order of its scene", () => {
  const sim = driven();
  const drive = { kind: "sine", params: {} };
  const scene = buildScene({ nodes: [{ id: "c", drive, x: 0, y: 0 }, { id: "b", x: 100, y: 0 }, { id: "a", drive, x: 200, y: 0 }], slices: [{ duration: 2, devices: [] }] });
  assert.deepEqual(scene.driven, [0, 2]);
  const state = { sim, time: 2, lane: "voltages", simState: "fresh" };
  const { frame } = createFrameSource().now(scene, state);
  assert.deepEqual([...frame.given], [8, NaN, 2]);
  assert.equal(createFrameSource().now(scene, { ...state, lane: "adjoint" }).frame.given, null);
});
