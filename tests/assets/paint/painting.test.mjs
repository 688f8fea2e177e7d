import test from "node:test";
import assert from "node:assert/strict";
import { RAMP_HALF, mixRGB, parseColour, rampLevel, themeColours } from "../../../assets/modules/paint/colours.mjs";
import { nodeText } from "../../../assets/modules/paint/labels.mjs";
import {
  DOT_SPACING, PHASE_CYCLE, advancePhases, createPhases, dotCount, dotSpeed, strength, weakestShown,
} from "../../../assets/modules/paint/phases.mjs";
import { Motion } from "../../../assets/modules/paint/motion.mjs";
import { createRaster, discStamp, layStamp, over, rasterDots, splat, splatDisc, stampWords, wordOf } from "../../../assets/modules/paint/raster.mjs";
import { buildScene } from "../../../assets/modules/paint/scene.mjs";
import { boardSVG } from "../../../assets/modules/paint/svg.mjs";
import { detail, hasSymbol, visibleEdges } from "../../../assets/modules/paint/view.mjs";
import { createFrameSource, reference, shownLane, shownSlice, sliceAt } from "../../../assets/modules/play/frames.mjs";
import { pictureFrame } from "../../../assets/modules/board/picture.mjs";
import { minimapScale } from "../../../assets/modules/board/minimap.mjs";

const LINE = {
  nodes: [{ id: "a", x: 0, y: 0, voltage: 1, role: "input" }, { id: "b", x: 400, y: 0, role: "output", label: "<b>&\u0001" }],
  slices: [{ duration: 1, devices: [{ id: "1", kind: "relu", source: "a", target: "b" }, { id: "2", kind: "relu", source: "b", target: "gnd" }] }],
};

test("zero, NaN and an empty range are exactly the neutral colour, the ends the full ones", () => {
  for (const name of ["light", "dark"]) {
    const theme = themeColours(name);
    for (const ramp of [theme.ramps.voltages, theme.ramps.adjoint]) {
      assert.deepEqual(ramp.rgb[rampLevel(0, 1)], theme.rgb.neutral);
      assert.deepEqual(ramp.rgb[rampLevel(NaN, 1)], theme.rgb.neutral);
      assert.deepEqual(ramp.rgb[rampLevel(3, 0)], theme.rgb.neutral);
    }
    assert.deepEqual(theme.ramps.voltages.rgb[rampLevel(7, 5)], theme.rgb.positive);
    assert.deepEqual(theme.ramps.voltages.rgb[rampLevel(-Infinity, 5)], theme.rgb.negative);
    assert.notDeepEqual(theme.ramps.adjoint.rgb.at(-1), theme.ramps.voltages.rgb.at(-1));
    for (const lane of ["voltages", "currents", "adjoint", "energy"]) assert.ok(theme.flow[lane] && theme.flowRGB[lane], lane);
  }
  assert.equal(rampLevel(0.5, 1) - RAMP_HALF, RAMP_HALF - rampLevel(-0.5, 1));
});

const light = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);

/** Contrast of two colours as WCAG 2 has it. */
function contrast(one, other) {
  const [a, b] = [luminance(one), luminance(other)].sort((x, y) => x - y);
  return (b + 0.05) / (a + 0.05);
}

test("numbers inside nodes stay readable on every colour of every ramp (contrast 4.5)", () => {
  for (const name of ["light", "dark"]) {
    for (const ramp of Object.values(themeColours(name).ramps)) {
      ramp.rgb.forEach((rgb, k) => assert.ok(contrast(rgb, parseColour(ramp.text[k])) >= 4.5, `${name} level ${k}`));
    }
  }
});

test("a wire at rest is told from the board in both themes (contrast 3)", () => {
  for (const name of ["light", "dark"]) {
    const { edge, rgb } = themeColours(name);
    assert.ok(contrast(parseColour(edge), rgb.board) >= 3, name);
  }
});

test("colours are read in the notations style sheets use", () => {
  assert.deepEqual(parseColour(" #fff "), [255, 255, 255]);
  assert.deepEqual(parseColour("rgb(1 2 3 / 50%)"), [1, 2, 3]);
  assert.equal(parseColour("var(--x)"), null);
  assert.deepEqual(mixRGB([0, 0, 0], [255, 255, 255], 1), [255, 255, 255]);
});

