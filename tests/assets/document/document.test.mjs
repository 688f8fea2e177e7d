import test from "node:test";
import assert from "node:assert/strict";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { CircuitError } from "../../../assets/modules/document/format.mjs";

const PAIR = {
  format: "kirchhoff-circuit/1",
  name: "RC pair",
  nodes: [
    { id: "n1", voltage: 1, capacitance: 2, role: "input", label: "in", x: 0, y: 0 },
    { id: "n2", voltage: 0, capacitance: 1, role: "output", label: "", x: 120, y: 5.5 },
  ],
  slices: [
    {
      duration: 1.5,
      devices: [
        { id: "d1", kind: "resistor", source: "n1", target: "n2", params: { conductance: 1 }, trainable: true },
        { id: "d2", kind: "tanh", source: "n2", target: "gnd", params: { a: 0.5, b: 0, c: 0.1 }, trainable: false },
      ],
    },
    { duration: 0.5, devices: [{ id: "d3", kind: "diode", source: "gnd", target: "n1", params: {}, trainable: true }] },
  ],
};

/** Deterministic random numbers in [0, 1). */
function mulberry(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

test("a complete file survives the round trip unchanged", () => {
  assert.deepEqual(JSON.parse(JSON.stringify(CircuitDocument.from(PAIR).toJSON())), PAIR);
});

test("a driven node keeps its drive and has no capacitor in the file", () => {
  const nodes = [
    { id: "u", drive: { kind: "piecewise_linear", params: { times: [0, 1], values: [0, 2] } }, role: "hidden", label: "", x: 0, y: 0 },
    { id: "v", voltage: 0, capacitance: 1, role: "output", label: "", x: 9, y: 0 },
  ];
  const driven = { format: "kirchhoff-circuit/2", name: "", nodes, slices: [{ duration: 1, devices: [] }] };
  const doc = CircuitDocument.from(driven);
  assert.deepEqual(JSON.parse(JSON.stringify(doc.toJSON())), driven);
  doc.setNode("u", { x: 5 });
  assert.deepEqual(doc.toJSON().nodes[0].drive, nodes[0].drive);
  assert.throws(() => CircuitDocument.from({ ...driven, nodes: [{ id: "u", drive: [] }] }), /nodes\[0\]\.drive: expected an object/);
});

test("missing optional fields take their defaults", () => {
  const doc = CircuitDocument.from({
    format: "kirchhoff-circuit/1",
    nodes: [{ id: "a" }, { id: "b" }],
    slices: [{ devices: [{ id: "d", kind: "resistor", source: "a", target: "b" }] }],
  });
  assert.deepEqual(doc.node("a"), { id: "a", voltage: 0, capacitance: 1, role: "hidden", label: "", x: 0, y: 0 });
  assert.equal(doc.slices[0].duration, 1);
  assert.equal(doc.device("d").trainable, true);
});

const BAD = [
  ["version", (c) => { c.format = "kirchhoff-circuit/3"; }, /format: expected/],
  ["unknown field", (c) => { c.nodes[0].colour = "red"; }, /nodes\[0\]\.colour: unknown field/],
  ["unknown top field", (c) => { c.author = "x"; }, /author: unknown field/],
  ["self-loop", (c) => { c.slices[0].devices[0].target = "n1"; }, /slices\[0\]\.devices\[0\]: .*two different ends/],
  ["missing node", (c) => { c.slices[1].devices[0].target = "n9"; }, /slices\[1\]\.devices\[0\]\.target: there is no node n9/],
  ["duplicate node", (c) => { c.nodes[1].id = "n1"; }, /nodes\[1\]\.id: node n1 exists twice/],
  ["duplicate device over slices", (c) => { c.slices[1].devices[0].id = "d1"; }, /device d1 exists twice/],
  ["negative capacitance", (c) => { c.nodes[0].capacitance = -1; }, /nodes\[0\]\.capacitance: the capacitance of node 'n1' must be positive, or 0 for none, got -1 F/],
  ["NaN parameter", (c) => { c.slices[0].devices[0].params.conductance = NaN; }, /params\.conductance: expected a finite/],
  ["ground as a node", (c) => { c.nodes[0].id = "gnd"; }, /reserved/],
  ["role", (c) => { c.nodes[0].role = "sink"; }, /nodes\[0\]\.role: expected one of/],
  ["duration", (c) => { c.slices[0].duration = 0; }, /slices\[0\]\.duration: must be greater/],
];
for (const [name, spoil, message] of BAD) {
  test(`a file with a bad ${name} is refused with the place`, () => {
    const json = structuredClone(PAIR);
    spoil(json);
    assert.throws(() => CircuitDocument.from(json), (error) => error instanceof CircuitError && message.test(error.message));
  });
}

test("refused edits change nothing", () => {
  const doc = CircuitDocument.from(PAIR);
  const before = doc.hash();
  assert.throws(() => doc.addDevice("n1", "n1", "resistor"), /two different ends/);
  assert.throws(() => doc.addDevice("n1", "nope", "resistor"), /no node nope/);
  assert.throws(() => doc.addDevice("n1", "n2", "resistor", { id: "d1" }), /exists already/);
  assert.throws(() => doc.renameNode("n1", "n2"), /exists already/);
  assert.throws(() => doc.renameNode("n1", "gnd"), /reserved/);
  assert.throws(() => doc.setNode("n1", { capacitance: -1 }), /must be positive, or 0 for none/);
  assert.throws(() => doc.group(() => { doc.addNode(); doc.addNode({ id: "n1" }); }), /exists already/);
  assert.equal(doc.hash(), before);
  assert.equal(doc.canUndo, false);
});

test("parallel devices keep their own identity and order", () => {
  const doc = CircuitDocument.from(PAIR);
  const ids = [doc.addDevice("n1", "n2", "relu"), doc.addDevice("n2", "n1", "relu"), doc.addDevice("n1", "n2", "relu")];
  assert.deepEqual(ids, ["d4", "d5", "d6"]);
  assert.deepEqual(doc.slices[0].devices.map((d) => d.id), ["d1", "d2", "d4", "d5", "d6"]);
  doc.removeElements({ devices: ["d5"] });
  assert.deepEqual(doc.slices[0].devices.map((d) => d.id), ["d1", "d2", "d4", "d6"]);
});

test("removing a node removes its devices in every slice, and undo brings all back", () => {
  const doc = CircuitDocument.from(PAIR);
  const before = doc.hash();
  doc.removeElements({ nodes: ["n1"] });
  assert.deepEqual(doc.devices.map((d) => d.id), ["d2"]);
  doc.undo();
  assert.equal(doc.hash(), before);
});

test("renaming a node follows into its devices", () => {
  const doc = CircuitDocument.from(PAIR);
  doc.renameNode("n1", "x in");
  assert.equal(doc.device("d1").source, "x in");
  assert.equal(doc.device("d3").target, "x in");
  assert.deepEqual(doc.inputs, ["x in"]);
});

test("slices can be added, timed and removed", () => {
  const doc = CircuitDocument.from(PAIR);
  const at = doc.addSlice({ duration: 3 });
  const id = doc.addDevice("n1", "n2", "relu", { slice: at });
  assert.equal(doc.sliceOf(id), 2);
  doc.setSlice(at, { duration: 4 });
  assert.equal(doc.slices[2].duration, 4);
  doc.removeSlice(2);
  assert.equal(doc.device(id), null);
  doc.undo(); doc.undo(); doc.undo(); doc.undo();
  assert.deepEqual(doc.toJSON(), CircuitDocument.from(PAIR).toJSON());
});

test("a slider drag is one undo step and reports every change", () => {
  const doc = CircuitDocument.from(PAIR);
  const seen = [];
  doc.on("change", (event) => seen.push(event));
  for (const g of [1.1, 1.2, 1.3]) doc.transient(() => doc.setParams("d1", { conductance: g }));
  doc.commit();
  assert.equal(seen.length, 3);
  assert.deepEqual(seen[2], { kind: "params", ids: ["d1"], electrical: true, transient: true });
  doc.undo();
  assert.equal(doc.device("d1").params.conductance, 1);
  doc.redo();
  assert.equal(doc.device("d1").params.conductance, 1.3);
  assert.equal(doc.canRedo, false);
});

test("an edit or a group after an open drag is a step of its own", () => {
  const doc = CircuitDocument.from(PAIR);
  doc.transient(() => doc.moveNodes([{ id: "n1", x: 5, y: 5 }]));
  doc.addNode({ id: "n7" });
  doc.transient(() => doc.moveNodes([{ id: "n1", x: 9, y: 9 }]));
  doc.group(() => { doc.addNode({ id: "n8" }); doc.addDevice("n7", "n8", "relu"); });
  doc.undo();
  assert.equal(doc.node("n8"), null);
  assert.equal(doc.node("n1").x, 9);
  doc.undo();
  assert.equal(doc.node("n1").x, 5);
  doc.undo();
  assert.equal(doc.node("n7"), null);
  doc.undo();
  assert.deepEqual(doc.toJSON(), CircuitDocument.from(PAIR).toJSON());
});

test("moves say that no simulation is needed, parameters say it is", () => {
  const doc = CircuitDocument.from(PAIR);
  const seen = [];
  doc.on("change", (event) => seen.push([event.kind, event.electrical]));
  doc.moveNodes([{ id: "n1", x: 1, y: 1 }]);
  doc.setNode("n1", { label: "source" });
  doc.setNode("n1", { voltage: 2 });
  doc.undo();
  doc.undo();
  assert.deepEqual(seen, [["move", false], ["node", false], ["node", true], ["undo", true], ["undo", false]]);
});

test("copy and paste bring devices among the nodes, ground included, under new names", () => {
  const doc = CircuitDocument.from(PAIR);
  const pasted = doc.paste(doc.copy({ nodes: ["n1", "n2"] }), { dx: 10, dy: 20 });
  assert.deepEqual(pasted, { nodes: ["n3", "n4"], devices: ["d4", "d5", "d6"] });
  assert.deepEqual([doc.device("d5").source, doc.device("d5").target], ["n4", "gnd"]);
  assert.equal(doc.sliceOf("d6"), 1);
  assert.deepEqual([doc.node("n4").x, doc.node("n4").y], [130, 25.5]);
  doc.undo();
  assert.equal(doc.nodes.length, 2);
});

test("replace takes another circuit as one step", () => {
  const doc = CircuitDocument.from(PAIR);
  doc.replace({ format: "kirchhoff-circuit/1", name: "new", nodes: [{ id: "a" }], slices: [{ devices: [] }] });
  assert.equal(doc.name, "new");
  doc.undo();
  assert.equal(doc.name, "RC pair");
});

/** One random edit; returns false when it did not apply. */
function randomEdit(doc, random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const anyNode = () => pick(doc.nodes)?.id;
  const anyDevice = () => pick(doc.devices)?.id;
  const place = () => Math.round(random() * 1000);
  const edits = [
    () => doc.addNode({ x: place(), y: place() }),
    () => doc.addNode({ x: place(), y: place(), role: pick(["input", "output", "both"]) }),
    () => doc.addDevice(anyNode(), pick([anyNode(), "gnd"]), pick(["resistor", "tanh", "relu"])),
    () => doc.addDevice("gnd", anyNode(), "current_source", { params: { current: random() } }),
    () => doc.moveNodes([{ id: anyNode(), x: place(), y: place() }, { id: anyNode(), x: place(), y: place() }]),
    () => doc.removeElements({ nodes: random() < 0.3 ? [anyNode()] : [], devices: [anyDevice()] }),
    () => doc.renameNode(anyNode(), `r${place()}`),
    () => doc.renameDevice(anyDevice(), `q${place()}`),
    () => doc.setNode(anyNode(), { voltage: random(), capacitance: 0.1 + random() }),
    () => doc.setDevice(anyDevice(), { kind: pick(["relu", "tanh"]), trainable: random() < 0.5 }),
    () => doc.setParams(anyDevice(), { a: random() }),
    () => doc.duplicate({ nodes: [anyNode(), anyNode()], devices: [] }),
    () => doc.addSlice({ duration: 0.5 + random() }),
    () => doc.setSlice(0, { duration: 0.5 + random() }),
    () => doc.removeSlice(doc.slices.length - 1),
    () => doc.setPositions(Object.fromEntries(doc.nodes.map((n) => [n.id, { x: place(), y: place() }]))),
    () => { doc.transient(() => doc.moveNodes([{ id: anyNode(), x: place(), y: 1 }])); doc.transient(() => doc.moveNodes([{ id: anyNode(), x: place(), y: 2 }])); doc.commit(); },
    () => doc.group(() => doc.addDevice(anyNode(), doc.addNode({ x: place(), y: place() }), "relu")),
    () => doc.setName(`name ${place()}`),
  ];
  const before = doc.hash();
  try {
    pick(edits)();
  } catch (error) {
    if (!(error instanceof CircuitError)) throw error;
    assert.equal(doc.hash(), before, "a refused edit must leave no trace");
  }
  return doc.hash() !== before;
}

test("20 mixed edits, undo all, redo all: equal hashes at every step (60 random sequences)", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = mulberry(seed);
    const doc = CircuitDocument.from(PAIR);
    const hashes = [doc.hash()];
    while (hashes.length <= 20) if (randomEdit(doc, random)) hashes.push(doc.hash());
    for (let k = 19; k >= 0; k--) {
      assert.equal(doc.undo(), true);
      assert.equal(doc.hash(), hashes[k], `seed ${seed}, undo to ${k}`);
    }
    assert.equal(doc.canUndo, false);
    for (let k = 1; k <= 20; k++) {
      assert.equal(doc.redo(), true);
      assert.equal(doc.hash(), hashes[k], `seed ${seed}, redo to ${k}`);
    }
    const again = CircuitDocument.from(JSON.parse(JSON.stringify(doc.toJSON())));
    assert.equal(again.hash(), doc.hash());
  }
});

test("problems name the node and what to do", () => {
  assert.match(CircuitDocument.from().checks()[0].message, /double-click/);
  const doc = CircuitDocument.from(PAIR);
  assert.deepEqual(doc.checks(), []);
  const lonely = doc.addNode();
  assert.deepEqual(doc.checks().map((p) => p.id), [lonely]);
  doc.removeElements({ nodes: [lonely], devices: ["d1"] });
  assert.match(doc.checks()[0].message, /No path leads from an input to output n2/);
});

test("hashes differ for different contents", () => {
  const seen = new Set();
  const doc = CircuitDocument.from(PAIR);
  for (let k = 0; k < 500; k++) {
    doc.setNode("n1", { voltage: k / 7 });
    seen.add(doc.hash());
  }
  assert.equal(seen.size, 500);
});
