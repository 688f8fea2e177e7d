import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyWords, progressWords } from "../../../assets/modules/panels/run_card.mjs";
import { MOST_POINTS, comparisonFigure, logTicks, messageFigure, runFigure, series } from "../../../assets/modules/panels/run_curves.mjs";
import { epochWords } from "../../../assets/modules/panels/run_follow.mjs";
import { RunSet, merged, paceOf } from "../../../assets/modules/panels/run_set.mjs";
import { allowed, emptyText, noteOf, paceOfTable } from "../../../assets/modules/panels/runs_list.mjs";
import { TRACE_COLOURS } from "../../../assets/modules/panels/traces.mjs";

const LOOK = { text: "#111", muted: "#666", grid: "#eee", line: "#ccc", surface: "#fff", accent: "#00f", warm: "#f00", font: "sans", series: TRACE_COLOURS.dark };
const METRICS = [
  { name: "accuracy", place: "score", words: "accuracy", axis: "accuracy (%)", suffix: " %", factor: 100, scale: "linear" },
  { name: "r2", place: "further", words: "R²", axis: "R²", suffix: "", factor: 1, scale: "linear" },
  { name: "loss", place: "loss", words: "loss", axis: "loss", suffix: "", factor: 1, scale: "linear" },
  { name: "bias", place: "score", words: "solver bias", axis: "solver bias (mV)", suffix: " mV", factor: 1000, scale: "log" },
];
const ROWS = [
  { step: 8, epoch: 1, train_loss: 0.9, train_accuracy: 0.5 },
  { step: 16, epoch: 1, train_loss: 0.7, test_loss: 0.8, test_accuracy: 0.6 },
  { step: 32, epoch: 2, train_loss: 0.4, test_loss: 0.5, test_accuracy: 0.9 },
];
const NUMBERS = [
  { step: 8, epoch: 1, train_loss: 0.3, test_loss: 0.2, test_r2: 0.1 },
  { step: 16, epoch: 2, train_loss: 0.1, test_loss: 0.1, test_r2: 0.6 },
];

test("reports stand at their place within an epoch", () => {
  assert.deepEqual(series(ROWS, "train_loss"), { x: [0.5, 1, 2], y: [0.9, 0.7, 0.4] });
  assert.deepEqual(series(ROWS, "test_accuracy"), { x: [1, 2], y: [0.6, 0.9] });
  assert.deepEqual(series(ROWS, "unknown"), { x: [], y: [] });
});

test("long runs are thinned, figure by figure, and keep the newest report; what is not finite is left out", () => {
  const rows = Array.from({ length: 10_000 }, (_, k) => ({ step: k + 1, epoch: k + 1, train_loss: k === 5 ? null : k + 1 }));
  rows[6].test_loss = 1;
  const { y } = series(rows, "train_loss");
  assert.ok(y.length <= MOST_POINTS + 1);
  assert.equal(y.at(-1), 10_000);
  assert.ok(y.every(Number.isFinite));
  assert.deepEqual(series(rows, "test_loss").y, [1]);
});

test("curves have their units, and zoom survives an update", () => {
  const { data, layout } = runFigure(ROWS, LOOK, METRICS, { id: "run-1", active: true });
  assert.equal(layout.uirevision, "run-1");
  assert.equal(layout.xaxis.title.text, "epoch");
  assert.match(layout.yaxis2.title.text, /%/);
  const shown = Object.fromEntries(data.map((one) => [one.hovertemplate.split(" %{")[0], one.y]));
  assert.deepEqual(shown["accuracy, test"], [60, 90]);
  assert.deepEqual(shown["loss, training"], [0.9, 0.7, 0.4]);
});

test("curves follow the task, and a density's loss may be negative", () => {
  const numbers = runFigure(NUMBERS, LOOK, METRICS);
  assert.equal(numbers.layout.yaxis2.title.text, "R²");
  assert.deepEqual(numbers.data.filter((one) => one.yaxis === "y2").map((one) => one.y), [[0.1, 0.6]]);
  const density = runFigure([{ step: 8, epoch: 1, train_loss: 0.3, test_loss: -1, test_nll: -1 }], LOOK, METRICS);
  assert.deepEqual([...new Set(density.data.map((one) => one.yaxis))], ["y"]);
  assert.equal(density.layout.yaxis.rangemode, "normal");
  assert.equal(numbers.layout.yaxis.rangemode, "tozero");
});

