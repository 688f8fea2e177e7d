import assert from "node:assert/strict";
import { test } from "node:test";
import { createTimer } from "../../../assets/modules/lib/timer.mjs";
import { manualTimers } from "../scripted.mjs";

test("a new date replaces the old one, and what is cancelled never happens", async () => {
  const timers = manualTimers();
  const timer = createTimer(timers);
  const done = [];
  assert.equal(timer.waiting, false);
  timer.set(() => done.push("first"), 100);
  timer.set(() => done.push("second"), 50);
  assert.deepEqual([timer.waiting, timers.waiting], [true, [50]]);
  await timers.run();
  assert.deepEqual([done, timer.waiting], [["second"], false]);
  timer.set(() => done.push("third"), 10);
  timer.cancel();
  await timers.run();
  assert.deepEqual(done, ["second"]);
});

test("what is done may plan itself again", async () => {
  const timers = manualTimers();
  const timer = createTimer(timers);
  let count = 0;
  const again = () => {
    count += 1;
    if (count < 3) timer.set(again, 5);
  };
  timer.set(again, 5);
  for (let k = 0; k < 5; k++) await timers.run();
  assert.deepEqual([count, timer.waiting], [3, false]);
});

test("without timers of its own it uses the page's", async () => {
  await new Promise((resolve) => createTimer().set(resolve, 0));
});
