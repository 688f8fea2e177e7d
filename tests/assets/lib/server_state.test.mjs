import assert from "node:assert/strict";
import { test } from "node:test";
import { serverState, serverWords, watchServer } from "../../../assets/modules/lib/server_state.mjs";
import { createStore } from "../../../assets/modules/lib/store.mjs";
import { initialState } from "../../../assets/modules/document/state.mjs";
import { manualTimers, settle } from "../scripted.mjs";

function bench(health) {
  const store = createStore(initialState());
  const timers = manualTimers();
  let asked = 0;
  watchServer({ store, timers, api: { health: async () => { asked += 1; return health(); } } });
  return { store, timers, asked: () => asked };
}

test("compiling, away and at work are different words", () => {
  const states = [{ ready: false }, { ready: true }, null].map(serverState);
  assert.deepEqual(states, ["compiling", "ready", "away"]);
  assert.equal(new Set(states.map((state) => serverWords(state).text)).size, 3);
});

test("a fast answer asks nothing", async () => {
  const { store, timers, asked } = bench(() => ({ ready: true }));
  store.set({ simState: "running" });
  store.set({ simState: "fresh" });
  await timers.run();
  assert.equal(asked(), 0);
});

test("a missing answer is explained until it comes", async () => {
  let ready = false;
  const { store, timers, asked } = bench(() => ({ ready }));
  store.set({ simState: "running" });
  await timers.run();
  assert.equal(store.get("server"), "compiling");
  ready = true;
  await timers.run();
  assert.equal(store.get("server"), "ready");
  store.set({ simState: "fresh" });
  await settle();
  await timers.run();
  assert.equal(asked(), 2);
});

test("a server that does not answer is away, and asked again", async () => {
  const { store, timers } = bench(() => { throw new Error("no"); });
  store.set({ simState: "running" });
  await timers.run();
  assert.equal(store.get("server"), "away");
  assert.equal(timers.waiting.length, 1);
});
