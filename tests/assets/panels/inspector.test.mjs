import assert from "node:assert/strict";
import { test } from "node:test";

import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { errorFigure, residualFigure, secondsText } from "../../../assets/modules/panels/inspector/accuracy.mjs";
import { countsText } from "../../../assets/modules/panels/inspector/circuit_pane.mjs";
import { CurveFamily, LEVELS, curveRange } from "../../../assets/modules/panels/inspector/curve/curve_family.mjs";
import { currentsInto, netCurrent, powerInto } from "../../../assets/modules/panels/inspector/values.mjs";
import { decode } from "../../../assets/modules/play/trajectory.mjs";
import { encode, rcPair } from "../container.mjs";

const V = [-1, 0, 1, 2];
/** The curve of i = v_s v_d, which is linear in the target voltage. */
const product = (vd) => ({ v: V, i: V.map((v) => v * vd) });

test("the range of a curve holds what is visited and keeps a margin", () => {
  for (const values of [[], [0.2], [-7, 3, NaN], [1e4]]) {
    const [low, high] = curveRange(values);
    for (const value of [-1, 1, ...values.filter(Number.isFinite)]) assert.ok(low < value && value < high);
  }
});

test("a law of the difference has one curve, and so has a target that stands still", () => {
  const difference = new CurveFamily({ difference: true, vd: [-3, 5] });
  assert.deepEqual([difference.levels, difference.voltageOf(0), difference.placeOf(4)], [1, 0, 0]);
  const still = new CurveFamily({ difference: false, vd: [0.5, 0.5] });
  assert.deepEqual([still.levels, still.voltageOf(0)], [1, 0.5]);
  assert.equal(still.complete, false);
  still.add(0, product(0.5));
  assert.equal(still.complete, true);
  assert.deepEqual(still.at(9), product(0.5));
});

test("the levels span the voltages of the target; the nearest one that is missing is asked for first", () => {
  const family = new CurveFamily({ difference: false, vd: [-1, 2] });
  assert.equal(family.voltageOf(0), -1);
  assert.equal(family.voltageOf(LEVELS - 1), 2);
  assert.equal(family.placeOf(family.voltageOf(5)), 5);
  assert.equal(family.placeOf(-9), 0, "what lies outside is at the edge");
  assert.equal(family.placeOf(NaN), 0, "nothing is known yet");
  const order = [];
  while (!family.complete) {
    order.push(family.nearestMissing(family.voltageOf(6)));
    family.add(order.at(-1), product(0));
  }
  const away = order.map((level) => Math.abs(level - 6));
  assert.deepEqual(away, away.toSorted((a, b) => a - b));
  assert.equal(new Set(order).size, LEVELS);
});

test("between known levels a curve is linear in the target voltage, outside it is held", () => {
  const family = new CurveFamily({ difference: false, vd: [-1, 2] });
  for (const level of [4, 8]) family.add(level, product(family.voltageOf(level)));
  const wanted = product(0.6);
  family.at(0.6).i.forEach((value, k) => assert.ok(Math.abs(value - wanted.i[k]) < 1e-12));
  assert.deepEqual(family.at(-1), product(family.voltageOf(4)));
  assert.deepEqual(family.at(2), product(family.voltageOf(8)));
});

test("one frame holds all curves and zero current, and a device without any still has one", () => {
  const family = new CurveFamily({ difference: false, vd: [1, 3] });
  family.add(0, product(1));
  family.add(LEVELS - 1, product(3));
  const { low, high, vLow, vHigh } = family.extent();
  assert.deepEqual([vLow, vHigh], [-1, 2]);
  assert.ok(low < -3 && low > -4 && high > 6 && high < 7);
  const idle = new CurveFamily({ difference: true, vd: [0, 0] });
  idle.add(0, { v: V, i: V.map(() => 0) });
  assert.ok(idle.extent().low < 0 && idle.extent().high > 0);
});

test("the current into a node is what charges its capacitor", () => {
  const doc = CircuitDocument.from({
    format: "kirchhoff-circuit/1", name: "",
    nodes: [{ id: "n1", voltage: 1, x: 0, y: 0 }, { id: "n2", voltage: 0, x: 100, y: 0 }],
    slices: [{ duration: 1, devices: [{ id: "d1", kind: "resistor", source: "n1", target: "n2", params: { conductance: 1 } }] }],
  });
  const sim = decode(rcPair());
  const slope = -Math.exp(-1); // of v1 = 1/2 + exp(-2t)/2 at t = 1/2, with C = 1 F
  assert.ok(Math.abs(netCurrent(doc, sim, "n1", 0.5) - slope) < 1e-6);
  assert.ok(Math.abs(netCurrent(doc, sim, "n2", 0.5) + slope) < 1e-6);
  const laws = { resistor: { one_sided: true } };
  assert.equal(netCurrent(doc, sim, "n1", 0.5, laws), 0); // a device that only senses its source takes nothing there
});

