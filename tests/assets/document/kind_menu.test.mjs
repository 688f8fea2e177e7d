import assert from "node:assert/strict";
import { test } from "node:test";

import { kindMenu } from "../../../assets/modules/document/kind_menu.mjs";
import { lacksControl } from "../../../assets/modules/document/kinds.mjs";

const registry = {
  device_groups: ["Passive", "Sources", "Controlled", "Transistors"],
  devices: {
    cccs: { title: "F", group: "Controlled", controlled: true }, relu: { title: "ReLU", group: "" },
    relu_diff: { title: "ReLU of D", group: "", difference: true }, resistor: { title: "R", group: "Passive" },
    voltage_source: { title: "V", group: "Sources", measured: true },
  },
};

test("every kind stands under one heading, in the server's order, and empty headings are left out", () => {
  assert.deepEqual(kindMenu(registry).map(({ group, kinds }) => [group, kinds.map(({ kind }) => kind)]), [
    ["Passive", ["resistor"]], ["Sources", ["voltage_source"]], ["Controlled", ["cccs"]],
    ["Activations of the difference", ["relu_diff"]], ["Activations of each end", ["relu"]],
  ]);
  assert.deepEqual(kindMenu(null), []);
});

test("what follows a current needs a device whose current is known", () => {
  const has = (...kinds) => lacksControl(registry, "cccs", kinds.map((kind) => ({ kind })));
  assert.deepEqual([has(), has("resistor"), has("resistor", "voltage_source")], [true, true, false]);
  assert.equal(lacksControl(registry, "resistor", []), false);
  assert.equal(lacksControl(null, "cccs", []), false);
});
