/** A small board that only plays: the hero of the gallery and its thumbnails. No cytoscape, no plotly. */

import { createClock } from "../play/clock.mjs";
import { themeColours } from "../paint/colours.mjs";
import { el } from "../lib/dom.mjs";
import { fitViewport } from "../paint/geometry.mjs";
import { advancePhases, buildScene, createPhases, paintBoard, paintFrame, paintMarks } from "../paint/painter.mjs";

const MARGIN = 46;
const LARGEST_ZOOM = 1.5;

/**
 * What moves on the stage: the circuit's voltages and currents at a time, those of a trajectory in the scene's order,
 * or the start voltages where there is none. Pure.
 */
export function createCast(circuit, sim = null) {
  const scene = buildScene(circuit);
  const nodes = sim && scene.nodeIds.map((id) => sim.nodeIndex.get(id) ?? -1);
  const devices = sim && scene.deviceIds.map((id) => sim.deviceIndex.get(id) ?? -1);
  const frame = { v: new Float32Array(scene.N), i: new Float32Array(scene.E) };
  const raw = {};
  frame.v.set(scene.voltage);

  /** {v (N,), i (E,)}; the same arrays every time. */
  function frameAt(time) {
    if (!sim) return frame;
    sim.frameAt(time, "voltages", raw);
    nodes.forEach((column, n) => { frame.v[n] = column < 0 ? 0 : raw.v[column]; });
    devices.forEach((column, e) => { frame.i[e] = column < 0 ? NaN : raw.i[column]; });
    return frame;
  }

  return {
    scene, phases: createPhases(scene), frameAt, plays: sim !== null,
    ranges: () => sim?.ranges("voltages") ?? { v: Math.max(...scene.voltage.map(Math.abs), 0), i: 0 },
  };
}

/** What a cast gives to the options of the painters. Pure. */
function ownOptions({ ranges, phases }) {
  const { v, i } = ranges();
  return { lane: "voltages", slice: 0, grid: false, gain: i > 0 ? 1 / i : 0, range: v || 1, phases };
}

/** Give canvases the pixels of a box. */
function fitPixels(canvases, width, height, pixelRatio) {
  for (const canvas of canvases) {
    if (canvas.width !== Math.round(width * pixelRatio)) canvas.width = Math.round(width * pixelRatio);
    if (canvas.height !== Math.round(height * pixelRatio)) canvas.height = Math.round(height * pixelRatio);
  }
}

/** Plays a clock: calls `paint(seconds)` for every frame, with the time that passed since the one before. */
function createPlayer(clock, paint) {
  let running = false;
  let last = null;

  function tick(now) {
    if (!running) return;
    const passed = last === null ? 0 : Math.min((now - last) / 1000, 0.1);
    last = now;
    clock.tick(passed);
    paint(passed);
    requestAnimationFrame(tick);
  }

  return {
    start() {
      clock.play();
      running = true;
      last = null;
      requestAnimationFrame(tick);
    },
    stop() {
      running = false;
    },
    get running() { return running; },
  };
}

/**
 * @param {Element} host  gets three canvases
 * @param {{theme: function(): string, symbols: function(): object, margin?: number}} options
 */
export function createStage(host, { theme, symbols = () => ({}), margin = MARGIN }) {
  const layers = ["board", "flow", "marks"].map((name) => el("canvas", { class: `stage-${name}`, "aria-hidden": "true" }));
  host.replaceChildren(...layers);
  const [board, flow, marks] = layers.map((canvas) => canvas.getContext("2d"));
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const clock = createClock({ hold: 1.2 });
  const player = createPlayer(clock, (passed) => options && paintNow(passed));
  let cast = null;
  let options = null; // of the painters, as soon as the host has a size
  let frames = 0;

  function measure() {
    const { clientWidth: width, clientHeight: height } = host;
    if (!cast || width === 0 || height === 0) return false;
    const pixelRatio = Math.min(window.devicePixelRatio || 1, 2);
    fitPixels(layers, width, height, pixelRatio);
    options = {
      ...ownOptions(cast), width, height, pixelRatio,
      viewport: fitViewport(cast.scene.bounds, width, height, { margin, maxZoom: LARGEST_ZOOM }),
      theme: themeColours(theme(), getComputedStyle(document.documentElement)),
      symbols: symbols(),
      reducedMotion: still.matches,
    };
    return true;
  }

  function repaint() {
    if (!measure()) return;
    paintBoard(board, cast.scene, options);
    paintMarks(marks, cast.scene, options);
    paintNow(0);
  }

  function paintNow(passed) {
    const { scene, phases } = cast;
    const frame = cast.frameAt(clock.time);
    advancePhases(phases, frame.i, passed, options.gain, scene.lengths);
    paintFrame(flow, scene, frame, options);
    frames += 1;
  }

  /** Show a circuit; with a trajectory it plays, without it stands at its start voltages. */
  function show(circuit, trajectory = null) {
    cast = createCast(circuit, trajectory);
    if (trajectory) {
      clock.duration = trajectory.duration;
      clock.seek(0);
    }
    repaint();
  }

  function play() {
    if (!player.running && cast?.plays) player.start();
  }

  new ResizeObserver(repaint).observe(host);
  return { show, play, stop: player.stop, repaint, at: (time) => { clock.seek(time); repaint(); }, state: () => ({ frames, time: clock.time, playing: player.running }) };
}