test("node numbers share one unit per lane and never exceed five characters", () => {
  assert.equal(nodeText(-0.538, 1), "\u22120.54");
  assert.equal(nodeText(-0.0001, 1), "0.00");
  assert.equal(nodeText(0.00312, 0.005), "3.1m");
  assert.equal(nodeText(NaN, 1), "–");
  for (const range of [1e-6, 0.02, 1, 12, 250]) for (const u of [-1, -0.37, 0, 0.04, 1]) assert.ok(nodeText(u * range, range).length <= 5);
});

test("dots move with the current's sign, keep within the cycle, and stand still without current", () => {
  const lengths = Float32Array.of(200, 200, 200, 200);
  const phases = Float32Array.of(5, 5, 5, 5);
  advancePhases(phases, [1, -1, 0, NaN], 0.016, 1, lengths);
  assert.ok(phases[0] > 5 && phases[1] < 5 && phases[2] === 5 && phases[3] === 5);
  assert.ok(Math.abs(phases[0] - 5 + (phases[1] - 5)) < 1e-5);
  const edge = Float32Array.of(0.01, PHASE_CYCLE - 0.01);
  advancePhases(edge, [-1, 1], 0.016, 1, Float32Array.of(200, 200));
  assert.ok(edge[0] > PHASE_CYCLE - 1 && edge[1] < 1);
});

test("speed follows the gain, not the number of frames", () => {
  const lengths = Float32Array.of(200);
  const once = advancePhases(Float32Array.of(0), [0.5], 0.06, 1, lengths)[0];
  const phases = Float32Array.of(0);
  for (let k = 0; k < 6; k++) advancePhases(phases, [0.5], 0.01, 1, lengths);
  assert.ok(Math.abs(phases[0] - once) < 1e-5);
  assert.ok(dotSpeed(0.5, 4) > dotSpeed(0.5, 1));
  assert.equal(dotSpeed(-0.5, 1), -dotSpeed(0.5, 1));
});

test("a current too fast for dots at this frame rate glows instead of running backwards", () => {
  const glow = new Uint8Array(2);
  const phases = Float32Array.of(1, 1);
  advancePhases(phases, [1, 0.001], 0.1, 50, Float32Array.of(200, 200), glow);
  assert.deepEqual([...glow], [1, 0]);
  assert.equal(phases[0], 1);
});

test("every edge holds a whole number of dots, about one each spacing", () => {
  for (const length of [1, 19, 41, 333]) {
    const spacing = length / dotCount(length);
    assert.ok(Number.isInteger(dotCount(length)));
    if (length > DOT_SPACING) assert.ok(spacing > 0.6 * DOT_SPACING && spacing < 1.5 * DOT_SPACING);
  }
  assert.equal(strength(NaN, 1), 0);
  assert.equal(strength(2, 1), 1);
});

test("only the strongest devices are animated when there are too many", () => {
  const currents = Float32Array.from({ length: 10000 }, (_, e) => ((e * 7919) % 10000) / 10000);
  const weakest = weakestShown(currents, 0, 10000, 3000);
  const shown = currents.filter((i) => i >= weakest).length;
  assert.ok(shown <= 3000 && shown > 1500, `${shown}`);
  assert.equal(weakestShown(currents, 0, 2000, 3000), 0);
});

test("splatting keeps the total of a dot wherever its centre falls between the pixels", () => {
  for (const [x, y] of [[10, 10], [10.5, 10.25], [10.9, 10.4]]) {
    const raster = createRaster(20, 20);
    splat(raster, x, y, 2, wordOf([1, 2, 3], 0), 100);
    const total = raster.pixels.reduce((sum, word) => sum + (word >>> 24), 0);
    assert.ok(Math.abs(total - 400) < 12, `${total}`);
    assert.ok([...raster.pixels].filter((w) => w >>> 24).every((w) => (w & 0xffffff) === wordOf([1, 2, 3], 0)));
  }
  const round = createRaster(20, 20);
  splatDisc(round, 10.3, 9.6, 3, 0, 255);
  const area = round.pixels.reduce((sum, word) => sum + (word >>> 24), 0) / 255;
  assert.ok(Math.abs(area - Math.PI * 9) < 1, `${area}`);
  const edge = createRaster(4, 4);
  splatDisc(edge, 0, 2, 3, 0, 255);
  splat(edge, -1, 2, 3, 0, 255);
  assert.ok(edge.pixels.every((word) => word === 0));
});

