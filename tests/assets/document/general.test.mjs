/** Circuits of the general class: kept whole, edited, undone; broken rules in the words of the Python library. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { keepDraft, readDraft } from "../../../assets/modules/document/drafts.mjs";
import { flawOf, lawOf, namesIn, rewritten } from "../../../assets/modules/document/expressions.mjs";
import { missingParams, outfitOf } from "../../../assets/modules/document/kinds.mjs";
import { CircuitError } from "../../../assets/modules/document/records.mjs";
import { generalReason } from "../../../assets/modules/document/rules.mjs";
import { physicsOf } from "../../../assets/modules/play/simulation.mjs";

const { circuit: WHOLE, kinds: KINDS, cases: CASES } = JSON.parse(readFileSync(new URL("../../golden/general_rules.json", import.meta.url), "utf8"));
const plain = (doc) => JSON.parse(JSON.stringify(doc.toJSON()));

function changed(changes) {
  const circuit = structuredClone(WHOLE);
  for (const [path, value] of changes) {
    const place = path.slice(0, -1).reduce((at, step) => at[step], circuit);
    place[path.at(-1)] = value;
  }
  return circuit;
}

/** What the browser says of a circuit, as the file's reader or as a check of the drawn one. */
function saidOf(circuit) {
  try {
    const [problem] = CircuitDocument.from(circuit).checks(KINDS).filter(({ level }) => level === "error");
    return problem && { where: problem.where, message: problem.message };
  } catch (error) {
    assert.ok(error instanceof CircuitError);
    return { where: error.where, message: error.message.slice(error.where.length + 2) };
  }
}

test("a circuit of the general class comes back as it was, from a file and from a kept draft", () => {
  const doc = CircuitDocument.from(WHOLE);
  assert.equal(JSON.stringify(doc.toJSON()), JSON.stringify(WHOLE), "in the order of the file, too");
  assert.deepEqual(doc.checks(KINDS).filter(({ level }) => level === "error"), []);
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  keepDraft("c", { base: 3, circuit: doc.toJSON() }, storage);
  assert.deepEqual(plain(CircuitDocument.from(readDraft("c", storage).circuit)), WHOLE);
});

for (const { name, changes, where, message } of CASES) {
  test(`${name} is said as the library says it`, () => {
    const said = saidOf(changed(changes));
    assert.equal(said?.where, where);
    const words = (text) => text.replace(/\.$/, "").replace(/^./, (letter) => letter.toLowerCase()).replace(/exist; choose.*/, "exist");
    assert.equal(words(said.message), words(message));
  });
}

test("what the first format does not know is refused there", () => {
  const first = { ...structuredClone(WHOLE), format: "kirchhoff-circuit/1" };
  for (const node of first.nodes) node.capacitance = 1;
  assert.throws(() => CircuitDocument.from(first), /devices\[0\]\.drive: 'kirchhoff-circuit\/1' does not know it/);
  assert.throws(() => CircuitDocument.from({ ...first, slices: [{ devices: [] }] }), /format: this file says 'kirchhoff-circuit\/1' and has a start at the operating point/);
  assert.throws(() => CircuitDocument.from({ ...first, start: "somewhere" }), /start: expected one of voltages, operating-point|devices\[0\]/);
});

test("every edit is one step that undo takes back and redo makes again", () => {
  const edits = [
    (doc) => doc.setNode("b", { capacitance: 0 }),
    (doc) => doc.setStart("voltages"),
    (doc) => doc.setDevice("M1", { terminals: { gate: "a", bulk: "gnd" } }),
    (doc) => doc.setDevice("V1", { drive: undefined }),
    (doc) => doc.setDevice("L1", { kind: "capacitor", params: { capacitance: 2 } }),
    (doc) => doc.renameNode("c", "gate"),
    (doc) => doc.renameDevice("V1", "supply"),
    (doc) => doc.removeElements({ devices: ["V1"] }),
    (doc) => doc.duplicate({ nodes: ["a", "b", "c"] }),
  ];
  for (const edit of edits) {
    const doc = CircuitDocument.from(WHOLE);
    const physics = physicsOf(doc);
    edit(doc);
    const after = plain(doc);
    assert.notDeepEqual(after, WHOLE);
    assert.notEqual(physicsOf(doc), physics, "the picture is asked for anew");
    assert.deepEqual(plain(CircuitDocument.from(after)), after, "it can be opened again");
    doc.undo();
    assert.deepEqual(plain(doc), WHOLE);
    doc.redo();
    assert.deepEqual(plain(doc), after);
  }
});

