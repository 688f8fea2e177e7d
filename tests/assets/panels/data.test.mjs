import assert from "node:assert/strict";
import { test } from "node:test";
import { DataChoice, changed, takerOf } from "../../../assets/modules/panels/data_choice.mjs";
import { optionEntries, optionName } from "../../../assets/modules/panels/data_form.mjs";
import { endsOf } from "../../../assets/modules/panels/data_panel.mjs";
import { circuitText, linesIn, oneOfEach, pixelsOf, placesIn, shapeText, sizesText } from "../../../assets/modules/panels/data_words.mjs";
import { deferred, manualTimers, settle } from "../scripted.mjs";

const PARAMS = [{ name: "n", default: 1000 }, { name: "noise", default: 0.1 }];
const MOONS = { params: PARAMS, uploads: [] };
const TABLE = {
  params: [
    { name: "path", default: "", choices: [] }, { name: "target", default: "", choices: [] },
    { name: "missing", default: "refuse", choices: ["refuse", "drop"] },
  ],
  uploads: [".csv"],
};

function bench() {
  const timers = manualTimers();
  const seen = { asked: [], options: [], shown: [], recipes: [], sent: [], forgotten: [], models: [] };
  const api = {
    previewData: (dataset, options, model, signal, recipe) => {
      const answer = deferred();
      seen.asked.push({ dataset, options, model, recipe, signal, ...answer });
      return answer.promise;
    },
    sendData: (dataset, name) => {
      const answer = deferred();
      seen.sent.push({ dataset, name, ...answer });
      return answer.promise;
    },
  };
  const choice = new DataChoice({
    api, timers,
    onOptions: (value) => seen.options.push(value),
    onShow: (value) => seen.shown.push(value),
    onRecipe: (value) => seen.recipes.push(value),
    onForget: (names) => seen.forgotten.push(names),
    onModels: ({ models, model }) => seen.models.push({ models, model }),
  });
  return { timers, seen, choice };
}

const file = (name, size = 10) => ({ name, size, arrayBuffer: async () => new ArrayBuffer(size) });

test("only what was changed is sent", () => {
  assert.deepEqual(changed(PARAMS, { n: 1000, noise: 0.3, other: 1 }), { noise: 0.3 });
});

test("a file goes to the present data set if that takes it", () => {
  const datasets = { a: { uploads: [".zip"] }, b: { uploads: [".csv"] }, c: { uploads: [".csv"] }, d: { uploads: [] } };
  assert.equal(takerOf("T.CSV", datasets, "c"), "c");
  assert.equal(takerOf("t.csv", datasets, "d"), "b");
  assert.equal(takerOf("t.json", datasets, "c"), null);
});

test("another file does not inherit what was said of the columns of the one before", () => {
  const { seen, choice } = bench();
  choice.choose("csv", TABLE);
  choice.set("target", "kind");
  choice.set("missing", "drop");
  choice.set("path", "first.csv");
  assert.deepEqual(seen.options.at(-1).options, { path: "first.csv", target: "kind", missing: "drop" });
  assert.deepEqual(seen.forgotten, []);
  choice.set("path", "second.csv");
  assert.deepEqual(seen.options.at(-1).options, { path: "second.csv", missing: "drop" });
  assert.deepEqual(seen.forgotten, [["target"]]);
});

test("of several changes in quick succession the newest is asked for, and old answers are dropped", async () => {
  const { timers, seen, choice } = bench();
  choice.choose("two_moons", MOONS);
  timers.run();
  choice.set("noise", 0.2);
  choice.set("noise", 0.3);
  timers.run();
  assert.deepEqual(seen.asked.map(({ options }) => options), [{}, { noise: 0.3 }]);
  assert.deepEqual(seen.options.at(-1), { dataset: "two_moons", options: { noise: 0.3 } });
  seen.asked[0].resolve({ problem: "", recipe: { epochs: 1 } });
  seen.asked[1].resolve({ problem: "", recipe: { epochs: 2 } });
  await settle();
  assert.deepEqual(seen.recipes.filter(({ values }) => values), [{ values: { epochs: 2 }, fresh: true, closed: false }]);
  assert.equal(seen.shown.at(-1).state, "ready");
});

test("settings are filled anew for other data only", async () => {
  const { timers, seen, choice } = bench();
  const answer = async () => {
    timers.run();
    seen.asked.at(-1).resolve({ problem: "", recipe: { epochs: 1 } });
    await settle();
    return seen.recipes.at(-1).fresh;
  };
  choice.choose("two_moons", MOONS);
  assert.equal(seen.recipes.at(-1).closed, true);
  assert.equal(await answer(), true);
  choice.set("noise", 0.2);
  assert.equal(seen.recipes.at(-1).closed, false);
  assert.equal(await answer(), false);
  choice.choose("csv", TABLE);
  choice.set("path", "a.csv");
  assert.equal(await answer(), true);
  choice.choose("two_moons", MOONS);
  assert.equal(choice.value("noise"), 0.2);
  assert.equal(await answer(), true);
});

