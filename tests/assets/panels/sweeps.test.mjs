import assert from "node:assert/strict";
import { test } from "node:test";
import { menuOf, paceOfSweeps, stateText } from "../../../assets/modules/panels/sweeps/sweeps.mjs";

test("nobody is asked about sweeps that nobody sees, and more often while one searches", () => {
  assert.equal(paceOfSweeps({ shown: false, hidden: false, busy: true }), null);
  const [busy, resting, hidden] = [{ busy: true }, { busy: false }, { hidden: true, busy: true }].map((one) => paceOfSweeps({ shown: true, hidden: false, ...one }));
  assert.ok(busy < resting && resting < hidden);
});

test("the menu has none first, and says which sweeps are at work", () => {
  const menu = menuOf([{ id: "20260101-000000-a-1234", name: "a", state: "running" }, { id: "20260102-000000-b-1234", name: "b", state: "done" }]);
  assert.deepEqual(menu.map(({ value }) => value), ["", "20260101-000000-a-1234", "20260102-000000-b-1234"]);
  assert.deepEqual(menu.map(({ text }) => text), ["None", "a, searching (20260101-0000)", "b (20260102-0000)"]);
});

test("the best trial and the recipe's are named beside their state", () => {
  assert.equal(stateText({ state: "pruned", best: false, recipe: false }), "pruned");
  assert.equal(stateText({ state: "done", best: true, recipe: true }), "done, best, recipe");
});
