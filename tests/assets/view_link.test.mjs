/** Links to a view: what is written is read again, and nothing else gets through. */

import assert from "node:assert/strict";
import test from "node:test";

import { CircuitDocument } from "../../assets/modules/document/document.mjs";
import { chosenOf, queryOf, viewOf } from "../../assets/modules/view_link.mjs";

const USUAL = { mode: "build", lane: "voltages", time: 0, playing: true, selection: { nodes: [], devices: [] }, slice: 0, dockView: "time", run: null };
const at = (query) => viewOf(new URL(`http://127.0.0.1:8050/c/rc-1?${query}`));

test("a usual view needs no query", () => {
  assert.equal(queryOf(USUAL), "");
  assert.equal(at(""), null);
  assert.equal(at("mode=train"), null);
});

test("what a link says is read again", () => {
  const query = queryOf({
    ...USUAL, mode: "simulate", lane: "adjoint", time: 0.12345678912, playing: false, selection: { nodes: ["a,b", "ü&="], devices: ["d1"] },
    slice: 2, dockView: "frequency", run: { id: "20260101-moons-ab12", epoch: 7 },
  });
  assert.deepEqual(at(query), {
    lane: "adjoint", time: 0.1234568, nodes: ["a,b", "ü&="], devices: ["d1"], slice: 2, dock: "frequency", run: "20260101-moons-ab12", epoch: 7,
  });
  assert.ok(query.startsWith("mode=simulate&"));
  const table = at(queryOf({ ...USUAL, lane: "energy", dockView: "table" }));
  assert.deepEqual([table.lane, table.dock], ["energy", "table"]);
});

test("nothing else gets through", () => {
  assert.equal(at("lane=secret&t=-1&slice=0.5&dock=x&run=../etc"), null);
  assert.equal(at("t=&lane="), null);
  assert.equal(at("t=NaN&node=a").time, null);
  assert.equal(at("run=a1&epoch=x").epoch, null);
});

test("only what exists is chosen", () => {
  const doc = CircuitDocument.from();
  doc.addNode({ id: "n1" });
  assert.deepEqual(chosenOf(at("node=n1&node=n2&device=d1&slice=9"), doc), { selection: { nodes: ["n1"], devices: [] }, slice: 0 });
});