test("a metric of which nothing is known here is drawn as it describes itself", () => {
  const rows = [{ step: 8, epoch: 1, train_loss: 0.3, test_loss: 0.2, test_bias: 0.004 }];
  const { data, layout } = runFigure(rows, LOOK, METRICS);
  assert.deepEqual(layout.yaxis2, { ...layout.yaxis2, type: "log", title: { ...layout.yaxis2.title, text: "solver bias (mV)" } });
  const [line] = data.filter((one) => one.yaxis === "y2");
  assert.deepEqual([line.y, line.hovertemplate], [[4], "solver bias, test %{y:.4~g} mV<extra></extra>"]);
  assert.equal(layout.yaxis.type, undefined);
  const compared = comparisonFigure([{ name: "one", rows }], LOOK, METRICS);
  assert.deepEqual([compared.layout.yaxis2.title.text, compared.layout.yaxis2.type], ["test solver bias (mV)", "log"]);
});

test("what a model says of its inside stands beside, shares first and decades last", () => {
  const inside = [
    { name: "stable", place: "inside", words: "stable", axis: "stable (%)", suffix: " %", factor: 100, scale: "linear" },
    { name: "settled", place: "inside", words: "settled", axis: "settled (%)", suffix: " %", factor: 100, scale: "linear" },
    { name: "condition", place: "inside", words: "median condition", axis: "median condition", suffix: "", factor: 1, scale: "log" },
    { name: "worst_condition", place: "inside", words: "worst condition", axis: "worst condition", suffix: "", factor: 1, scale: "log" },
  ];
  const rows = ROWS.map((row) => ("test_loss" in row ? { ...row, test_stable: 0.5, test_settled: 1, test_condition: 12, test_worst_condition: 90 } : row));
  const { data, layout } = runFigure(rows, LOOK, [...inside, ...METRICS]);
  const [stable, settled, condition, worst] = data.slice(-4);
  assert.deepEqual([stable.y, settled.y, condition.y, worst.y], [[50, 50], [100, 100], [12, 12], [90, 90]]);
  assert.deepEqual([stable.yaxis, settled.yaxis, condition.yaxis], ["y3", "y3", "y4"]);
  assert.notEqual(stable.line.dash, settled.line.dash);
  assert.deepEqual([layout.yaxis3.title.text, layout.yaxis4.title.text], ["stable, settled (%)", "condition"]);
  assert.deepEqual([layout.yaxis4.type, layout.yaxis2.title.text], ["log", "accuracy (%)"]);
  const ends = ["xaxis", "xaxis2", "xaxis3", "xaxis4"].flatMap((name) => layout[name].domain);
  assert.deepEqual(ends, ends.toSorted((one, other) => one - other), "side by side");
  assert.deepEqual(runFigure(ROWS, LOOK, [...inside, ...METRICS]).layout.xaxis.domain, [0, 0.43]);
  const compared = comparisonFigure([{ name: "one", rows }], LOOK, [...inside, ...METRICS]);
  assert.equal(compared.layout.yaxis2.title.text, "test accuracy (%)");
});

test("what is minimised has one curve, on the axis of its metric", () => {
  const l2 = { name: "relative_l2", place: "score", words: "relative L2 error", axis: "relative L2 error", suffix: "", factor: 1, scale: "log", minimised: true };
  const rows = [1, 2].map((epoch) => ({ step: 8 * epoch, epoch, train_loss: 1 / epoch, validation_loss: 2 / epoch, validation_relative_l2: 2 / epoch }));
  Object.assign(rows[1], { test_loss: 1.5, test_relative_l2: 1.5 });
  const { data, layout } = runFigure(rows, LOOK, [...METRICS, l2]);
  assert.deepEqual(data.map(({ name, mode, y }) => [name, mode, y]), [["training", "lines", [1, 0.5]], ["validation", "lines", [2, 1]]]);
  assert.deepEqual([layout.yaxis.type, layout.yaxis.title.text, layout.yaxis2], ["log", "relative L2 error", undefined]);
  const compared = comparisonFigure([{ name: "one", rows }, { name: "two", rows }], LOOK, [...METRICS, l2]).layout;
  assert.deepEqual([compared.yaxis.type, compared.yaxis2.type], ["log", "log"]);
  assert.deepEqual([compared.yaxis.title.text, compared.yaxis2.title.text], ["training relative L2 error", "validation relative L2 error"]);
  const mixed = comparisonFigure([{ name: "one", rows }, { name: "two", rows: ROWS }], LOOK, [...METRICS, l2]).layout;
  assert.equal(mixed.yaxis2.title.text, "held-out loss");
});

