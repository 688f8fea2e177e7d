import assert from "node:assert/strict";
import { test } from "node:test";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { checked, hintsOpen, phaseOf, rightChoice, typedNumber, verdictOf } from "../../../assets/modules/panels/learn/course.mjs";
import { FIGURES, evaluate, holds, isSimulated } from "../../../assets/modules/panels/learn/figures.mjs";
import { isLesson } from "../../../assets/modules/panels/learn/door.mjs";
import { progressWords } from "../../../assets/modules/panels/learn/lesson_list.mjs";
import { createProgress } from "../../../assets/modules/panels/learn/progress.mjs";
import { circuitOf, selectionOf } from "../../../assets/modules/panels/learn/setup.mjs";
import { verdictWords } from "../../../assets/modules/panels/learn/prediction.mjs";
import { runFigures } from "../../../assets/modules/panels/learn/learn.mjs";
import { shownValue } from "../../../assets/modules/panels/learn/words.mjs";
import { addressOf, parseAddress } from "../../../assets/modules/pages.mjs";

const n = (value) => ({ n: value });
const w = (word) => ({ w: word });
const f = (name, ...a) => ({ f: name, a });
const o = (sign, ...a) => ({ o: sign, a });

/** An RC pair of 1 F each behind g = 2 S over 1 s, as formulas instead of samples. */
function pair(changes = {}) {
  const doc = CircuitDocument.from({
    format: "kirchhoff-circuit/1", name: "pair",
    nodes: [{ id: "a", voltage: 1, role: "input" }, { id: "b", capacitance: 3, role: "output" }],
    slices: [{ duration: 1, devices: [{ id: "r", kind: "resistor", source: "a", target: "b", params: { conductance: 2 } }] }],
  });
  const t = Array.from({ length: 401 }, (_, k) => k / 400);
  const difference = (time) => Math.exp((-2 * time * 4) / 3);
  const a = (time) => 1 / 4 + (3 / 4) * difference(time);
  const sim = {
    t, duration: 1, header: { loss: 0.2 },
    valueAt: (id, time, lane) => (lane === "adjoint" ? time : id === "a" ? a(time) : (1 - a(time)) / 3),
    deviceValueAt: (id, time) => (id === "r" ? 2 * difference(time) : NaN),
    gradient: () => 0.25,
    gradientAt: (_, __, time) => 0.25 * (1 - time),
  };
  const state = { doc, sim, simState: "fresh", time: 0.5, selection: { nodes: ["a"], devices: [] }, lane: "voltages", mode: "simulate", playing: false, run: null, registry: null, ...changes };
  return { state, run: { accuracy: 0.97, epochs: 12 } };
}

const near = (tree, wanted, tolerance = 1e-9) => assert.ok(Math.abs(evaluate(tree, pair()) - wanted) <= tolerance, `${JSON.stringify(tree)}: ${evaluate(tree, pair())}`);

test("figures are those of the formulas", () => {
  const end = w("end");
  near(f("v", w("b"), end), (1 - (1 / 4 + (3 / 4) * Math.exp(-8 / 3))) / 3);
  near(f("v", w("gnd"), end), 0);
  near(f("q", w("b"), n(0)), 0);
  near(f("charge", end), 1);
  near(f("rate", w("a"), n(0)), -2);
  near(f("rate", w("b"), n(0)), 2 / 3);
  near(o("-", f("energy", n(0)), o("+", f("energy", end), f("heat", w("r")))), 0, 1e-5); // what is lost is heat
  near(f("gathered", w("r"), w("conductance"), w("now")), 0.125);
  near(f("duration"), 1);
  near(f("devices", n(1)), 1);
  near(f("connected", w("a"), w("b")), 1);
  near(f("selected", w("a")), 1);
  near(f("lane", w("now")), 0);
  near(f("accuracy"), 0.97);
});

test("what is not there is no number, and no condition holds of it", () => {
  const world = pair();
  for (const tree of [f("param", w("r"), w("missing")), f("capacitance", w("zz")), f("i", w("zz"), n(0)), f("devices", n(7)), f("constructor", n(1))]) {
    assert.ok(Number.isNaN(evaluate(tree, world)));
    assert.equal(holds(tree, world), false);
    assert.equal(holds(o("<", tree, n(1)), world), false);
  }
  const empty = pair({ doc: null, sim: null, simState: "none" });
  for (const [name, figure] of Object.entries(FIGURES)) assert.doesNotThrow(() => figure(empty, "a", "b", 0), name);
});

test("a condition on the trajectory never holds for an older circuit", () => {
  const condition = { ...o("=", f("v", w("a"), n(0)), n(1)), within: 0.01, share: true };
  assert.ok(isSimulated(condition) && holds(condition, pair()));
  assert.equal(holds(condition, pair({ simState: "stale" })), false);
  assert.ok(holds(o("=", f("param", w("r"), w("conductance")), n(2)), pair({ simState: "stale" })));
});