test("another model fills the settings anew; what does not learn the data gives way", async () => {
  const { timers, seen, choice } = bench();
  const answer = async (model) => {
    timers.run();
    seen.asked.at(-1).resolve({ problem: "", model, models: [model], recipe: { epochs: 1 } });
    await settle();
  };
  choice.chooseModel("net");
  choice.choose("two_moons", MOONS);
  await answer("net");
  choice.chooseModel("line");
  await answer("line");
  assert.deepEqual(seen.asked.map(({ model }) => model), ["net", "line"]);
  assert.equal(seen.recipes.at(-1).fresh, true);
  choice.choose("density", MOONS);
  await answer("flow");
  assert.deepEqual(seen.models.at(-1), { models: ["flow"], model: "flow" });
  const asked = seen.asked.length;
  choice.chooseModel("flow"); // the menu says what it was told
  timers.run();
  assert.equal(seen.asked.length, asked);
});

test("another recipe fills the settings anew; another model begins with its own", async () => {
  const { timers, seen, choice } = bench();
  const answer = async (model, recipe_name, epochs) => {
    timers.run();
    seen.asked.at(-1).resolve({ problem: "", model, models: [model], recipe: { epochs }, recipe_name });
    await settle();
  };
  choice.chooseRecipe("quick"); // nothing is asked before there are data
  assert.deepEqual([seen.asked, timers.waiting], [[], []]);
  choice.choose("two_moons", MOONS);
  await answer("net", "default", 9);
  choice.chooseRecipe("");
  choice.chooseRecipe("default"); // the menu says what it was told
  assert.deepEqual(timers.waiting, []);
  choice.chooseRecipe("quick");
  assert.deepEqual(timers.waiting, [0]);
  assert.deepEqual(seen.recipes.at(-1), { values: null, fresh: true, closed: true });
  await answer("net", "quick", 2);
  assert.deepEqual(seen.recipes.at(-1), { values: { epochs: 2 }, fresh: true, closed: false });
  choice.set("noise", 0.2); // the same recipe on other data of the set: what was typed stays
  await answer("net", "quick", 2);
  assert.equal(seen.recipes.at(-1).fresh, false);
  choice.chooseRecipe("default");
  timers.run();
  const { signal } = seen.asked.at(-1);
  choice.chooseModel("line");
  assert.equal(signal.aborted, true);
  await answer("line", "default", 5);
  assert.deepEqual(seen.asked.map(({ model, recipe }) => [model, recipe]), [
    ["", "quick"], ["net", "quick"], ["net", "quick"], ["net", "default"], ["line", ""],
  ]);
  assert.deepEqual(seen.recipes.at(-1), { values: { epochs: 5 }, fresh: true, closed: false });
});

test("own data wait for a file", async () => {
  const { timers, seen, choice } = bench();
  choice.choose("csv", TABLE);
  assert.deepEqual(timers.waiting, []);
  assert.equal(seen.shown.at(-1).state, "empty");
  const taken = choice.send(file("t.csv"), 100);
  await settle();
  seen.sent[0].resolve({ path: "t-2.csv" });
  await taken;
  timers.run();
  assert.deepEqual(seen.asked.at(-1).options, { path: "t-2.csv" });
});

test("a file that is too large is refused before it is sent, with a way out", async () => {
  const { seen, choice } = bench();
  choice.choose("csv", TABLE);
  await choice.send(file("big.csv", 90 * 2 ** 20), 64 * 2 ** 20);
  assert.equal(seen.sent.length, 0);
  assert.match(seen.shown.at(-1).error, /^big\.csv has 90 MB; files of up to 64 MB can be sent\. Give the path/);
});

test("a refused file names itself and leaves the chosen one", async () => {
  const { timers, seen, choice } = bench();
  choice.choose("csv", TABLE);
  choice.set("path", "good.csv");
  timers.run();
  const taken = choice.send(file("bad.csv"), 100);
  await settle();
  seen.sent[0].reject(new Error("the disk is full"));
  await taken;
  assert.equal(seen.shown.at(-1).error, "bad.csv: the disk is full");
  assert.equal(choice.value("path"), "good.csv");
});

test("a problem opens the settings and keeps what can be shown", async () => {
  const { timers, seen, choice } = bench();
  choice.choose("csv", TABLE);
  choice.set("path", "t.csv");
  timers.run();
  seen.asked[0].resolve({ problem: "t.csv: row 3 ...", rows: [["1"]] });
  await settle();
  assert.deepEqual(seen.recipes.at(-1), { values: null, fresh: true, closed: false });
  assert.equal(seen.shown.at(-1).state, "failed");
  assert.deepEqual(seen.shown.at(-1).preview.rows, [["1"]]);
});