test("a logarithmic axis names what lies around its values, and of many decades few of each", () => {
  const near = logTicks([0.08, 0.9]);
  for (const value of [0.1, 0.2, 0.5, 1]) assert.ok(near.includes(value), `${value}`);
  assert.ok(near.at(0) < 0.08 && near.at(-1) > 0.9);
  assert.deepEqual(logTicks([1e-4, 1]).filter((value) => value >= 1e-4 && value <= 1), [1e-4, 1e-3, 1e-2, 0.1, 1]);
  assert.deepEqual(logTicks([0.16, 0.28]).filter((value) => value > 0.15 && value < 0.3), [0.2, 0.25]);
  assert.ok(logTicks([]).length > 0 && logTicks([0, -1]).every((value) => value > 0));
});

test("one report is a point; none is said in words", () => {
  assert.deepEqual(runFigure(ROWS.slice(0, 1), LOOK, METRICS).data.map((one) => one.mode), ["markers"]);
  assert.match(runFigure([], LOOK, METRICS).layout.annotations[0].text, /first epoch/);
  assert.match(runFigure([], LOOK, METRICS, { active: false }).layout.annotations[0].text, /ended/);
  assert.equal(messageFigure("wait", LOOK).layout.annotations[0].text, "wait");
});

test("compared runs have one colour each, also two of one name", () => {
  const { data } = comparisonFigure([{ name: "one", rows: ROWS }, { name: "one", rows: ROWS.slice(0, 2) }], LOOK, METRICS);
  const colours = (group) => new Set(data.filter((one) => one.legendgroup === group).map((one) => one.line.color));
  assert.deepEqual([colours("0").size, colours("1").size], [1, 1]);
  assert.notDeepEqual(colours("0"), colours("1"));
  assert.deepEqual(data.filter((one) => one.yaxis === "y2").map((one) => one.y), [[60, 90], [60]]);
});

test("runs are compared by a figure they share", () => {
  const alike = comparisonFigure([{ name: "one", rows: NUMBERS }, { name: "two", rows: NUMBERS.slice(0, 1) }], LOOK, METRICS);
  assert.equal(alike.layout.yaxis2.title.text, "test R²");
  const mixed = comparisonFigure([{ name: "one", rows: NUMBERS }, { name: "two", rows: ROWS }], LOOK, METRICS);
  assert.equal(mixed.layout.yaxis2.title.text, "test loss");
  assert.deepEqual(mixed.data.filter((one) => one.yaxis === "y2").map((one) => one.y.length), [2, 2]);
});

test("new reports are appended, a run cut back begins anew, no news changes nothing", () => {
  const first = merged(undefined, { from: 0, count: 2, rows: [1, 2], state: "running" });
  assert.equal(merged(first, null), first);
  const next = merged(first, { from: 2, count: 3, rows: [3], state: "done" });
  assert.deepEqual([next.rows, next.count, next.state], [[1, 2, 3], 3, "done"]);
  assert.deepEqual(merged(next, { from: 0, count: 1, rows: [1] }).rows, [1]);
});

test("a run at work is asked for often where it is seen, rarely elsewhere, never from the gallery", () => {
  const pace = (place, more = {}) => paceOf({ place, hidden: false, active: true, ...more });
  assert.ok(pace("train") <= 500);
  assert.ok(pace("build") > pace("train"));
  assert.ok(pace("train", { active: false }) > pace("train"));
  assert.ok(pace("train", { hidden: true }) > pace("build"));
  assert.equal(pace("gallery"), null);
});

test("the followed run is asked for, and of those compared the ones at work, each once", () => {
  const runs = new RunSet();
  assert.deepEqual([runs.wanted("runs"), runs.pace("runs", false), runs.shown("runs")], [[], null, []]);
  runs.followed = "a";
  runs.chosen = ["a", "b", "c"];
  runs.learn("b", { id: "b", active: false });
  runs.learn("c", { id: "c", active: true });
  assert.deepEqual(runs.wanted("runs"), ["a", "c"]);
  assert.deepEqual(runs.wanted("train"), ["a"], "nothing is compared there");
  assert.deepEqual(runs.shown("runs").map(({ id }) => id), ["b", "c"], "of a nothing is known yet");
  assert.deepEqual(runs.shown("train"), []);
  runs.chosen = ["b"];
  assert.equal(runs.comparing("runs"), false, "one run is no comparison");
});

