import assert from "node:assert/strict";
import { test } from "node:test";
import { PASS_SECONDS, createClock } from "../../../assets/modules/play/clock.mjs";
import { createPlayback } from "../../../assets/modules/play/playback.mjs";
import { createStore } from "../../../assets/modules/lib/store.mjs";
import { initialState } from "../../../assets/modules/document/state.mjs";

const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} != ${b}`);

/** A page whose frames come when the test says so. */
function bench(clock = createClock({ duration: 1 })) {
  const store = createStore(initialState());
  const ordered = [];
  const playback = createPlayback({ store, clock, requestFrame: (fn) => ordered.push(fn) });
  const frame = (ms) => ordered.splice(0).forEach((fn) => fn(ms));
  return { store, playback, ordered, frame, time: () => store.get("time") };
}

test("frames are ordered only while playing, one at a time", () => {
  const { store, playback, ordered, frame } = bench();
  assert.equal(ordered.length, 0);
  playback.play();
  playback.faster();
  assert.equal(ordered.length, 1);
  assert.equal(store.get("playing"), true);
  frame(0);
  assert.equal(ordered.length, 1);
  playback.pause();
  frame(16);
  assert.equal(ordered.length, 0);
});

test("time advances by the wall time between frames; a long absence counts as a tenth of a second", () => {
  const { playback, frame, time } = bench();
  playback.play();
  frame(5000);
  near(time(), 0);
  frame(5050);
  near(time(), 0.05 / PASS_SECONDS);
  frame(65050);
  near(time(), 0.15 / PASS_SECONDS);
});

test("a pause is not made up for when playing goes on", () => {
  const { playback, frame, time } = bench();
  playback.play();
  frame(0);
  frame(50);
  playback.pause();
  frame(60);
  playback.play();
  frame(10000);
  near(time(), 0.05 / PASS_SECONDS);
});

test("a pass that ends without a loop stops the frames", () => {
  const { store, playback, ordered, frame } = bench();
  playback.toggleLoop();
  playback.seek(0.9999);
  playback.play();
  frame(0);
  frame(100);
  assert.deepEqual([store.get("time"), store.get("playing"), ordered.length], [1, false, 0]);
});

test("another trajectory keeps the share of time; without one playing ends", () => {
  const { store, playback, time } = bench();
  playback.seek(0.25);
  store.set({ sim: { duration: 4, t: [0, 4] } });
  near(time(), 1);
  playback.toggle();
  assert.equal(store.get("playing"), true);
  playback.step(1);
  assert.deepEqual([time(), store.get("playing")], [4, false]);
  playback.play();
  store.set({ sim: null });
  assert.equal(store.get("playing"), false);
  playback.toggle();
  assert.equal(store.get("playing"), false);
});

test("the adjoint lane runs backwards from the end, the others forwards again", () => {
  const { store, playback, time } = bench();
  store.set({ lane: "adjoint" });
  assert.deepEqual([time(), store.get("direction")], [1, -1]);
  playback.seek(0.5);
  store.set({ lane: "currents" });
  assert.deepEqual([time(), store.get("direction")], [0.5, 1]);
  store.set({ lane: "adjoint" });
  playback.restart();
  assert.equal(time(), 1);
});
