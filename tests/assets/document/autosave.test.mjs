import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../../assets/modules/lib/api.mjs";
import { createAutosave, failureOf } from "../../../assets/modules/document/autosave.mjs";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { keepDraft, readDraft } from "../../../assets/modules/document/drafts.mjs";
import { createStore } from "../../../assets/modules/lib/store.mjs";
import { initialState } from "../../../assets/modules/document/state.mjs";
import { deferred, manualTimers, memoryStorage, settle } from "../scripted.mjs";

/** A server that keeps one circuit by revision, and can be switched off. */
function server(circuit) {
  const state = { circuit, revision: 1, up: true, saves: 0 };
  const alive = () => { if (!state.up) throw new ApiError("The server does not answer."); };
  return {
    state,
    health: async () => alive(),
    circuit: async () => {
      alive();
      return { circuit: state.circuit, revision: state.revision };
    },
    saveCircuit: async (id, body) => {
      alive();
      if (state.refuse) throw state.refuse;
      if (body.revision !== state.revision) throw new ApiError("changed", { status: 409 });
      state.saves += 1;
      state.circuit = body.circuit;
      state.revision += 1;
      return { revision: state.revision };
    },
    createCircuit: async (body) => {
      Object.assign(state, { circuit: body, revision: 1 });
      return { id: "c1", revision: 1 };
    },
  };
}

function bench({ onConflict = async () => "mine" } = {}) {
  const doc = CircuitDocument.from();
  const store = createStore(initialState());
  const storage = memoryStorage();
  const timers = manualTimers();
  const api = server(doc.toJSON());
  const refused = [];
  const autosave = createAutosave({ store, api, storage, timers, clientId: "w1", onConflict, onRefused: (text) => refused.push(text) });
  autosave.open("c1", doc, 1);
  return { doc, store, storage, timers, api, autosave, refused };
}

test("several quick edits become one save", async () => {
  const { doc, store, timers, api, storage } = bench();
  doc.addNode({ x: 1, y: 1 });
  doc.addNode({ x: 2, y: 2 });
  assert.equal(store.get("saved"), "saving");
  assert.deepEqual(timers.waiting, [400]);
  await timers.run();
  assert.equal(store.get("saved"), "saved");
  assert.equal(api.state.saves, 1);
  assert.equal(api.state.circuit.nodes.length, 2);
  assert.equal(readDraft("c1", storage), null);
});

test("undo back to the saved state writes nothing", async () => {
  const { doc, timers, api, store } = bench();
  doc.addNode({});
  doc.undo();
  await timers.run();
  assert.equal(api.state.saves, 0);
  assert.equal(store.get("saved"), "saved");
});

test("without a server editing goes on, a copy stays in the browser, and saving resumes", async () => {
  const { doc, store, timers, api, storage } = bench();
  api.state.up = false;
  doc.addNode({ id: "a" });
  await timers.run();
  assert.equal(store.get("saved"), "offline");
  doc.addNode({ id: "b" });
  assert.deepEqual(readDraft("c1", storage).circuit.nodes.map((node) => node.id), ["a", "b"]);
  await timers.run();
  assert.equal(store.get("saved"), "offline");
  api.state.up = true;
  await timers.run();
  assert.equal(store.get("saved"), "saved");
  assert.deepEqual(api.state.circuit.nodes.map((node) => node.id), ["a", "b"]);
  assert.equal(readDraft("c1", storage), null);
});

test("a conflict asks, and Mine replaces the other version", async () => {
  const { doc, store, timers, api } = bench({ onConflict: async () => "mine" });
  api.state.revision = 7;
  api.state.circuit = { ...api.state.circuit, name: "theirs" };
  doc.setName("mine");
  await timers.run();
  await settle();
  assert.equal(store.get("saved"), "saved");
  assert.equal(api.state.circuit.name, "mine");
});