test("dots in pixels lie on their device and move on with the phase", () => {
  const scene = buildScene(LINE);
  const look = { rgb: [255, 0, 0], alpha: 255, side: 2, zoom: 1, x: 20, y: 20, stepPixels: 11 };
  const columns = (phase) => {
    const raster = createRaster(460, 40);
    rasterDots(raster, scene, [0], Float32Array.of(phase, 0), look);
    const found = new Set();
    raster.pixels.forEach((word, k) => {
      if (!(word >>> 24)) return;
      assert.ok(Math.abs(Math.floor(k / 460) - 20) <= 1);
      found.add(k % 460);
    });
    return found;
  };
  const [before, after] = [columns(0), columns(0.5)];
  assert.ok(before.size >= 2 * dotCount(scene.lengths[0]) - 4);
  assert.equal([...before].filter((x) => after.has(x)).length, 0);
});

test("a disc stamp covers its area, full inside, in the rim's colour at the edge", () => {
  const stamp = discStamp(6, 1);
  const area = stamp.cover.reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(area - Math.PI * 6.5 ** 2) < 4);
  const raster = createRaster(30, 30);
  layStamp(raster, stamp, stampWords(stamp, [200, 0, 0], [0, 0, 200]), 15, 15);
  assert.equal(raster.pixels[15 * 30 + 15], wordOf([200, 0, 0]));
  assert.ok((raster.pixels[15 * 30 + 21] >>> 16) & 255, "blue rim");
  layStamp(raster, stamp, stampWords(stamp, [200, 0, 0], [0, 0, 200]), -3, 29);
  assert.equal(over(wordOf([9, 9, 9], 0), wordOf([5, 5, 5])) & 0xffffff, wordOf([5, 5, 5], 0));
});

test("detail falls off with zoom and size, and symbols need room", () => {
  const scene = buildScene(LINE);
  const near = detail(scene, { viewport: { zoom: 1 }, slice: 0 });
  const far = detail(scene, { viewport: { zoom: 0.1 }, slice: 0 });
  assert.ok(near.symbols && near.names && near.numbers && near.arrows);
  assert.ok(!far.symbols && !far.names && !far.numbers && !far.arrows);
  assert.ok(hasSymbol(scene, 0, 1) && hasSymbol(scene, 1, 1));
});

test("devices outside the view are not painted", () => {
  const scene = buildScene(LINE);
  const view = (x) => visibleEdges(scene, { viewport: { x, y: 100, zoom: 1 }, width: 200, height: 200, slice: 0 });
  assert.deepEqual(view(100), [0]);
  assert.deepEqual(view(-300), [0, 1]);
  assert.deepEqual(view(2000), []);
});

test("the SVG shows every node, device and name, escaped", () => {
  const scene = buildScene(LINE);
  const symbols = { relu: "M0 0h1" };
  const text = boardSVG(scene, { v: Float32Array.of(1, -1), i: Float32Array.of(0.5, 0) }, {
    ...pictureFrame(scene.bounds), theme: themeColours("light"), range: 1, gain: 1, symbols, slice: 0,
  });
  assert.equal(text.match(/<circle/g).length, 2);
  assert.equal(text.match(/scale\(38\)/g).length, 2);
  assert.ok(text.includes("&lt;b&gt;&amp;</text>") && !text.includes("<b>"));
  assert.ok(text.includes(themeColours("light").ramps.voltages.fill.at(-1)));
  assert.ok(!/NaN|undefined|Infinity/.test(text));
});

test("the running slice is that of the time, except while building", () => {
  const slices = [{ duration: 1 }, { duration: 0.5 }, { duration: 2 }];
  assert.deepEqual([0, 0.99, 1, 1.49, 1.5, 9].map((t) => sliceAt(slices, t)), [0, 0, 1, 1, 2, 2]);
  const state = { doc: { slices }, sim: {}, time: 1.2, slice: 2, playing: false };
  assert.equal(shownSlice({ ...state, mode: "build" }), 2);
  assert.equal(shownSlice({ ...state, mode: "simulate" }), 1);
  assert.equal(shownSlice({ ...state, mode: "build", playing: true }), 1);
  assert.equal(shownLane({ lane: "adjoint", sim: { hasAdjoint: false } }), "voltages");
});

