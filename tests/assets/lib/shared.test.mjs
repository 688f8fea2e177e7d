import assert from "node:assert/strict";
import { test } from "node:test";

import { sharedOf } from "../../../assets/modules/lib/shared.mjs";
import { activeOf } from "../../../assets/modules/panels/gallery_runs.mjs";
import { sharedNames } from "../../../assets/modules/panels/recent_circuits.mjs";
import { statesOf } from "../../../assets/modules/panels/runs_list.mjs";
import { gradientMissing } from "../../../assets/modules/play/trust.mjs";

test("what all have is shown, what differs is not", () => {
  assert.equal(sharedOf([2, 2, 2]), 2);
  assert.equal(sharedOf([NaN, NaN]), NaN);
  assert.equal(sharedOf([1, 2]), undefined);
  assert.equal(sharedOf([false, false]), false);
  assert.equal(sharedOf([]), undefined);
});

test("only names that two circuits have are told apart", () => {
  assert.deepEqual([...sharedNames([{ name: "a" }, { name: "b" }, { name: "a" }, { name: "a" }])], ["a"]);
});

test("an answer about runs holds while they are in the same state", () => {
  const rows = [{ id: "x", state: "running", active: true }, { id: "y", state: "done", active: false }];
  assert.deepEqual(activeOf(rows).map(({ id }) => id), ["x"]);
  assert.equal(statesOf(rows, ["x"]), statesOf([{ ...rows[0] }, { id: "y", state: "failed" }], ["x"]));
  assert.notEqual(statesOf(rows, ["x"]), statesOf([{ id: "x", state: "cancelled" }], ["x"]));
});

test("a gradient that is missing says why and what to do", () => {
  const doc = { outputs: ["b"] };
  const settings = { adjoint: true };
  assert.equal(gradientMissing({ sim: { hasAdjoint: true }, settings, doc }), "");
  assert.match(gradientMissing({ sim: {}, settings, doc: { outputs: [] } }), /press O/);
  assert.match(gradientMissing({ sim: {}, settings: { adjoint: false }, doc }), /switched off.*Circuit/);
  assert.match(gradientMissing({ sim: { header: { no_adjoint: "a switch jumps" } }, settings, doc }), /^A switch jumps\.$/);
  assert.match(gradientMissing({ sim: {}, settings, doc, readOnly: true, run: { id: "r" } }), /replay/);
  assert.match(gradientMissing({ sim: {}, settings, doc, readOnly: true }), /forwards only/);
});
