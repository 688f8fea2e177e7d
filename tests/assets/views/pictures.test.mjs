import assert from "node:assert/strict";
import { test } from "node:test";

import { answerNames, blockTitle } from "../../../assets/modules/views/blocks.mjs";
import { themeColours } from "../../../assets/modules/paint/colours.mjs";
import { linkLines, summaryText } from "../../../assets/modules/panels/inspector/network_pane.mjs";
import { bars, blockPicture, fillPicture, gridOf, inputPicture, rampWords } from "../../../assets/modules/views/pictures.mjs";

/** Nodes on a grid, shuffled, so that numbers say nothing about places. */
function scene(rows, columns, pitch = 60) {
  const places = [];
  for (let j = 0; j < rows; j++) for (let i = 0; i < columns; i++) places.push([i, j]);
  const order = places.map((_, k) => (k * 7 + 3) % places.length);
  return {
    N: places.length,
    x: order.map((k) => places[k][0] * pitch - 35),
    y: order.map((k) => places[k][1] * pitch + 12),
    role: order.map(() => 1),
    order,
  };
}

test("inputs on a full grid are a picture, row by row", () => {
  const nodes = scene(5, 6);
  const picture = inputPicture(nodes);
  assert.deepEqual([picture.rows, picture.columns], [5, 6]);
  picture.cells.forEach((n, cell) => assert.equal(nodes.order[n], cell));
});

test("a gap, a row, and too few nodes are no picture", () => {
  const nodes = scene(5, 6);
  const all = nodes.x.map((_, n) => n);
  assert.equal(gridOf(nodes, all.slice(1)), null);
  assert.equal(gridOf({ x: all.map((n) => n * 10), y: all.map(() => 0) }, all), null);
  assert.equal(gridOf(scene(3, 3), [...Array(9).keys()]), null);
});

test("hidden nodes and outputs are not part of the input picture", () => {
  const nodes = scene(5, 5);
  nodes.x.push(900, 960);
  nodes.y.push(0, 0);
  nodes.role.push(0, 2);
  nodes.N += 2;
  assert.equal(inputPicture(nodes).cells.length, 25);
});

test("a block covers every node by its four half cells and nothing else", () => {
  const nodes = { x: [0, 60, 150], y: [0, 0, 30] };
  const picture = blockPicture(nodes, { nodes: [0, 1, 2], pitch: 60 });
  assert.deepEqual([picture.columns, picture.rows], [7, 3]);
  assert.deepEqual([picture.x, picture.y, picture.width, picture.height], [-30, -30, 210, 90]);
  for (const n of [0, 1, 2]) {
    const cells = [...picture.cells.keys()].filter((k) => picture.cells[k] === n);
    assert.equal(cells.length, 4);
    const middle = (pick) => cells.reduce((sum, k) => sum + pick(k), 0) / 4;
    assert.equal(picture.x + (middle((k) => k % 7) + 0.5) * 30, nodes.x[n]);
    assert.equal(picture.y + (middle((k) => Math.floor(k / 7)) + 0.5) * 30, nodes.y[n]);
  }
  assert.equal(picture.cells.filter((n) => n === -1).length, 7 * 3 - 12);
});

test("colours are symmetric about 0 V, empty cells are transparent", () => {
  const { ramps, rgb } = themeColours("dark");
  const words = rampWords(ramps.voltages);
  const pixels = fillPicture(new Uint32Array(4), [0, 1, 2, -1], [0, 5, -5], 2, words);
  const bytes = new Uint8Array(pixels.buffer);
  assert.deepEqual([...bytes.slice(0, 4)], [...rgb.neutral, 255]);
  assert.deepEqual([...bytes.slice(4, 8)], [...rgb.positive, 255]);
  assert.deepEqual([...bytes.slice(8, 12)], [...rgb.negative, 255]);
  assert.equal(pixels[3], 0);
});

test("bars start at a common zero and end at their value", () => {
  const { list, leader } = bars([1, -2, 0, 0.5], 2, true);
  assert.equal(leader, 0);
  assert.deepEqual(list.map(({ start, length }) => [start, length]), [[0.5, 0.25], [0, 0.5], [0.5, 0], [0.5, 0.125]]);
  const alone = bars([1, 2], 4, false);
  assert.deepEqual(alone.list.map(({ start, length }) => [start, length]), [[0, 0.25], [0, 0.5]]);
});

test("nobody leads while all are equal, and what is not a number never does", () => {
  assert.equal(bars([0, 0, 0], 1).leader, -1);
  assert.equal(bars([NaN, -3, -1], 3).leader, 2);
  assert.equal(bars([NaN, NaN], 0).leader, -1);
});

test("classes name the outputs where the file has as many", () => {
  const nodes = { names: ["a", "b", "n3", "n4"] };
  assert.deepEqual(answerNames(nodes, [2, 3], ["cat", "dog"]), ["cat", "dog"]);
  assert.deepEqual(answerNames(nodes, [2, 3], ["cat"]), ["n3", "n4"]);
  assert.deepEqual(answerNames(nodes, [2, 3]), ["n3", "n4"]);
});

test("a network in words", () => {
  const network = {
    nodes: 2346, devices: 171124, slices: [{}, {}],
    blocks: [{ name: "Inputs", nodes: Array(784), rows: 28, columns: 28 }, { name: "Hidden", nodes: Array(1), rows: 1, columns: 1 }],
    links: [{ slice: 0, ends: [0, 1], devices: 5 }, { slice: 1, ends: [1, null], devices: 2 }, { slice: 1, ends: [0, 0], devices: 1 }],
  };
  assert.equal(summaryText(network), "2,346 nodes, 171,124 devices, 2 slices");
  assert.deepEqual(network.blocks.map(blockTitle), ["Inputs, 28 × 28", "Hidden, 1 node"]);
  assert.deepEqual(linkLines(network), [["Slice 1: Inputs – Hidden", 5], ["Slice 2: Hidden – ground", 2], ["Slice 2: within Inputs", 1]]);
});

test("a place that a group lacks is pale, the gap between groups is not", () => {
  const x = [];
  const y = [];
  for (const left of [0, 3.5]) for (let k = 0; k < 8; k++) [x.push(60 * (left + (k % 3))), y.push(60 * Math.floor(k / 3))];
  const picture = blockPicture({ x, y }, { nodes: [...x.keys()], pitch: 60 });
  const pixels = fillPicture(new Uint32Array(picture.cells.length), picture.cells, new Float32Array(16), 1, rampWords(themeColours("light").ramps.voltages));
  const row = (j) => Array.from(pixels.subarray(j * picture.columns, (j + 1) * picture.columns), (word) => word >>> 24);
  assert.deepEqual(row(1), [255, 255, 255, 255, 255, 255, 0, 255, 255, 255, 255, 255, 255]);
  assert.deepEqual(row(5), [255, 255, 255, 255, 70, 70, 0, 255, 255, 255, 255, 0, 0].map((a, k) => (k > 10 ? 70 : a)));
});