test("terminals follow their nodes, and a device goes with what it needs", () => {
  const doc = CircuitDocument.from(WHOLE);
  doc.renameNode("c", "gate");
  assert.deepEqual(doc.device("M1").terminals, { gate: "gate", bulk: "gnd" });
  doc.renameDevice("V1", "supply");
  assert.deepEqual(doc.device("F1").terminals, { control: "supply" });
  assert.deepEqual(doc.sensedAt("gate").map(({ id }) => id), ["M1"]);
  doc.removeElements({ nodes: ["gate"] });
  assert.deepEqual(doc.devices.map(({ id }) => id), ["supply", "R1", "F1"]);
  doc.removeElements({ devices: ["supply"] });
  assert.deepEqual(doc.devices.map(({ id }) => id), ["R1"], "F1 measured the current of the supply");
  assert.throws(() => doc.setDevice("R1", { terminals: { gate: "z" } }), /there is no node z/);
});

test("copies have copies of what controls them", () => {
  const doc = CircuitDocument.from(WHOLE);
  const { devices, nodes } = doc.duplicate({ nodes: ["a", "b", "c"] });
  assert.equal(devices.length, 6);
  const copy = (kind) => doc.device(devices.find((id) => doc.device(id).kind === kind));
  assert.equal(copy("cccs").terminals.control, copy("voltage_source").id);
  assert.deepEqual(copy("nmos").terminals, { gate: nodes[2], bulk: "gnd" });
  assert.deepEqual(copy("voltage_source").drive, WHOLE.slices[0].devices[0].drive);
  const alone = doc.copy({ nodes: ["b"] });
  assert.deepEqual(alone.devices, [], "neither M1 nor F1 without its gate and its control");
  const other = CircuitDocument.from();
  other.paste(doc.copy({ nodes: ["a", "b", "c"] }));
  assert.equal(other.toJSON().format, "kirchhoff-circuit/2");
});

test("another kind forgets what only the first one had", () => {
  const doc = CircuitDocument.from(WHOLE);
  doc.setDevice("M1", { kind: "resistor", params: { conductance: 1 } });
  assert.equal("terminals" in doc.device("M1"), false);
  doc.setDevice("V1", { kind: "resistor" });
  assert.equal("drive" in doc.device("V1"), false);
});

test("a new device of a kind gets its parameters, terminals at ground, a control, and a file that knows it", () => {
  const registry = { devices: { ...KINDS, nmos: { ...KINDS.nmos, params: [{ name: "width", default: 1 }] } } };
  const doc = CircuitDocument.from({ format: "kirchhoff-circuit/1", nodes: [{ id: "n" }], slices: [{ devices: [] }] });
  assert.throws(() => outfitOf(registry, "cccs", doc.devices), /there is none yet: draw one first/);
  doc.addDevice("n", "gnd", "voltage_source", { id: "V", ...outfitOf(registry, "voltage_source", doc.devices) });
  assert.equal(doc.toJSON().format, "kirchhoff-circuit/2");
  assert.equal("terminals" in plain(doc).slices[0].devices[0], false);
  doc.addDevice("n", "gnd", "cccs", outfitOf(registry, "cccs", doc.devices));
  doc.addDevice("n", "gnd", "nmos", outfitOf(registry, "nmos", doc.devices));
  assert.deepEqual(doc.devices.map(({ terminals, params }) => [terminals, params]), [
    [undefined, {}], [{ control: "V" }, {}], [{ gate: "gnd", bulk: "gnd" }, { width: 1 }],
  ]);
  assert.deepEqual(doc.checks(KINDS).filter(({ level }) => level === "error"), []);
  doc.undo();
  doc.undo();
  doc.undo();
  assert.equal(doc.toJSON().format, "kirchhoff-circuit/1");
});

