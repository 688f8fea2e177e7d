import assert from "node:assert/strict";
import test from "node:test";

/** A page of one box, as far as figures.mjs looks at it. */
function page() {
  const observers = [];
  const box = {
    clientWidth: 300, clientHeight: 200, children: [], append: (child) => box.children.push(child),
    getClientRects: () => (box.clientWidth > 0 ? [{}] : []),
  };
  globalThis.document = {
    getElementById: () => box,
    createElement: () => ({ className: "", classList: { contains: () => true } }),
  };
  globalThis.ResizeObserver = class {
    constructor(fn) {
      observers.push(fn);
    }
    observe() {}
  };
  return { box, resize: () => observers.forEach((fn) => fn()) };
}

const { box, resize } = page();
const calls = { react: [], resize: 0 };
globalThis.Plotly = {
  react: async (plot, data, layout) => calls.react.push({ plot, data, layout }),
  Plots: { resize: () => (calls.resize += 1) },
};
const { showFigure } = await import("../../../assets/modules/panels/figures.mjs");
const figure = (name) => ({ data: [{ name }], layout: { title: name } });

test("of several figures only the newest is drawn", async () => {
  await Promise.all([showFigure("curves", figure("old")), showFigure("curves", figure("new"))]);
  assert.deepEqual(calls.react.map((call) => call.data[0].name), ["new"]);
  assert.equal(calls.react[0].layout.autosize, true);
});

test("a box keeps one plot", async () => {
  await showFigure("curves", figure("next"));
  assert.equal(box.children.length, 1);
  assert.equal(calls.react.at(-1).plot, calls.react[0].plot);
});

/** What an observer starts has been done after the microtasks that are there. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test("the plot follows the size of its box, but not while it is hidden", async () => {
  resize();
  await settled();
  assert.equal(calls.resize, 1);
  box.clientWidth = 0;
  resize();
  await settled();
  assert.equal(calls.resize, 1);
});

test("a figure that nobody sees is drawn when its box comes into sight, once", async () => {
  const before = calls.react.length;
  await showFigure("curves", figure("unseen"));
  await showFigure("curves", figure("newest"));
  assert.equal(calls.react.length, before);
  box.clientWidth = 300;
  resize();
  resize();
  await settled();
  assert.deepEqual(calls.react.slice(before).map((call) => call.data[0].name), ["newest"]);
});
