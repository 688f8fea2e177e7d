import assert from "node:assert/strict";
import { test } from "node:test";
import { paced } from "../../../assets/modules/lib/pace.mjs";

test("a paced read-out is limited, and the last value is never lost", () => {
  let time = 0;
  let value = 0;
  const seen = [];
  const due = [];
  const call = paced(() => seen.push(value), 100, () => time, (run, wait) => due.push({ run, at: time + wait }));
  for (; time < 250; time += 10) {
    value = time;
    while (due.length > 0 && due[0].at <= time) due.shift().run();
    call();
  }
  assert.deepEqual(seen, [0, 100, 200]);
  value = 999; // nothing calls any more: the value of the end still arrives
  for (; time < 400; time += 10) while (due.length > 0 && due[0].at <= time) due.shift().run();
  assert.deepEqual(seen, [0, 100, 200, 999]);
});

test("a read-out asked for now never waits, and the one that waits still comes", () => {
  let time = 0;
  let value = 0;
  const seen = [];
  const due = [];
  const call = paced(() => seen.push(value), 100, () => time, (run, wait) => due.push({ run, at: time + wait }));
  call();
  time = 10;
  value = 1;
  call();
  value = 2;
  call.now();
  assert.deepEqual(seen, [0, 2]);
  value = 3;
  due.shift().run();
  assert.deepEqual(seen, [0, 2, 3]);
});