test("a set of runs is asked for as often as its busiest one, and one that is gone no longer", () => {
  const runs = new RunSet();
  runs.followed = "a";
  const unknown = runs.pace("train", false);
  runs.learn("a", { id: "a", active: false });
  assert.ok(runs.pace("train", false) > unknown);
  assert.equal(runs.pace("gallery", false), null);
  runs.chosen = ["a", "b"];
  assert.equal(runs.pace("runs", false), unknown, "b may be at work");
  runs.forget("b");
  assert.deepEqual([runs.chosen, runs.live.id], [["a"], "a"]);
  runs.forget("a");
  assert.equal(runs.live, undefined);
});

test("the table is asked for while it is seen, more often while a run is at work", () => {
  const pace = (more) => paceOfTable({ shown: true, hidden: false, active: true, ...more });
  assert.equal(pace({ shown: false }), null);
  assert.ok(pace({}) < pace({ active: false }) && pace({ active: false }) < pace({ hidden: true }));
});

test("the slider says which epoch is on show, and before that what it is for", () => {
  const circuit = { circuit: true, epochs: [1, 2, 4] };
  assert.equal(epochWords(circuit, 2), "Epoch 2 of 4, the same example at every epoch.");
  assert.equal(epochWords({ ...circuit, circuit: false }, 4), "Epoch 4 of 4, its answers beside the curves.");
  assert.match(epochWords(circuit, null), /on the board/);
  assert.match(epochWords({ ...circuit, circuit: false }, null), /beside the curves/);
  assert.equal(epochWords(undefined, null), epochWords(circuit, null));
});

test("reading, empty and no answer are different words", () => {
  const list = [{ rows: null, trouble: "" }, { rows: [], trouble: "" }, { rows: null, trouble: "The server does not answer." }].map(emptyText);
  assert.equal(new Set(list).size, 3);
  assert.match(list[1], /No runs yet/);
  assert.equal(emptyText({ rows: [{}], trouble: "The server does not answer." }), "", "rows are there, as last seen");
  const dock = [{}, { looked: true }, { followed: "a" }, { trouble: "No answer." }].map(emptyWords);
  assert.equal(new Set(dock).size, 4);
});

test("what is old says so", () => {
  const card = { progress: "Training · step 5 of 9" };
  assert.equal(progressWords(card, ""), card.progress);
  assert.equal(progressWords(card, "The server does not answer."), "The server does not answer. Last seen: Training · step 5 of 9");
});

test("actions fit the chosen runs, and the first doubt about them is said", () => {
  const [busy, ended] = [{ active: true, resumable: false, warning: "", name: "a" }, { active: false, resumable: true, warning: "Coarse.", name: "b" }];
  assert.deepEqual(allowed([]), { stop: false, resume: false, delete: false });
  assert.deepEqual(allowed([busy, ended]), { stop: true, resume: true, delete: false });
  assert.deepEqual(allowed([ended]), { stop: false, resume: true, delete: true });
  assert.deepEqual(noteOf([busy, ended]), { text: "b: Coarse.", kind: "warn" });
  assert.deepEqual(noteOf([ended]), { text: "Coarse.", kind: "warn" });
  assert.equal(noteOf([busy]).kind, "");
});

test("a run with a validation set shows that, and not the one point of the test set", () => {
  const rows = [
    { step: 4, epoch: 1, train_loss: 0.9 },
    { step: 8, epoch: 1, train_loss: 0.8, validation_loss: 0.7 },
    { step: 16, epoch: 2, train_loss: 0.4, validation_loss: 0.3, test_loss: 0.35 },
  ];
  const { data } = runFigure(rows, LOOK, METRICS);
  assert.deepEqual(data.map(({ name, x, y }) => [name, x, y]), [["training", [0.5, 1, 2], [0.9, 0.8, 0.4]], ["validation", [1, 2], [0.7, 0.3]]]);
  const beside = comparisonFigure([{ name: "a", rows }, { name: "b", rows: NUMBERS }], LOOK, METRICS);
  assert.deepEqual(beside.data.filter(({ xaxis }) => xaxis === "x2").map(({ y }) => y), [[0.7, 0.3], [0.2, 0.1]]);
});
