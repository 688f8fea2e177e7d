import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../../assets/modules/lib/api.mjs";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { createSmallSignals, nodesOf, sourceOf } from "../../../assets/modules/play/small_signals.mjs";
import { createStore } from "../../../assets/modules/lib/store.mjs";
import { initialState } from "../../../assets/modules/document/state.mjs";
import { manualTimers, settle } from "../scripted.mjs";

const AT_REST = { voltages: [], currents: [], stable: true, text: "stable", poles: [], sources: [{ name: "n1", unit: "V" }] };

function pair() {
  const doc = CircuitDocument.from();
  doc.addNode({ id: "n1" });
  doc.addNode({ id: "n2", role: "output", x: 120 });
  doc.addDevice("n1", "n2", "resistor", { id: "d1", params: { conductance: 1 } });
  return doc;
}

function bench({ rest = async () => AT_REST, response = async (body) => ({ source: "n1", nodes: body.nodes }) } = {}) {
  const store = createStore({ ...initialState(), doc: pair(), circuitId: "c" });
  const timers = manualTimers();
  const asked = [];
  const api = {
    operatingPoint: (body) => { asked.push(["rest", body]); return rest(body); },
    frequencyResponse: (body) => { asked.push(["response", body]); return response(body); },
  };
  createSmallSignals({ store, api, timers });
  /** An edit as the workspace tells of it. */
  const edited = async () => {
    store.set({ revision: store.get().revision + 1 });
    await timers.run();
  };
  return { store, asked, edited, kinds: () => asked.splice(0).map(([kind]) => kind) };
}

test("nothing is asked while nobody looks", async () => {
  const { edited, kinds, store } = bench();
  await edited();
  assert.deepEqual(kinds(), []);
  store.set({ looksAtRest: true });
  await settle();
  assert.deepEqual(kinds(), ["rest"]);
  assert.equal(store.get().rest.state, "fresh");
});

test("the Bode plot asks for both, and again only when the physics changed", async () => {
  const { store, edited, kinds } = bench();
  store.set({ dockView: "frequency" });
  await settle();
  assert.deepEqual(kinds(), ["rest", "response"]);
  store.get().doc.setNode("n2", { x: 300 });
  await edited();
  assert.deepEqual(kinds(), []);
  store.get().doc.setParams("d1", { conductance: 2 });
  await edited();
  assert.deepEqual(kinds(), ["rest", "response"]);
});

test("a choice asks for the response alone, with what was chosen", async () => {
  const { store, asked } = bench();
  store.set({ dockView: "frequency" });
  await settle();
  asked.length = 0;
  store.set({ sweep: { source: "d1", nodes: ["n1", "gone"], low: 2, high: 20 } });
  await settle();
  assert.equal(asked.length, 1);
  const [[kind, { circuit: _circuit, ...chosen }]] = asked;
  assert.equal(kind, "response");
  assert.deepEqual(chosen, { source: "d1", nodes: ["n1"], low: 2, high: 20 });
});

test("without a source or without a rest no response is asked for", async () => {
  const quiet = bench({ rest: async () => ({ ...AT_REST, sources: [] }) });
  quiet.store.set({ dockView: "frequency" });
  await settle();
  assert.deepEqual(quiet.kinds(), ["rest"]);
  const refused = bench({ rest: async () => { throw new ApiError("at rest nothing sets it", { status: 422 }); } });
  refused.store.set({ dockView: "frequency" });
  await settle();
  assert.deepEqual(refused.kinds(), ["rest"]);
  assert.equal(refused.store.get().rest.message, "at rest nothing sets it");
  assert.equal(refused.store.get().response.state, "none");
});

test("an answer to an older circuit does not take the place of a newer one", async () => {
  const waiting = [];
  const { store, edited } = bench({ rest: (body) => new Promise((resolve) => waiting.push(() => resolve({ ...AT_REST, text: String(body.circuit.slices[0].devices[0].params.conductance) }))) });
  store.set({ looksAtRest: true });
  store.get().doc.setParams("d1", { conductance: 2 });
  await edited();
  waiting[1]();
  waiting[0]();
  await settle();
  assert.equal(store.get().rest.answer.text, "2");
});

test("another circuit forgets what was found and chosen", async () => {
  const { store } = bench();
  store.set({ dockView: "frequency", sweep: { source: "n1", nodes: ["n1"], low: null, high: null } });
  await settle();
  store.set({ circuitId: "other" });
  assert.equal(store.get().rest.answer, null);
  assert.equal(store.get().sweep.nodes, null);
});

test("a board that was emptied has no rest", async () => {
  const { store, edited } = bench();
  store.set({ dockView: "frequency" });
  await settle();
  assert.equal(store.get().rest.state, "fresh");
  store.get().doc.removeElements({ nodes: ["n1", "n2"] });
  await edited();
  assert.equal(store.get().rest.answer, null);
  assert.equal(store.get().response.answer, null);
});

test("outputs are shown unless others are chosen; a source that is gone is none", () => {
  const doc = pair();
  assert.deepEqual(nodesOf(doc, { nodes: null }), ["n2"]);
  doc.setNode("n2", { role: "hidden" });
  assert.deepEqual(nodesOf(doc, { nodes: null }), ["n1", "n2"]);
  assert.deepEqual(nodesOf(doc, { nodes: ["n1"] }), ["n1"]);
  assert.equal(sourceOf(doc, { source: "d1" }), "d1");
  assert.equal(sourceOf(doc, { source: "n1" }), null);
  assert.equal(sourceOf(doc, { source: "gone" }), null);
});