test("what is in a data set, in words", () => {
  const table = { task: "classify", train: 1120, test: 38, inputs: 4, classes: ["a", "b"] };
  assert.equal(sizesText(table), "1,120 examples to learn from, 38 to test with.");
  assert.equal(shapeText(table), "4 features, 2 classes.");
  assert.equal(shapeText({ task: "regress", inputs: 1, ranges: [["y", 25, 346.123]] }), "1 feature; y from 25 to 346.1.");
  const texts = { inputs: 48, symbols: 8000, kind: "tokens" };
  assert.equal(shapeText({ ...texts, task: "classify", classes: ["neg", "pos"] }), "Texts of up to 48 words from a vocabulary of 8,000, 2 classes.");
  assert.equal(shapeText({ ...texts, task: "language" }), "Windows of 48 characters from 8,000 symbols; the one that follows each is asked for.");
  const colour = { rows: 28, columns: 20, channels: 3 };
  assert.equal(shapeText({ ...table, pictures: colour }), "28 × 20 pixels in three colours, 2 classes.");
  assert.match(sizesText({ task: "match" }), /No examples/);
});

test("the open circuit is told apart from one that fits", () => {
  const data = { inputs: 4, outputs: 3, circuit: { nodes: 13, devices: 1051 } };
  assert.equal(circuitText(data, "builtin", null).text, "The built-in circuit for it has 13 nodes and 1,051 devices.");
  assert.deepEqual(circuitText(data, "open", { inputs: 4, outputs: 3 }), { text: "The open circuit fits: 4 input nodes and 3 output nodes.", fits: true });
  const other = circuitText(data, "open", { inputs: 1, outputs: 1 });
  assert.deepEqual(other, { text: "This needs 4 input nodes and 3 output nodes; the open circuit has 1 and 1.", fits: false });
});

test("a node that is both counts as input and as output", () => {
  const nodes = ["input", "both", "hidden", "output", "input"].map((role) => ({ role }));
  assert.deepEqual(endsOf({ nodes }), { inputs: 3, outputs: 2 });
  assert.equal(endsOf(null), null);
});

test("options have words; values that the server knows begin with the last of them", () => {
  assert.equal(optionName({ name: "test", integer: true }), "Test examples");
  assert.equal(optionName({ name: "test", integer: false }), "Share for testing");
  assert.equal(optionName({ name: "class_column" }), "Class column");
  assert.deepEqual(optionEntries(["classify", "drop"], false), [{ value: "classify", text: "Classes" }, { value: "drop", text: "Drop" }]);
  assert.deepEqual(optionEntries(["length_cm", "kind"], true), [
    { value: "", text: "The last: kind" }, { value: "length_cm", text: "length_cm" }, { value: "kind", text: "kind" },
  ]);
});

test("a model that is no circuit has none, whatever is open", () => {
  const { text, fits } = circuitText({ inputs: 4, outputs: 3, circuit: null }, "open", { inputs: 1, outputs: 1 });
  assert.equal(fits, true);
  assert.match(text, /^This model is no circuit/);
});

test("pictures: one of every class first, channels to colours", () => {
  assert.deepEqual(oneOfEach([2, 2, 0, 0, 1], 4), [2, 4, 0, 3]);
  const bytes = Uint8Array.from([10, 20, 30, 40, 50, 60]);
  assert.deepEqual([...pixelsOf(bytes, { channels: 3, rows: 1, columns: 2 }, 0)], [10, 30, 50, 255, 20, 40, 60, 255]);
  assert.deepEqual([...pixelsOf(bytes, { channels: 1, rows: 1, columns: 2 }, 2)], [50, 50, 50, 255, 60, 60, 60, 255]);
});

test("points keep their proportions inside the square", () => {
  assert.deepEqual(placesIn([[0, 0], [2, 1]], 100, 10), [[10, 70], [90, 30]]);
});

test("lines of a field have one scale, and a field without range is flat", () => {
  const levels = (...values) => Buffer.from(values).toString("base64");
  const wide = { levels: levels(0, 255, 0), low: -1, high: 1 };
  const small = { levels: levels(255, 0, 255), low: 0, high: 0.5 };
  const [first, second] = linesIn([wide, small], 24, 22, 2);
  assert.deepEqual(first, [[2, 20], [12, 2], [22, 20]]);
  assert.deepEqual(second.map(([, y]) => y), [6.5, 11, 6.5]);
  assert.deepEqual(linesIn([{ levels: levels(0, 0), low: 3, high: 3 }], 24, 22, 2)[0], [[2, 20], [22, 20]]);
});

test("fields say on how many points they are", () => {
  const fields = [{ input: { points: [43, 43] }, output: { points: [43, 43] } }];
  assert.equal(shapeText({ task: "operator", inputs: 1849, outputs: 1849, fields }), "From one field to another, on 43 × 43 points.");
});