test("the reason of the general class is the library's", () => {
  const state = (patch) => ({ start: "voltages", nodes: [{ id: "n", capacitance: 1 }], slices: [{ devices: [] }], ...patch });
  const device = (kind, more = {}) => state({ slices: [{ devices: [{ id: "X", kind, ...more }] }] });
  assert.equal(generalReason(state({}), KINDS), "");
  assert.equal(generalReason(state({ nodes: [{ id: "n", capacitance: 0 }] }), KINDS), "a node without a capacitor, 'n'");
  assert.equal(generalReason(state({ nodes: [{ id: "n", capacitance: 0, drive: {} }] }), KINDS), "");
  assert.equal(generalReason(device("inductor"), KINDS), "an inductor, 'X'");
  assert.equal(generalReason(device("resistor"), KINDS), "");
  assert.equal(generalReason(device("resistor", { drive: {} }), KINDS), "a waveform at the source 'X'");
  assert.equal(generalReason(state({ start: "operating-point" }), KINDS), "a start at the operating point");
});

test("an expression names its terminals and parameters, which an edit keeps, adds and leaves out", () => {
  const known = ["pi", "e", "time"];
  assert.deepEqual(namesIn("g*V(a)*v( b , source )+1e-3*sin(2*pi*f1*time)+2k*exp (-1meg)+1e3x", known), { terminals: ["a", "b"], params: ["g", "f1"] });
  const device = { params: { g: 5, h: 2 }, terminals: { a: "n1", c: "n2" } };
  assert.deepEqual(rewritten(device, "g*V(a)+k*V(b)", known), { expression: "g*V(a)+k*V(b)", terminals: { a: "n1", b: "gnd" }, params: { g: 5, k: 1 } });
  assert.equal(rewritten(device, "g*time", known).terminals, undefined);
  assert.equal(flawOf("g*(V(a)+1"), "a bracket is not closed");
  assert.equal(flawOf("g)*(2"), "a bracket closes that was not opened");
  assert.equal(flawOf(" "), "an expression is needed, such as g*V(source,target)");
  assert.equal(flawOf("g*(V(a))"), "");
});

test("a device with an expression is drawn with the usual one, changed, undone and written", () => {
  const law = { title: "Current by an expression", terminals: [], params: [], format: "kirchhoff-circuit/2", expressed: { usual: "g*V(source,target)", params: { g: 1e-3 }, known: ["time"] } };
  const registry = { devices: { ...KINDS, expression: law, resistor: { ...KINDS.resistor, params: [] } } };
  const doc = CircuitDocument.from(WHOLE);
  const { format, ...outfit } = outfitOf(registry, "expression", doc.devices);
  const id = doc.addDevice(doc.nodes[0].id, "gnd", "expression", { ...outfit, format });
  assert.equal(doc.device(id).expression, "g*V(source,target)");
  assert.deepEqual(doc.device(id).params, { g: 1e-3 });
  const before = physicsOf(doc.toJSON());
  doc.setDevice(id, rewritten(doc.device(id), "g*V(x)+time", ["time"]));
  assert.notEqual(physicsOf(doc.toJSON()), before);
  assert.deepEqual(lawOf(registry, doc.device(id)).terminals, ["x"]);
  assert.deepEqual(lawOf(registry, doc.device(id)).params.map(({ name }) => name), ["g"]);
  assert.deepEqual(plain(doc), plain(CircuitDocument.from(plain(doc))));
  assert.deepEqual(doc.checks(registry.devices).filter(({ level }) => level === "error"), []);
  doc.undo();
  assert.equal(doc.device(id).expression, "g*V(source,target)");
  doc.setDevice(id, { kind: "resistor", params: {} });
  assert.equal(doc.device(id).expression, undefined);
  assert.equal(missingParams(registry, [{ id: "x", kind: "expression", expression: "k", params: { k: 1 } }]).x, undefined);
});
