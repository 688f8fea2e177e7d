import assert from "node:assert/strict";
import test from "node:test";
import { History } from "../../../assets/modules/document/history.mjs";

const set = (history, value, electrical = true) => history.change({ value }, { kind: "set", ids: [String(value)], electrical });

test("every change is a step back and forth; a new one ends the way forth", () => {
  const history = new History({ value: 0 });
  for (const value of [1, 2, 3]) set(history, value);
  assert.ok(history.undo() && history.undo());
  assert.equal(history.state.value, 1);
  assert.ok(history.redo());
  assert.equal(history.state.value, 2);
  set(history, 7);
  assert.equal(history.redo(), false);
  assert.equal(history.revision, 7);
});

test("a group is one step and one event, and leaves nothing behind when it fails", () => {
  const history = new History({ value: 0 });
  const heard = [];
  history.listen((change) => heard.push(change));
  history.group(() => { set(history, 1, false); set(history, 2); });
  assert.deepEqual(heard, [{ kind: "set", ids: ["1", "2"], electrical: true, transient: false }]);
  assert.throws(() => history.group(() => { set(history, 3); throw new Error("no"); }), /no/);
  assert.equal(history.state.value, 2);
  assert.ok(history.undo());
  assert.equal(history.state.value, 0);
});

test("a drag tells of every place but is one step until it is closed", () => {
  const history = new History({ value: 0 });
  let heard = 0;
  history.listen(() => { heard += 1; });
  for (const value of [1, 2, 3]) history.transient(() => set(history, value));
  assert.equal(heard, 3);
  set(history, 9); // an edit after a drag is a step of its own
  assert.ok(history.undo());
  assert.equal(history.state.value, 3);
  assert.ok(history.undo());
  assert.equal(history.state.value, 0);
  assert.equal(history.canUndo, false);
});
