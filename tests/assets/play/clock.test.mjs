import assert from "node:assert/strict";
import { test } from "node:test";
import { createClock, PASS_SECONDS, sampleFrom, speedFrom, SPEEDS } from "../../../assets/modules/play/clock.mjs";

const near = (a, b, message) => assert.ok(Math.abs(a - b) < 1e-9, message ?? `${a} != ${b}`);

test("time moves only while playing, in proportion to speed and duration", () => {
  const clock = createClock({ duration: 2 });
  clock.tick(1);
  near(clock.time, 0);
  clock.play();
  clock.tick(1);
  near(clock.time, 2 / PASS_SECONDS);
  clock.speed = 2;
  clock.tick(1);
  near(clock.time, 6 / PASS_SECONDS);
});

test("the end stops, or rests and starts again when looping", () => {
  const clock = createClock({ duration: 1, hold: 0.5 });
  clock.loop = false;
  clock.seek(0.99);
  clock.play();
  clock.tick(10);
  assert.equal(clock.time, 1);
  assert.equal(clock.playing, false);

  clock.loop = true;
  clock.seek(0.99);
  clock.play();
  clock.tick(10);
  assert.equal(clock.time, 1, "the final state stays visible");
  clock.tick(0.3);
  assert.equal(clock.time, 1);
  clock.tick(0.3);
  assert.equal(clock.time, 0);
  assert.equal(clock.playing, true);
});

test("backwards playback ends at zero and restarts from the duration", () => {
  const clock = createClock({ duration: 1 });
  clock.loop = false;
  clock.setDirection(-1);
  clock.play();
  assert.equal(clock.time, 1, "a finished pass starts over");
  clock.tick(PASS_SECONDS / 2);
  near(clock.time, 0.5);
  clock.tick(PASS_SECONDS);
  assert.equal(clock.time, 0);
  assert.equal(clock.playing, false);
});

test("play at the end starts from the beginning", () => {
  const clock = createClock({ duration: 3 });
  clock.seek(3);
  clock.play();
  assert.equal(clock.time, 0);
});

test("steps land on samples and pause", () => {
  const clock = createClock({ duration: 1 });
  const times = Float32Array.from([0, 0.25, 0.5, 0.75, 1]);
  clock.play();
  clock.seek(0.3);
  assert.equal(clock.step(1, times), 0.5);
  assert.equal(clock.playing, false);
  assert.equal(clock.step(1, times), 0.75);
  assert.equal(clock.step(-1, times), 0.5);
  clock.seek(0.3);
  assert.equal(clock.step(-1, times), 0.25);
  clock.seek(0);
  assert.equal(clock.step(-1, times), 0);
  clock.seek(1);
  assert.equal(clock.step(1, times), 1);
});

test("a new duration keeps the relative position; seeks are clamped", () => {
  const clock = createClock({ duration: 2 });
  clock.seek(1);
  clock.setDuration(10);
  near(clock.time, 5);
  assert.equal(clock.seek(99), 10);
  assert.equal(clock.seek(-1), 0);
  assert.equal(clock.seek(NaN), 0);
  clock.setDuration(0);
  clock.play();
  assert.equal(clock.tick(1), 0);
});

test("speed moves along fixed choices and stops at both ends", () => {
  const clock = createClock();
  assert.equal(clock.shiftSpeed(1), 2);
  for (let k = 0; k < 20; k += 1) clock.shiftSpeed(1);
  assert.equal(clock.speed, SPEEDS.at(-1));
  for (let k = 0; k < 20; k += 1) clock.shiftSpeed(-1);
  assert.equal(clock.speed, SPEEDS[0]);
});

test("several steps at once stop at the ends, and a time on a sample is that sample", () => {
  const times = [0, 1, 2, 3];
  assert.equal(sampleFrom(times, 0.5, 2, 1e-9), 2);
  assert.equal(sampleFrom(times, 0.5, 9, 1e-9), 3);
  assert.equal(sampleFrom(times, 2.5, -2, 1e-9), 1);
  assert.equal(sampleFrom(times, 2.5, -9, 1e-9), 0);
  assert.equal(sampleFrom(times, 1 + 1e-12, 1, 1e-9), 2);
  assert.equal(sampleFrom(times, 1 - 1e-12, -1, 1e-9), 0);
});

test("a speed between two fixed ones counts as the nearer by ratio", () => {
  assert.equal(speedFrom(1.4, 0), 1);
  assert.equal(speedFrom(1.5, 0), 2);
  assert.equal(speedFrom(0.3, 1), 0.5);
});

test("a loop without rest goes on from the beginning; a seek ends the rest", () => {
  const clock = createClock({ duration: 1, hold: 0 });
  clock.seek(0.99);
  clock.play();
  assert.equal(clock.tick(10), 0);
  const resting = createClock({ duration: 1, hold: 5 });
  resting.seek(0.99);
  resting.play();
  resting.tick(10);
  assert.equal(resting.tick(1), 1);
  resting.seek(0.5);
  near(resting.tick(1), 0.5 + 1 / PASS_SECONDS);
});
