import assert from "node:assert/strict";
import { test } from "node:test";
import { buildScene } from "../../../assets/modules/paint/scene.mjs";
import { sourceAt, SOURCE_RADIUS } from "../../../assets/modules/paint/source_shape.mjs";
import { NODE_RADIUS } from "../../../assets/modules/paint/geometry.mjs";
import { boardSVG } from "../../../assets/modules/paint/svg.mjs";
import { symbolsOf } from "../../../assets/modules/document/kinds.mjs";

const drive = { kind: "sine", params: {} };
const theme = { font: "sans", board: "#fff", edge: "#aaa", edgeStrong: "#555", muted: "#777", flow: { voltages: "#00f" }, ramps: { voltages: { fill: Array(97).fill("#eee"), rim: Array(97).fill("#ddd"), text: Array(97).fill("#000") } } };

test("a source stands where there is room, its leads between rim, circle and ground", () => {
  const nodes = [{ id: "u", drive, x: 0, y: 0 }, { id: "v", x: 0, y: 150 }, { id: "w", x: -150, y: 0 }];
  const devices = [{ id: "d", kind: "resistor", source: "u", target: "v" }, { id: "e", kind: "resistor", source: "u", target: "w" }];
  const scene = buildScene({ nodes, slices: [{ duration: 1, devices }] });
  const { centre: [cx, cy], leads } = sourceAt(scene, 0);
  assert.ok(Math.abs(cx) < 1e-4 && cy < -SOURCE_RADIUS - NODE_RADIUS, "below and left are taken: it stands above");
  assert.ok(Math.abs(Math.hypot(leads[0][0], leads[0][1]) - NODE_RADIUS) < 1e-4);
  assert.ok(Math.abs(Math.hypot(leads[0][2] - cx, leads[0][3] - cy) - SOURCE_RADIUS) < 1e-4);
  assert.ok(scene.bounds.y0 < cy - SOURCE_RADIUS, "the view makes room for it");
});

test("a picture has the circle and the form of the waveform", () => {
  const scene = buildScene({ nodes: [{ id: "u", drive, x: 50, y: 50 }], slices: [{ duration: 1, devices: [] }] });
  const symbols = symbolsOf({ devices: {}, waveforms: { sine: { symbol: "M0 0c1 1" } } });
  const text = boardSVG(scene, { v: Float32Array.of(0) }, { width: 100, height: 100, theme, range: 1, symbols });
  assert.match(text, /<circle [^>]*r="13"/);
  assert.match(text, /d="M0 0c1 1"/);
});
