import assert from "node:assert/strict";
import { test } from "node:test";
import { createCommands, rankRows, titleOf } from "../../../assets/modules/lib/commands.mjs";

test("a command runs with its argument; unknown and disabled ones do not", () => {
  const commands = createCommands();
  const seen = [];
  commands.register("mode", (argument) => seen.push(argument));
  commands.register("undo", { run: () => seen.push("undo"), enabled: () => false });
  assert.equal(commands.run("mode", "train"), true);
  assert.equal(commands.run("undo"), false);
  assert.equal(commands.run("fly"), false);
  assert.deepEqual(seen, ["train"]);
});

test("failures of plain and async commands reach the one handler", async () => {
  const failed = [];
  const commands = createCommands({ onError: (error, name) => failed.push(`${name}: ${error.message}`) });
  commands.register("now", () => { throw new Error("x"); });
  commands.register("later", async () => { throw new Error("y"); });
  commands.run("now");
  commands.run("later");
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(failed, ["now: x", "later: y"]);
});

test("the palette has a row for every choice and none for hidden commands", () => {
  const commands = createCommands();
  commands.register("fit", { title: "Fit to window", group: "View", run() {} });
  commands.register("mode", { group: "Go", run() {}, palette: [{ argument: "train", title: "Train" }] });
  commands.register("tick", { run() {}, palette: false });
  assert.deepEqual(commands.list().map((row) => [row.name, row.title, row.argument]), [
    ["fit", "Fit to window", undefined],
    ["mode", "Train", "train"],
  ]);
  assert.equal(titleOf("play-pause"), "Play pause");
});

test("ranking prefers whole words, then beginnings, then letters in order", () => {
  const rows = ["Export circuit", "Play or pause", "Step back", "Explode"].map((title) => ({ title }));
  assert.deepEqual(rankRows(rows, "exp").map((r) => r.title), ["Export circuit", "Explode"]);
  assert.equal(rankRows(rows, "pause")[0].title, "Play or pause");
  assert.equal(rankRows(rows, "sb")[0].title, "Step back");
  assert.deepEqual(rankRows(rows, "zzz"), []);
  assert.equal(rankRows(rows, " ").length, 4);
});