test("values are put in the scene's order; what is newer than the simulation stands still", () => {
  const scene = buildScene(LINE);
  const sim = {
    hasAdjoint: false, nodeIndex: new Map([["b", 0]]), deviceIndex: new Map([["2", 0], ["gone", 1]]),
    frameAt(time, lane, out) { out.v = Float32Array.of(0.25); out.i = Float32Array.of(0.5, 9); out.iTarget = out.g = null; },
    ranges: () => ({ v: 2, i: 4, g: 0 }),
    T: 2, E: 2, array: () => Float32Array.of(0.25, 9, -0.5, 0),
  };
  const { now } = createFrameSource();
  const shown = now(scene, { sim, time: 0, lane: "currents", currentGain: 2, voltageRange: null, simState: "stale" });
  assert.deepEqual([...shown.frame.v], [1, 0.25]);
  assert.ok(Number.isNaN(shown.frame.i[0]) && shown.frame.i[1] === 0.5);
  assert.deepEqual([shown.range, shown.dim], [2, true]);
  assert.deepEqual([...shown.weights], [0, 4094], "classes of half an octave");
  assert.ok(Math.abs(shown.gain - 2 / reference(4, [0.5])) < 1e-9);
  const empty = now(scene, { sim: null, lane: "adjoint", time: 0 });
  assert.deepEqual([...empty.frame.v], [1, 0]);
  assert.equal(empty.gain, 0);
});

test("the full current follows a decay half way, and never falls to nothing", () => {
  assert.equal(reference(4, [1, -4]), 4);
  assert.equal(reference(4, [0.04, NaN]), 0.4);
  assert.ok(reference(4, [0]) > 0.1);
});

test("the mini-map holds the whole circuit", () => {
  const bounds = { x0: -500, y0: 0, x1: 4500, y1: 900 };
  const { scale, x, y } = minimapScale(bounds, { width: 168, height: 108 });
  for (const [px, size] of [[bounds.x0 * scale + x, 168], [bounds.x1 * scale + x, 168], [bounds.y0 * scale + y, 108], [bounds.y1 * scale + y, 108]]) {
    assert.ok(px >= 7.9 && px <= size - 7.9);
  }
});

test("phases differ between devices so that no pattern marches in step", () => {
  assert.equal(new Set(createPhases({ E: 50 }).map((p) => p.toFixed(4))).size, 50);
});

const chain = (...ids) => ({
  nodes: [{ id: "a", x: 0, y: 0 }, { id: "b", x: 400, y: 0 }],
  slices: [{ duration: 1, devices: ids.map((id) => ({ id, kind: "relu", source: "a", target: "b" })) }],
});

test("dots keep their places when devices are added, removed and reordered", () => {
  const motion = new Motion();
  motion.follow(buildScene(chain("1", "2", "3")));
  motion.advance({ i: Float32Array.of(1, 0.5, -0.2), iTarget: Float32Array.of(-1, 0.1, 0.3) }, 1, 0.05);
  const [source, target] = [motion.source, motion.target];
  assert.notDeepEqual(source, target);
  const after = buildScene(chain("3", "new", "1"));
  motion.follow(after);
  assert.deepEqual([motion.source[0], motion.source[2]], [source[2], source[0]]);
  assert.deepEqual([motion.target[0], motion.target[2]], [target[2], target[0]]);
  assert.equal(motion.source[1], createPhases(after)[1]);
  const kept = motion.source;
  motion.follow(after);
  assert.equal(motion.source, kept, "nothing is made anew for the same scene");
});

test("dots move as their phases do, stand without current gain, and glow where they would alias", () => {
  const scene = buildScene(chain("1", "2"));
  const motion = new Motion();
  motion.follow(scene);
  const frame = { i: Float32Array.of(1, 1e9), iTarget: null };
  motion.advance(frame, 0, 1);
  motion.advance(frame, 1, 0);
  assert.deepEqual(motion.source, createPhases(scene));
  motion.advance(frame, 1, 0.01);
  assert.deepEqual(motion.source, advancePhases(createPhases(scene), frame.i, 0.01, 1, scene.lengths));
  assert.deepEqual([...motion.glow], [0, 1]);
  assert.deepEqual(motion.target, createPhases(scene));
});
