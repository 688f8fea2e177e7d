import assert from "node:assert/strict";
import { test } from "node:test";

import { registerDocumentCommands } from "../../assets/modules/actions.mjs";
import { CircuitDocument } from "../../assets/modules/document/document.mjs";
import { initialState } from "../../assets/modules/document/state.mjs";
import { createCommands } from "../../assets/modules/lib/commands.mjs";
import { createStore } from "../../assets/modules/lib/store.mjs";
import { Workspace } from "../../assets/modules/workspace.mjs";
import { memoryStorage } from "./scripted.mjs";

/** A circuit of some nodes. */
const circuitOf = (...ids) => ({
  format: "kirchhoff-circuit/1", name: "", slices: [{ duration: 1, devices: [] }],
  nodes: ids.map((id, k) => ({ id, voltage: 0, x: 100 * k, y: 0 })),
});
const idsOf = (store) => store.get("doc").nodes.map((node) => node.id);

/** A workspace over a server that holds some circuits; what it asks its neighbours for is noted. */
function bench(held, storage = memoryStorage()) {
  const store = createStore(initialState());
  const seen = { opened: [], said: [], simulated: 0, played: 0, made: 0 };
  const api = {
    circuit: async (id) => held[id],
    circuits: async () => Object.keys(held).map((id) => ({ id })),
    createCircuit: async (circuit) => {
      seen.made += 1;
      held[`made-${seen.made}`] = { id: `made-${seen.made}`, circuit, revision: 1 };
      return held[`made-${seen.made}`];
    },
  };
  const workspace = new Workspace({
    store, api, storage,
    bridge: { send: () => {} },
    autosave: { open: (id, doc, revision, { dirty }) => seen.opened.push({ id, revision, dirty }), close: () => {}, flush: () => {} },
    simulation: { reset: () => {}, request: () => { seen.simulated += 1; } },
    playback: { restart: () => {}, play: () => { seen.played += 1; } },
    toast: (message) => seen.said.push(message),
    banner: { hide: () => {}, show: () => {} },
    onOpened: () => {},
  });
  return { store, workspace, seen, storage };
}

const kept = (storage, id, base, circuit) => storage.setItem(`kd-draft-${id}`, JSON.stringify({ base, circuit }));

test("a circuit is opened once, simulated, and its first answer is played", async () => {
  const { store, workspace, seen } = bench({ a: { circuit: circuitOf("n1"), revision: 7 } });
  await workspace.open("a");
  await workspace.open("a");
  assert.deepEqual(seen.opened, [{ id: "a", revision: 7, dirty: false }]);
  assert.equal(seen.simulated, 1);
  store.set({ sim: {} });
  store.set({ sim: { another: true } });
  assert.equal(seen.played, 1);
});

test("another circuit opens with its curves, whatever the dock showed of the one before", async () => {
  const { store, workspace } = bench({ a: { circuit: circuitOf("n1"), revision: 7 }, b: { circuit: circuitOf("n2"), revision: 1 } });
  await workspace.open("a");
  store.set({ dockView: "table", lane: "energy" });
  await workspace.open("b");
  assert.deepEqual([store.get("dockView"), store.get("lane")], ["time", "voltages"]);
});

test("changes that did not reach the server are restored on the version they were made on", async () => {
  const { store, workspace, seen, storage } = bench({ a: { circuit: circuitOf("n1"), revision: 7 } });
  kept(storage, "a", 7, circuitOf("n1", "n2"));
  await workspace.open("a");
  assert.deepEqual(idsOf(store), ["n1", "n2"]);
  assert.equal(seen.opened[0].dirty, true);
  assert.match(seen.said[0], /restored/);
});

test("a draft that is no circuit, or says what the server says, is passed over in silence", async () => {
  for (const draft of [{ nodes: "what" }, circuitOf("n1")]) {
    const { store, workspace, seen, storage } = bench({ a: { circuit: circuitOf("n1"), revision: 7 } });
    kept(storage, "a", 3, draft);
    await workspace.open("a");
    assert.deepEqual(idsOf(store), ["n1"]);
    assert.equal(seen.opened[0].dirty, false);
    assert.deepEqual(seen.said, []);
  }
});