test("a conflict asks, and The other version becomes one undo step", async () => {
  const { doc, store, timers, api, autosave } = bench({ onConflict: async () => "theirs" });
  api.state.revision = 7;
  api.state.circuit = { ...api.state.circuit, name: "theirs" };
  doc.setName("mine");
  await timers.run();
  await settle();
  assert.equal(doc.name, "theirs");
  assert.equal(store.get("saved"), "saved");
  assert.equal(autosave.revision(), 7);
  doc.undo();
  assert.equal(doc.name, "mine");
});

test("a file deleted meanwhile is made again", async () => {
  const { doc, store, timers, api } = bench();
  api.state.refuse = new ApiError("gone", { status: 404 });
  doc.setName("back");
  await timers.run();
  assert.equal(store.get("saved"), "saved");
  assert.equal(api.state.circuit.name, "back");
});

test("a full disk is said once, keeps the copy, and is tried again", async () => {
  const { doc, store, timers, api, storage, refused } = bench();
  api.state.refuse = new ApiError("no space", { status: 507 });
  doc.setName("big");
  await timers.run();
  assert.equal(store.get("saved"), "refused");
  assert.deepEqual(refused, ["no space"]);
  assert.equal(readDraft("c1", storage).circuit.name, "big");
  api.state.refuse = null;
  await timers.run();
  assert.equal(store.get("saved"), "saved");
});

test("leaving the window keeps an unsaved change", () => {
  const { doc, autosave, storage } = bench();
  doc.setName("quick");
  autosave.leave();
  assert.equal(readDraft("c1", storage).circuit.name, "quick");
});

test("a draft that is not a draft is ignored", () => {
  const storage = memoryStorage();
  storage.setItem("kd-draft-c1", "{\"base\":");
  assert.equal(readDraft("c1", storage), null);
  storage.setItem("kd-draft-c1", "{\"base\":\"x\",\"circuit\":{}}");
  assert.equal(readDraft("c1", storage), null);
});

test("a draft comes back as it was kept, and a full storage hurts nobody", () => {
  const storage = memoryStorage();
  keepDraft("c1", { base: 3, circuit: { name: "mine" } }, storage);
  assert.deepEqual(readDraft("c1", storage), { base: 3, circuit: { name: "mine" } });
  assert.equal(readDraft("c2", storage), null);
  keepDraft("c1", { base: 4, circuit: {} }, { setItem: () => { throw new Error("QuotaExceededError"); } });
  assert.equal(readDraft("c1", storage).base, 3);
});

test("what failed decides what follows: no answer and a full disk are tried again, a refusal waits for an edit", () => {
  const kinds = [[409], [404], [0], [503], [422], [507]].map(([status]) => failureOf(new ApiError("", { status })));
  assert.deepEqual(kinds.map(({ kind }) => kind), ["conflict", "missing", "offline", "offline", "refused", "refused"]);
  assert.deepEqual(kinds.map(({ again }) => again !== null), [false, false, true, true, false, true]);
});

test("an edit made during a save that fails is not left waiting for the retry", async () => {
  const { doc, timers, api, storage } = bench();
  const answer = deferred();
  api.saveCircuit = () => answer.promise;
  doc.addNode({ id: "a" });
  await timers.run();
  doc.addNode({ id: "b" });
  answer.reject(new ApiError("The server does not answer."));
  await settle();
  assert.deepEqual(timers.waiting, [400]);
  await timers.run();
  assert.deepEqual(readDraft("c1", storage).circuit.nodes.map(({ id }) => id), ["a", "b"]);
});

test("a file made again after its document was closed changes nothing of the next one", async () => {
  const { doc, store, timers, api, autosave } = bench();
  const answer = deferred();
  api.state.refuse = new ApiError("gone", { status: 404 });
  api.createCircuit = () => answer.promise;
  doc.setName("first");
  await timers.run();
  autosave.open("c2", CircuitDocument.from(), 5);
  answer.resolve({ id: "c1", revision: 1 });
  await settle();
  assert.equal(autosave.revision(), 5);
  assert.equal(store.get("saved"), "saved");
});
