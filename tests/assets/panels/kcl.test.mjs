import assert from "node:assert/strict";
import { test } from "node:test";

import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { arrowOf, largestCurrent, sumSentence } from "../../../assets/modules/panels/explain/kcl.mjs";
import { nudgeWords } from "../../../assets/modules/panels/explain/nudge_card.mjs";
import { decode } from "../../../assets/modules/play/trajectory.mjs";
import { rcPair } from "../container.mjs";

test("an arrow points with its current and is as long as its share of the largest", () => {
  assert.deepEqual(arrowOf(0.5, 2), { way: "in", share: 0.25 });
  assert.deepEqual(arrowOf(-2, 2), { way: "out", share: 1 });
  for (const current of [0, null, NaN, 1e-9]) assert.equal(arrowOf(current, 2).way, "none");
  assert.equal(arrowOf(1, 0).way, "none");
});

test("the largest current of a discharging pair is its first", () => {
  const sim = decode(rcPair());
  const [device] = sim.deviceIds;
  const doc = CircuitDocument.from({
    format: "kirchhoff-circuit/1", name: "", nodes: sim.nodeIds.map((id) => ({ id })),
    slices: [{ duration: 1, devices: [{ id: device, kind: "resistor", source: sim.nodeIds[0], target: sim.nodeIds[1] }] }],
  });
  assert.ok(Math.abs(largestCurrent(doc, sim, sim.nodeIds[0], {}) - Math.abs(sim.deviceValueAt(device, 0))) < 1e-6);
});

test("the sentence says what the sum does", () => {
  const node = { net: -0.5, charge: 0.25, capacitance: 1, driven: false };
  assert.equal(sumSentence(node), "The sum charges the capacitor: its charge is 0.250 C, falling by 0.500 C a second.");
  assert.match(sumSentence({ ...node, net: 2e-3 }), /rising by 2.00 mC/);
  assert.match(sumSentence({ ...node, net: 0 }), /stands still/);
  assert.match(sumSentence({ ...node, driven: true }), /source takes up/);
  assert.match(sumSentence({ ...node, capacitance: 0 }), /sum to 0/);
  assert.equal(sumSentence({ ...node, net: NaN }), "");
});

test("a nudge that is right says so, one over a bend says why, one that is wrong does not pass", () => {
  const answer = { size: 0.01, loss: 1, change: 0.005, predicted: 0.005, sensitivity: 0.5, slope: 0.5 };
  const { rows, words, good } = nudgeWords(answer);
  assert.deepEqual(rows, [["The loss moved by", "0.005000"], ["λ × 10.0 mV", "0.005000"]]);
  assert.ok(good && words.includes("✓") && !words.includes("bends"));
  const bent = nudgeWords({ ...answer, change: 0.006 });
  assert.ok(bent.good && bent.words.includes("17 % apart") && bent.words.includes("half of it"), bent.words);
  const wrong = nudgeWords({ ...answer, slope: 0.4 });
  assert.ok(!wrong.good && wrong.words.includes("too much") && !wrong.words.includes("✓"));
});
