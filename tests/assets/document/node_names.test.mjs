import assert from "node:assert/strict";
import { test } from "node:test";

import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { fullNameIn, nameIn, namesOf } from "../../../assets/modules/document/node_names.mjs";
import { buildScene } from "../../../assets/modules/paint/scene.mjs";
import { curveName, tracesCsv } from "../../../assets/modules/panels/traces.mjs";
import { decode } from "../../../assets/modules/play/trajectory.mjs";
import { rcPair } from "../container.mjs";

const node = (id, label) => ({ id, label });

test("a node is called by its label while no other node is called so", () => {
  const nodes = [node("a", "charged"), node("b", "twin"), node("c", "twin"), node("d", "a"), node("e"), node("f", "f"), node("g", "")];
  assert.deepEqual([...namesOf(nodes).values()], ["charged", "b", "c", "d", "e", "f", "g"]);
  assert.equal(namesOf(nodes), namesOf(nodes));
  assert.equal(nameIn(nodes, "gnd"), "ground");
  assert.equal(nameIn(nodes, "no node"), "no node");
  assert.deepEqual(["a", "b", "gnd"].map((id) => fullNameIn(nodes, id)), ["charged (a)", "b", "ground"]);
});

test("no two nodes share a name, whatever their labels", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    let state = seed;
    const draw = (count) => { state = (state * 48271) % 2147483647; return state % count; };
    const ids = ["a", "b", "c", "d", "e"];
    const nodes = ids.map((id) => node(id, ["", "a", "b", "x", "y", "z"][draw(6)]));
    assert.equal(new Set(namesOf(nodes).values()).size, ids.length, JSON.stringify(nodes));
  }
});

test("board, scope and CSV say the same, also after an edit", () => {
  const doc = CircuitDocument.from({
    format: "kirchhoff-circuit/1", name: "", nodes: [node("n1", "charged"), node("n2")], slices: [{ duration: 1, devices: [] }],
  });
  const sim = decode(rcPair());
  const written = () => [
    [...buildScene(doc).names],
    sim.nodeIds.map((id) => curveName({ doc, sim, what: "nodes" }, id)),
    tracesCsv(sim, "voltages", { what: "nodes", ids: sim.nodeIds }, { unit: "V" }, (id) => doc.nameOf(id)).split("\n")[0].split(",").slice(1).map((head) => head.replace(" [V]", "")),
  ];
  for (const names of written()) assert.deepEqual(names, ["charged", "n2"]);
  doc.setNode("n2", { label: "charged" });
  for (const names of written()) assert.deepEqual(names, ["n1", "n2"]);
  doc.undo();
  for (const names of written()) assert.deepEqual(names, ["charged", "n2"]);
  assert.equal(curveName({ doc: null, sim, what: "nodes" }, "n1"), "n1");
});