test("an example opened again untouched is the same document; a changed one gets company", async () => {
  const held = {};
  const { workspace, seen } = bench(held);
  const first = await workspace.create(circuitOf("n1"), {}, "rc");
  assert.equal(await workspace.create(circuitOf("n1"), {}, "rc"), first);
  held[first].circuit = circuitOf("n1", "n2");
  assert.notEqual(await workspace.create(circuitOf("n1"), {}, "rc"), first);
  assert.equal(seen.made, 2);
});

test("electrical changes are simulated, others are not, and after leaving nothing is", async () => {
  const { store, workspace, seen } = bench({ a: { circuit: circuitOf("n1", "n2"), revision: 1 } });
  await workspace.open("a");
  const { doc } = store.get();
  const before = store.get("revision");
  doc.setNode("n1", { voltage: 1 });
  assert.equal(seen.simulated, 2);
  doc.setNode("n1", { x: 50 });
  assert.equal(seen.simulated, 2);
  assert.equal(store.get("revision"), before + 2);
  workspace.close();
  doc.setNode("n1", { voltage: 2 });
  assert.equal(seen.simulated, 2);
  assert.equal(store.get("doc"), null);
});

function editor(...ids) {
  const store = createStore({ ...initialState(), doc: CircuitDocument.from(circuitOf(...ids)) });
  const commands = createCommands();
  registerDocumentCommands({ store, commands, canvas: () => null, toast: () => {} });
  return { store, commands };
}

test("what is pasted again moves on, and undo forgets what is no longer there", () => {
  const { store, commands } = editor("n1");
  commands.run("select-all");
  commands.run("copy");
  commands.run("paste");
  commands.run("paste");
  assert.deepEqual(store.get("doc").nodes.map((node) => node.x), [0, 30, 60]);
  commands.run("undo");
  assert.deepEqual(store.get("selection"), { nodes: [], devices: [] });
  assert.equal(store.get("doc").nodes.length, 2);
});

test("commands act on what is chosen, or on the one node that is named", () => {
  const { store, commands } = editor("n1", "n2", "n3");
  store.set({ selection: { nodes: ["n1", "n2"], devices: [] } });
  commands.run("mark-input");
  commands.run("mark-output", "n3");
  assert.deepEqual(store.get("doc").nodes.map((node) => node.role), ["input", "input", "output"]);
  commands.run("probe");
  commands.run("probe", "n3");
  commands.run("probe", "n1");
  assert.deepEqual(store.get("probes"), ["n2", "n3"]);
  commands.run("delete");
  assert.deepEqual(idsOf(store), ["n3"]);
});

test("mismatch and pruning are one undo step each, and pruning waits for the answer to the circuit as it is", () => {
  const { store, commands } = editor("n1", "n2");
  const doc = store.get("doc");
  for (const id of ["d1", "d2"]) doc.addDevice("n1", "n2", "resistor", { id, params: { conductance: 2 } });
  const before = doc.hash();
  commands.run("vary", "0.05");
  assert.ok(doc.devices.every(({ params }) => params.conductance > 0 && params.conductance !== 2));
  doc.undo();
  assert.equal(doc.hash(), before);
  assert.equal(commands.enabled("prune"), false);
  store.set({ simState: "fresh", sim: { E: 2, deviceIndex: new Map([["d1", 0], ["d2", 1]]), array: () => Float32Array.of(-1, 5, NaN, 2) } });
  commands.run("prune", "0.5");
  assert.deepEqual(doc.devices.map(({ id }) => id), ["d2"]);
  doc.undo();
  assert.equal(doc.hash(), before);
});

test("nothing that is only shown is edited, but it can be copied and selected", () => {
  const { store, commands } = editor("n1");
  store.set({ readOnly: true });
  commands.run("select-all");
  assert.deepEqual(store.get("selection").nodes, ["n1"]);
  const able = (name) => commands.enabled(name);
  assert.deepEqual(["copy", "select-none", "fit-selection"].map(able), [true, true, true]);
  assert.deepEqual(["delete", "cut", "duplicate", "paste", "mark-input", "rename", "undo", "layout"].map(able), Array(8).fill(false));
});
