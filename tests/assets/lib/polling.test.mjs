import assert from "node:assert/strict";
import { test } from "node:test";
import { createPolling, pause } from "../../../assets/modules/lib/polling.mjs";
import { deferred, manualTimers, settle } from "../scripted.mjs";

function bench({ pace = () => 500 } = {}) {
  const timers = manualTimers();
  const answers = [];
  const errors = [];
  let time = 0;
  const poll = createPolling({
    ask: (signal) => {
      const answer = deferred();
      answers.push({ ...answer, signal });
      return answer.promise;
    },
    pace, timers, clock: () => time, onError: (error) => errors.push(error.message),
  });
  return { poll, timers, answers, errors, pass: (ms) => { time += ms; } };
}

test("the next question comes only after the last answer", async () => {
  const { poll, timers, answers } = bench();
  poll.now();
  await timers.run();
  await timers.run();
  assert.equal(answers.length, 1, "no second question while one is under way");
  answers[0].resolve();
  await settle();
  assert.deepEqual(timers.waiting, [500]);
  await timers.run();
  assert.equal(answers.length, 2);
});

test("a slow server is asked less often, a silent one ever less", async () => {
  const { poll, timers, answers, errors, pass } = bench();
  poll.now();
  pass(2000);
  answers[0].resolve();
  await settle();
  assert.deepEqual(timers.waiting, [2000]);
  const waits = [];
  for (let k = 1; k <= 6; k += 1) {
    await timers.run();
    answers[k].reject(new Error("no answer"));
    await settle();
    waits.push(timers.waiting[0]);
  }
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 8000, 8000]);
  assert.equal(errors.length, 6);
  await timers.run();
  answers[7].resolve();
  await settle();
  assert.deepEqual(timers.waiting, [500], "an answer brings the usual pace back");
});

test("asked again during an answer it asks once more right after it", async () => {
  const { poll, timers, answers } = bench();
  poll.now();
  poll.now();
  poll.now();
  answers[0].resolve();
  await settle();
  assert.deepEqual(timers.waiting, [0]);
});

test("what was asked before a fresh question is given up and says nothing any more", async () => {
  const { poll, timers, answers, errors } = bench();
  poll.now();
  poll.now({ fresh: true });
  assert.ok(answers[0].signal.aborted);
  answers[0].reject(new Error("aborted"));
  await settle();
  assert.deepEqual([timers.waiting, errors], [[], []]);
  answers[1].resolve();
  await settle();
  assert.deepEqual(timers.waiting, [500]);
});

test("without a pace it rests until it is asked; stopped it stays silent", async () => {
  let pace = null;
  const { poll, timers, answers } = bench({ pace: () => pace });
  poll.now();
  answers[0].resolve();
  await settle();
  assert.ok(poll.idle);
  pace = 500;
  poll.now();
  answers[1].resolve();
  await settle();
  assert.ok(!poll.idle);
  poll.stop();
  assert.ok(poll.idle);
  assert.deepEqual(timers.waiting, []);
});

test("no wait is longer than a quarter of a minute unless that is the pace", () => {
  assert.equal(pause({ usual: 500, took: 60_000, failures: 9 }), 15_000);
  assert.equal(pause({ usual: 20_000, took: 0, failures: 0 }), 20_000);
});
