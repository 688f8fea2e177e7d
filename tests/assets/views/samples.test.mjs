import assert from "node:assert/strict";
import { test } from "node:test";
import { samplesWords } from "../../../assets/modules/views/painters/samples.mjs";
import { optionsOf } from "../../../assets/modules/views/runs/lanes.mjs";
import { landingWords, samplesFigure } from "../../../assets/modules/views/runs/samples_figure.mjs";
import { TRACE_COLOURS } from "../../../assets/modules/panels/traces.mjs";

const LOOK = { text: "#111", muted: "#666", grid: "#eee", line: "#ccc", surface: "#fff", accent: "#00f", warm: "#f00", font: "sans", series: TRACE_COLOURS.light };
const array = (shape, data) => ({ shape, data: Float32Array.from(data) });

test("a tap's course and its samples have one colour, the input is thin", () => {
  const landing = {
    header: { reads: ["v1", "v2"], driven: ["u"] },
    arrays: {
      t: array([3], [0, 1, 2]), voltages: array([3, 2], [0, 10, 1, 11, 2, 12]), drives: array([3, 1], [5, 6, 7]),
      times: array([2], [0, 2]), samples: array([2, 2], [0, 10, 2, 12]),
    },
  };
  const { data, layout } = samplesFigure(landing, LOOK);
  assert.deepEqual(data.map(({ name, mode }) => [name, mode]), [["u", "lines"], ["v1", "lines"], ["v2", "lines"], ["layer, v1", "markers"], ["layer, v2", "markers"]]);
  assert.deepEqual([data[0].y, data[2].y, data[4].x, data[4].y], [[5, 6, 7], [10, 11, 12], [0, 2], [10, 12]]);
  assert.equal(data[2].line.color, data[4].marker.color);
  assert.match(layout.xaxis.title.text, /\(s\)/);
});

test("a ring that is read once is shown node by node, at its start and its end", () => {
  const arrays = {
    t: array([3], [0, 1, 2]), voltages: array([3, 2], [1, 2, 3, 4, 5, 6]), drives: array([3, 0], []),
    times: array([1], [2]), samples: array([1, 2], [5, 7]),
  };
  const { data } = samplesFigure({ header: { reads: ["v1", "v2"], driven: [] }, arrays }, LOOK);
  assert.deepEqual(data.map(({ name, x, y }) => [name, x, y]), [["at the start", [1, 2], [1, 2]], ["at the end", [1, 2], [5, 6]], ["layer", [1, 2], [5, 7]]]);
});

test("words say who solved, how far apart both are, and why", () => {
  const header = { solver: "ngspice", largest: 2e-6, size: 0.5, limit: "", words: "Lane 1." };
  assert.equal(landingWords(header), "Dots: the layer. Lines: its circuit, solved by ngspice. Largest difference 2.00 µV, 4.00 × 10⁻⁶ of the largest sample. Lane 1.");
  assert.match(landingWords({ ...header, limit: "many nodes" }), /sample: many nodes\. Lane 1\.$/);
  assert.match(landingWords({ ...header, size: 0 }), /difference 2\.00 µV\. Lane/);
});

test("a lane is asked for as the command line counts it, along the axis that it runs on", () => {
  const cascades = { header: { extent: [1, 1] }, arrays: { tau: array([1, 6], [1, 2, 3, 4, 5, 6]) } };
  const axes = [0, 1, 2, 3, 4].map((lane) => optionsOf(cascades, { block: 0, lane, example: 2 }));
  assert.deepEqual(axes.map(({ axis }) => axis), [1, 1, 2, 2, 1]);
  assert.deepEqual(axes[3], { block: 1, lane: 4, axis: 2, example: 3, split: "held_out" });
  const rings = { header: { extent: [1, 1] }, arrays: { sigma: array([1, 2, 2], [0.1, 0.2, 0.3, 0.4]) } };
  assert.equal(optionsOf(rings, { block: 0, lane: 1, example: 0 }).axis, 1);
  assert.equal(samplesWords(rings, 0, 1, 1), "width σ = 0.400 domain lengths");
  assert.equal(samplesWords(cascades, 0, 3, 0), "τ = 4.00 domain lengths, runs in −y");
});
