import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { largest } from "../../../assets/modules/views/runs/examples.mjs";
import { fillField } from "../../../assets/modules/views/runs/field_pixels.mjs";
import { picturesOf } from "../../../assets/modules/views/painters/fields.mjs";
import { painterOf, viewOf } from "../../../assets/modules/views/painters.mjs";
import { encode } from "../container.mjs";

const FOLDER = fileURLToPath(new URL("../../../assets/modules/views/painters/", import.meta.url));

test("every painter is found by the name of its kind", async () => {
  const names = readdirSync(FOLDER).map((name) => name.replace(/\.mjs$/, ""));
  assert.ok(names.includes("figure") && names.includes("fields"));
  for (const name of names) assert.equal(typeof (await painterOf(name)).paint, "function");
});

test("a kind without a painter, or no name at all, is refused in words", async () => {
  await assert.rejects(painterOf("nothing_like_it"), /no painter for views of the kind "nothing_like_it"/);
  await assert.rejects(painterOf("../../studio"), /cannot be called/);
});

test("a figure is drawn into its painter's host", async () => {
  const { paint } = await painterOf("figure");
  const drawn = [];
  await paint({ id: "box-figure" }, { figure: { data: [1] } }, { showFigure: async (...given) => drawn.push(given) });
  assert.deepEqual(drawn, [["box-figure", { data: [1] }]]);
});

test("an answer that names a container brings its header and arrays along", async () => {
  const packed = encode({ titles: ["answer"] }, { values: { shape: [1, 1, 2], data: [1, -2] } });
  const api = { runOutcome: async (...given) => ({ painter: "fields", url: given.slice(0, 4).join("/") }), binary: async (url) => (url === "run/3/dark/fields" ? packed : null) };
  const view = await viewOf(api, { id: "run", epoch: 3, theme: "dark", view: "fields" });
  assert.deepEqual([...view.arrays.values.data], [1, -2]);
  const [picture] = picturesOf(view);
  assert.deepEqual([picture.title, picture.range, picture.rows, picture.columns], ["answer", 2, 1, 2]);
  const plain = { painter: "figure", figure: {} };
  assert.equal(await viewOf({ runOutcome: async () => plain }, { id: "run", epoch: 3, theme: "dark", view: "" }), plain);
});

test("fields are symmetric around zero, and what is not finite is left out", () => {
  const values = Float32Array.of(-2, 0, 2, NaN, Infinity);
  assert.equal(largest(values), 2);
  const words = Uint32Array.from({ length: 97 }, (_, k) => k + 1);
  assert.deepEqual([...fillField(new Uint32Array(5), values, 2, words)], [1, 49, 97, 0, 0]);
  assert.deepEqual([...fillField(new Uint32Array(1), [0], 0, words)], [49]);
});