const STEP = {
  title: "One", text: [],
  predict: { ask: ["?"], choices: [{ text: ["less"], right: o("<", f("v", w("a"), n(0)), n(0.5)) }, { text: ["more"], right: o(">", f("v", w("a"), n(0)), n(0.5)) }] },
  task: { do: ["x"], checks: [{ when: o(">", f("time"), n(0.4)), text: null }], hints: [["1"], ["2"]] },
};

test("a step asks, lets act, and then reveals what the model says", () => {
  assert.equal(phaseOf(STEP, {}), "predict");
  assert.equal(phaseOf(STEP, { answer: 0 }), "task");
  assert.deepEqual(checked(STEP, pair()), [true]);
  assert.equal(phaseOf(STEP, { answer: 0, done: true }), "reveal");
  assert.deepEqual(verdictOf(STEP, 0, pair()), { right: false });
  assert.equal(rightChoice(STEP, pair()), 1);
  const number = { predict: { number: f("param", w("r"), w("conductance")), unit: "S", share: 0.05 } };
  assert.deepEqual(verdictOf(number, 2.09, pair()), { right: true, shown: 2 });
  assert.deepEqual(verdictOf(number, 2.2, pair()), { right: false, shown: 2 });
  assert.match(verdictWords(number, { answer: 2.2, right: false, shown: 2 }, -1), /You said 2.20 S, the model says 2.00 S/);
});

test("hints open when asked for, and after failed tries", () => {
  assert.equal(hintsOpen(STEP, {}), 0);
  assert.equal(hintsOpen(STEP, { tries: 2 }), 1);
  assert.equal(hintsOpen(STEP, { hints: 2 }), 2);
  assert.equal(hintsOpen(STEP, { tries: 99 }), 2);
});

test("numbers are read as people type them", () => {
  for (const [text, unit, value] of [["0,5", "V", 0.5], ["500 mV", "V", 0.5], ["0.3 V/s", "V/s", 0.3], ["-2", "", -2], ["1e-3", "A", 1e-3], ["half", "V", null]]) {
    assert.equal(typedNumber(text, unit), value);
  }
  assert.equal(shownValue(0.3, "V/s"), "0.300 V/s");
  assert.equal(shownValue(NaN, "V/s"), "–");
});

test("progress is kept, and broken storage counts as none", () => {
  let kept = null;
  const progress = createProgress({ get: () => kept, set: (_, value) => { kept = value; } });
  progress.enter("x", 2);
  progress.note("x", 2, { answer: 1 });
  progress.note("x", 2, { done: true });
  assert.deepEqual(progress.of("x"), { at: 2, steps: { 2: { answer: 1, done: true } } });
  assert.equal(progress.doneCount("x", 3), 1);
  progress.forget("x", 2);
  assert.deepEqual(progress.step("x", 2), {});
  for (const broken of ["{", "[]", "7", "{\"x\": 3}", "{\"x\": {\"at\": \"y\"}}"]) {
    kept = broken;
    assert.deepEqual(progress.of("x"), { at: 0, steps: {} });
  }
  assert.equal(progressWords({ steps: 6, minutes: 12 }, 0), "6 steps, about 12 min");
  assert.equal(progressWords({ steps: 6, minutes: 12 }, 2), "2 of 6 steps done");
});

test("a step goes on with the circuit of the nearest set-up before it", () => {
  const lesson = { steps: [{ setup: { open: "x" } }, {}, { setup: { open: "y" } }] };
  assert.deepEqual([0, 1, 2].map((k) => circuitOf(lesson, k)), ["x", "x", "y"]);
  assert.deepEqual(selectionOf(pair().state.doc, ["r", "a", "zz"]), { nodes: ["a"], devices: ["r"] });
});

test("what is known of a run are its best score and its epochs", () => {
  assert.deepEqual(runFigures({ rows: [{ epoch: 1, test_accuracy: 0.5 }, { epoch: 2, test_accuracy: 0.9 }, { epoch: 3 }] }), { accuracy: 0.9, epochs: 3 });
  assert.ok(Number.isNaN(runFigures(undefined).accuracy));
  assert.equal(runFigures({ id: "old", rows: [{ epoch: 3 }] }, new Set(["old"])).epochs, 0);
});

test("a lesson has an address, and so has each of its steps", () => {
  const at = (path) => parseAddress(new URL(path, "http://127.0.0.1:8050"));
  assert.deepEqual(at("/learn"), { page: "learn", id: null, mode: "build" });
  assert.deepEqual(at("/learn/charge-and-current/3?mode=train"), { page: "workspace", id: null, mode: "train", lesson: "charge-and-current", step: 3 });
  assert.equal(at("/learn/charge-and-current").step, null);
  assert.equal(at("/learn/..%2Fx").page, "gallery");
  for (const path of ["/learn", "/learn/x/3", "/learn/x", "/learn/x/3?mode=train"]) assert.equal(addressOf(at(path)), path);
  assert.ok(isLesson("A.MD") && !isLesson("a.json"));
});