/** An npn with 2 mA into the collector at 5 V, 20 µA into the base at 0.7 V, the emitter at ground; a supply of 5 V at "c". */
function transistor(known = true) {
  const doc = CircuitDocument.from({
    format: "kirchhoff-circuit/2", name: "",
    nodes: [{ id: "c", capacitance: 0, x: 0, y: 0 }, { id: "b", capacitance: 0, x: 100, y: 0 }],
    slices: [{ duration: 1, devices: [
      { id: "Q1", kind: "npn", source: "c", target: "gnd", terminals: { base: "b" }, params: {} },
      { id: "VC", kind: "voltage_source", source: "c", target: "gnd", params: { voltage: 5 } },
      { id: "VB", kind: "voltage_source", source: "b", target: "gnd", params: { voltage: 0.7 } },
    ] }],
  });
  const two = (...row) => ({ shape: [2, row.length], data: [...row, ...row] });
  const header = { node_ids: ["c", "b"], device_ids: ["Q1", "VC", "VB"], terminals: known ? [["Q1", "target"], ["Q1", "base"]] : [], status: { ok: true, message: "" }, stats: {} };
  const arrays = { t: { shape: [2], data: [0, 1] }, voltages: two(5, 0.7), currents: two(2e-3, -2e-3, -2e-5), ...(known ? { terminal_currents: two(-2.02e-3, 2e-5) } : {}) };
  return { doc, sim: decode(encode(header, arrays)) };
}

test("the currents at a node are those of every terminal there, and add up to nothing without a capacitor", () => {
  const { doc, sim } = transistor();
  const at = (id) => currentsInto(doc, sim, id, 0.5).map(({ device, terminal, current }) => [device.id, terminal, Number(current.toPrecision(4))]);
  assert.deepEqual(at("c"), [["Q1", "source", -2e-3], ["VC", "source", 2e-3]]);
  assert.deepEqual(at("b"), [["VB", "source", 2e-5], ["Q1", "base", -2e-5]]);
  assert.equal(netCurrent(doc, sim, "c", 0.5), 0);
  assert.equal(netCurrent(doc, sim, "b", 0.5), 0);
  assert.ok(Math.abs(powerInto(sim, doc.device("Q1"), 0.5) - (5 * 2e-3 + 0.7 * 2e-5)) < 1e-9);
  assert.ok(Math.abs(powerInto(sim, doc.device("VC"), 0.5) + 10e-3) < 1e-9);
});

test("a current that is not known leaves the sum unknown", () => {
  const { doc, sim } = transistor(false);
  assert.ok(Number.isNaN(netCurrent(doc, sim, "b", 0.5)));
  assert.equal(netCurrent(doc, sim, "c", 0.5), 0);
});

test("figures of trust say what is good, what is not, and what is unknown", () => {
  const simOf = (kcl, status = { ok: true, error: 1e-6 }) => ({ array: () => kcl, header: {}, status, seconds: 0.25 });
  assert.deepEqual(residualFigure(null), ["–", ""]);
  assert.deepEqual(residualFigure(simOf([0, 0])), ["0 ✓", "ok"]);
  assert.deepEqual(residualFigure(simOf([1e-9, -1e-7])), ["1.0 × 10⁻⁷ ✓", "ok"]);
  assert.deepEqual(residualFigure(simOf([0, -0.5])).at(1), "warn");
  assert.equal(errorFigure(simOf([]))[1], "ok");
  assert.equal(errorFigure(simOf([], { ok: false, state: "inaccurate", error: 0.2 }))[1], "warn");
  assert.deepEqual(errorFigure(null), ["–", ""]);
  assert.equal(secondsText(simOf([])), "0.25 s");
  assert.equal(secondsText(null), "–");
});

test("a circuit is counted, with the first of its kinds", () => {
  const devices = (...kinds) => kinds.map((kind) => ({ kind }));
  assert.equal(countsText({ nodes: [{}], devices: [] }), "1 node, 0 devices");
  assert.equal(countsText({ nodes: [{}, {}], devices: devices("tanh_diff", "diode", "tanh_diff") }), "2 nodes, 3 devices (tanh diff, diode)");
  assert.match(countsText({ nodes: [], devices: devices("a", "b", "c", "d") }), /\(a, b, c, …\)$/);
});
