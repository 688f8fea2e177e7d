import assert from "node:assert/strict";
import { test } from "node:test";
import { bodeFigure, decadeTicks, phaseStep } from "../../../../assets/modules/panels/small_signals/bode_figure.mjs";
import { planeOf, signedScale, tickText } from "../../../../assets/modules/panels/small_signals/pole_plane.mjs";
import { poleRow, poleSentence, poleText, responseCsv, sentence } from "../../../../assets/modules/panels/small_signals/words.mjs";

const LOOK = { text: "#111", muted: "#555", grid: "#eee", line: "#ccc", surface: "#fff", accent: "#00f", warm: "#f00", font: "sans-serif", series: [] };
const pole = (real, imaginary = 0) => {
  const size = Math.hypot(real, imaginary);
  return { real, imaginary, frequency: size / (2 * Math.PI), time_constant: real === 0 ? null : 1 / Math.abs(real), damping: size ? -real / size : 0 };
};

test("poles are named by their parts", () => {
  assert.equal(poleText(pole(-1000)), "−1.00k");
  assert.equal(poleText(pole(-1000, 9950)), "−1.00k ± 9.95kj");
  assert.equal(poleText(pole(0, 2e6)), "± 2.00Mj");
  assert.equal(poleText(pole(0)), "0");
  assert.deepEqual(poleRow(pole(-3, 4)), ["−3.00 ± 4.00j", "0.796 Hz", "0.333 s", "0.600"]);
  assert.equal(poleRow(pole(0, 1))[2], "∞");
});

test("what a pole does is said in words", () => {
  assert.equal(poleSentence(pole(-1000)), "fades e-fold in 1.00 ms");
  assert.equal(poleSentence(pole(10)), "grows e-fold in 0.100 s");
  assert.equal(poleSentence(pole(-1, 2 * Math.PI)), "swings at 1.00 Hz and fades e-fold in 1.00 s");
  assert.equal(poleSentence(pole(0, 2 * Math.PI * 1e3)), "swings at 1.00 kHz for ever");
  assert.equal(poleSentence(pole(0)), "stays as it is");
  assert.equal(sentence("stable; 1 Newton step"), "Stable; 1 Newton step.");
  assert.equal(sentence(""), "");
});

test("a scale of few decades is linear, of many it is logarithmic and odd", () => {
  const near = signedScale([-1, -20]);
  assert.ok(near.linear);
  assert.equal(near.of(-10), -0.5);
  const far = signedScale([-1, -1e9]);
  assert.ok(!far.linear);
  assert.equal(far.of(0), 0);
  assert.equal(far.of(1e9), 1);
  assert.equal(far.of(-1e3), -far.of(1e3));
  assert.ok(far.of(1e3) > 0.3 && far.of(1e3) < 0.4);
});

test("pairs stand above and below the axis, what fades left of the other", () => {
  const { marks, zero, yTicks } = planeOf([pole(-1000, 9950), pole(-500)]);
  assert.equal(marks.length, 3);
  for (const { x, y } of marks) assert.ok(x > 0 && x < zero && y > 0 && y < 1);
  assert.ok(Math.abs(marks[0].y + marks[1].y - 1) < 1e-12);
  assert.equal(marks[2].y, 0.5);
  assert.deepEqual(yTicks.map(({ text }) => text), ["0", "−5kj", "5kj"]);
  const grown = planeOf([pole(2), pole(-1)]);
  assert.ok(grown.marks[0].x > grown.zero && grown.marks[1].x < grown.zero);
  assert.equal(tickText(-2e8), "−200M");
});

test("frequencies are named by decades", () => {
  assert.deepEqual(decadeTicks(1, 1e4).ticktext, ["1", "10", "100", "1k", "10k"]);
  assert.deepEqual(decadeTicks(1e-3, 1).ticktext, ["1m", "10m", "100m", "1"]);
  assert.ok(decadeTicks(1e-5, 1e9).ticktext.length <= 8);
});

test("phases are named by parts of a turn", () => {
  assert.equal(phaseStep([[0, -90]]), 45);
  assert.equal(phaseStep([[0, -360]]), 90);
  assert.equal(phaseStep([[0, -1100]]) % 90, 0);
  assert.equal(phaseStep([[null]]), 45);
});

test("a Bode plot has two lines a node, gaps where nothing answers, and a mark a pole", () => {
  const response = { unit: "V/A", source: "I1", frequencies: [1, 10, 100], nodes: ["a", "b"], decibels: [[0, -3, -20], [null, null, null]], degrees: [[0, -45, -90], [null, null, null]] };
  const { data, layout } = bodeFigure(response, [pole(-2 * Math.PI * 10), pole(-1e9)], new Map([["a", "#f00"], ["b", "#0f0"]]), LOOK);
  assert.deepEqual(data.map(({ name, yaxis }) => [name, yaxis]), [["a", "y"], ["a", "y2"], ["b", "y"], ["b", "y2"]]);
  assert.deepEqual(data[0].y, [0, -3, -20]);
  assert.equal(data[0].line.color, "#f00");
  assert.deepEqual(layout.shapes.map(({ x0 }) => Math.round(x0)), [10, 10]);
  assert.equal(layout.yaxis.title.text, "Magnitude (dB of 1 Ω)");
  assert.deepEqual(layout.xaxis.range, [0, 2]);
  assert.ok(layout.yaxis.range[0] < -20 && layout.yaxis.range[1] > 0);
});

test("the file has a line a frequency and nothing where nothing answers", () => {
  const text = responseCsv({ frequencies: [1, 10], nodes: ["a", "=b"], decibels: [[0, -3], [null, null]], degrees: [[0, -45], [null, 1]] });
  assert.equal(text, "f [Hz],a [dB],a [deg],'=b [dB],'=b [deg]\n1,0,0,,\n10,-3,-45,,1\n");
});
