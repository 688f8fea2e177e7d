import assert from "node:assert/strict";
import { test } from "node:test";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { createRecordings, createReplay } from "../../../assets/modules/play/replay.mjs";
import { createStore } from "../../../assets/modules/lib/store.mjs";
import { initialState } from "../../../assets/modules/document/state.mjs";
import { rcPair } from "../container.mjs";
import { deferred, settle } from "../scripted.mjs";

function pair(name) {
  const doc = CircuitDocument.from();
  doc.addNode({ id: "n1" });
  doc.addNode({ id: "n2" });
  doc.addDevice("n1", "n2", "resistor", { id: "d1" });
  doc.setName(name);
  return doc;
}

/** A server with runs that counts what it is asked. */
function server() {
  const asked = [];
  return {
    asked,
    runCircuit: async (id) => {
      asked.push(id);
      return { circuit: pair(id).toJSON() };
    },
    runFrame: async (id, epoch) => {
      asked.push(`${id}/${epoch}`);
      return rcPair();
    },
  };
}

function bench(api = server()) {
  const own = pair("mine");
  const store = createStore({ ...initialState(), doc: own, selection: { nodes: ["n1"], devices: [] }, slice: 0, lane: "currents" });
  const said = [];
  const [shown, hidden] = [new Map(), []];
  const banner = { show: (name, text, _kind, actions) => shown.set(name, { text, actions }), hide: (name) => hidden.push(name) };
  const [calls, count] = [[], (name) => () => calls.push(name)];
  const replay = createReplay({ store, api, toast: (text) => said.push(text), banner, onEnter: count("enter"), onLeave: count("leave") });
  return { api, own, store, said, shown, calls, replay };
}

test("a replay borrows the board and gives back the circuit as it was left", async () => {
  const { own, store, shown, calls, replay } = bench();
  await replay.setRun({ id: "r1", name: "Rings", epoch: 3 });
  assert.deepEqual([store.get("doc").name, store.get("readOnly"), store.get("sim").hash], ["r1", true, "r1/3"]);
  assert.deepEqual([store.get("selection").nodes, store.get("lane"), replay.active()], [[], "voltages", true]);
  assert.match(shown.get("replay").text, /Rings, epoch 3/);
  shown.get("replay").actions[0].run();
  assert.equal(store.get("doc"), own);
  assert.deepEqual(store.get("selection"), { nodes: ["n1"], devices: [] });
  assert.deepEqual([store.get("readOnly"), store.get("run"), store.get("sim"), replay.active()], [false, null, null, false]);
  replay.leave();
  assert.deepEqual(calls, ["enter", "leave"]);
});

test("another epoch changes the trajectory only, another run the circuit too", async () => {
  const { own, store, api, calls, replay } = bench();
  await replay.setRun({ id: "r1", epoch: 0 });
  const first = store.get("doc");
  await replay.setRun({ id: "r1", epoch: 1 });
  assert.equal(store.get("doc"), first);
  assert.equal(store.get("sim").hash, "r1/1");
  await replay.setRun({ id: "r2", epoch: 0 });
  assert.equal(store.get("doc").name, "r2");
  assert.deepEqual(calls, ["enter", "enter"]);
  assert.deepEqual(api.asked, ["r1/0", "r1", "r1/1", "r2/0", "r2"]);
  await replay.setRun(null);
  assert.equal(store.get("doc"), own, "what comes back is the circuit from before the first run");
});

test("of two epochs asked for in quick succession the newer counts, whichever answer comes first", async () => {
  const api = server();
  const answers = [deferred(), deferred()];
  api.runFrame = (_, epoch) => answers[epoch].promise;
  const { store, said, replay } = bench(api);
  replay.setRun({ id: "r1", epoch: 0 });
  replay.setRun({ id: "r1", epoch: 1 });
  answers[1].resolve(rcPair());
  await settle();
  answers[0].resolve(rcPair());
  await settle();
  assert.equal(store.get("sim").hash, "r1/1");
  assert.deepEqual(said, []);
});

test("what the server says of a frame it lacks is told, and the board stays", async () => {
  const api = server();
  api.runFrame = async () => { throw new Error("Epoch 9 was not kept."); };
  const { own, store, said, replay } = bench(api);
  await replay.setRun({ id: "r1", epoch: 9 });
  assert.deepEqual(said, ["Epoch 9 was not kept."]);
  assert.equal(store.get("doc"), own);
});

test("recordings are asked for once; beyond the most the oldest is asked for again", async () => {
  const api = server();
  const recordings = createRecordings(api, 2);
  const [whole, cut] = [{ deviceIds: ["d1", "d2"] }, { deviceIds: ["d2"] }];
  for (const [epoch, sim] of [[0, whole], [1, whole], [2, cut], [3, cut]]) await recordings.circuit("r", epoch, sim);
  const first = await recordings.frame("r", 0);
  assert.equal(await recordings.frame("r", 0), first);
  await recordings.frame("r", 1);
  await recordings.frame("r", 2);
  assert.notEqual(await recordings.frame("r", 0), first);
  assert.deepEqual(api.asked, ["r", "r", "r/0", "r/1", "r/2", "r/0"], "a run that was edited has more than one circuit");
});
