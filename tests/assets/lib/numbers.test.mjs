import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, clockTime, count, editable, number, parse, power, quantity, span, tickLabels } from "../../../assets/modules/lib/numbers.mjs";

test("quantities carry three digits and an SI prefix", () => {
  assert.equal(quantity(0.214, "V"), "0.214 V");
  assert.equal(quantity(1.3e-3, "A"), "1.30 mA");
  assert.equal(quantity(-4.7e-6, "F"), "−4.70 µF");
  assert.equal(quantity(12345, "V"), "12.3 kV");
  assert.equal(quantity(2, "S"), "2.00 S");
  assert.equal(quantity(0, "A"), "0 A");
  assert.equal(quantity(1e-18, "A"), "0 A");
  assert.equal(quantity(-3.4028e38, "V"), "−3.40 × 10³⁸ V");
});

test("rounding that reaches the next power of ten takes the next prefix", () => {
  assert.equal(quantity(999.7e-6, "A"), "1.00 mA");
  assert.equal(quantity(0.9996, "V"), "1.00 V");
  assert.equal(quantity(0.09996, "V"), "0.100 V");
});

test("missing and infinite values are shown as such", () => {
  assert.equal(quantity(NaN, "V"), "–");
  assert.equal(quantity(undefined, "V"), "–");
  assert.equal(quantity(-Infinity, "V"), "−∞");
  assert.equal(number(NaN), "–");
});

test("bare numbers stay plain in the readable range", () => {
  assert.equal(number(0.214), "0.214");
  assert.equal(number(-1.5), "−1.50");
  assert.equal(number(1234), "1234");
  assert.equal(number(0), "0");
  assert.equal(number(1.3e-7), "1.30 × 10⁻⁷");
  assert.equal(power(-1.3e-3), "−1.3 × 10⁻³");
});

test("typed text becomes a number, also with prefix, unit or comma", () => {
  assert.equal(parse("1.3"), 1.3);
  assert.equal(parse("1,3"), 1.3);
  assert.equal(parse("2.2k"), 2200);
  assert.equal(parse("-5 mV"), -0.005);
  assert.equal(parse("−0.5 V"), -0.5);
  assert.equal(parse("1e-3"), 1e-3);
  assert.equal(parse("10 uF"), 1e-5);
  assert.equal(parse("3 F"), 3);
  assert.equal(parse(".5"), 0.5);
});

test("text that is no number is refused, not guessed", () => {
  for (const text of ["", "abc", "1.2.3", "NaN", "Infinity", "1 lightyear", "--1", "1e999"]) {
    assert.equal(parse(text), null, text);
  }
});

test("what is shown can be typed back", () => {
  for (const value of [0.214, 1.3e-3, -4.7e-6, 12345, 2.5e9]) {
    const back = parse(quantity(value, "V"));
    assert.ok(Math.abs(back - value) <= 5e-3 * Math.abs(value), `${value} -> ${back}`);
    assert.equal(parse(editable(value)), value);
  }
  assert.equal(parse(number(1.3e-7)), 1.3e-7);
  assert.equal(editable(0.1 + 0.2), "0.3");
  assert.equal(editable(1e-6), "1e-6");
  assert.equal(editable(2.5e9), "2.5e9");
  assert.equal(editable(0), "0");
});

test("times on one ruler share unit and decimals", () => {
  assert.equal(clockTime(0.15, 1), "0.150 s");
  assert.equal(clockTime(0, 1), "0.000 s");
  assert.equal(clockTime(1.5e-4, 1e-3), "0.150 ms");
  assert.equal(clockTime(12.34, 50), "12.34 s");
});

test("ticks of an axis share the prefix of the largest", () => {
  assert.deepEqual(tickLabels([0, 0.5, 1], 0.5), ["0", "0.5", "1"]);
  assert.deepEqual(tickLabels([-0.25, 0, 0.25], 0.25), ["−0.25", "0", "0.25"]);
  assert.deepEqual(tickLabels([-0.02, -0.01, 0, 0.01], 0.01), ["−20m", "−10m", "0", "10m"]);
  assert.deepEqual(tickLabels([2.5e-6, 5e-6, 7.5e-6], 2.5e-6), ["2.5µ", "5µ", "7.5µ"]);
  assert.deepEqual(tickLabels([1e-9, 2e-9, 3e-9].map((x) => x * (1 - 1e-12)), 1e-9), ["1n", "2n", "3n"]);
  assert.deepEqual(tickLabels([500, 1000, 1500], 500), ["0.5k", "1k", "1.5k"]);
  assert.deepEqual(tickLabels([1.00002, 1.00004], 2e-5), ["1.00002", "1.00004"]);
  assert.deepEqual(tickLabels([-2e-20, 0, 2e-20], 2e-20), ["−2.0 × 10⁻²⁰", "0", "2.0 × 10⁻²⁰"]);
  assert.deepEqual(tickLabels([], 1), []);
});

test("spans, counts and ages read like sentences", () => {
  assert.equal(span(0.84), "0.8 s");
  assert.equal(span(200), "3 min 20 s");
  assert.equal(span(7500), "2 h 5 min");
  assert.equal(count(1, "node"), "1 node");
  assert.equal(count(1200, "device"), "1,200 devices");
  assert.equal(ago(1000, 1010), "just now");
  assert.equal(ago(1000, 1000 + 7200), "2 h ago");
});
