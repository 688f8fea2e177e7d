import assert from "node:assert/strict";
import { test } from "node:test";
import { createStore } from "../../../assets/modules/lib/store.mjs";

test("listeners hear only about their keys, and only about real changes", () => {
  const store = createStore({ a: 1, b: 1 });
  const heard = [];
  store.on(["a"], (state, changed) => heard.push([state.a, changed]));
  store.set({ b: 2 });
  store.set({ a: 1 });
  store.set({ a: 3, b: 3 });
  assert.deepEqual(heard, [[3, ["a", "b"]]]);
  assert.equal(store.get("b"), 3);
});

test("unsubscribing works, also from inside a notification", () => {
  const store = createStore({ a: 0 });
  let calls = 0;
  const off = store.on(["a"], () => {
    calls += 1;
    off();
  });
  store.set({ a: 1 });
  store.set({ a: 2 });
  assert.equal(calls, 1);
});

test("a listener may set further keys", () => {
  const store = createStore({ a: 0, b: 0 });
  store.on(["a"], (state) => store.set({ b: state.a * 2 }));
  const seen = [];
  store.on(["b"], (state) => seen.push(state.b));
  store.set({ a: 4 });
  assert.deepEqual(seen, [8]);
});
