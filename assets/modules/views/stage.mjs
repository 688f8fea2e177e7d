/** A small board that only plays: the hero of the gallery and its thumbnails. No cytoscape, no plotly. */

import { createClock } from "../play/clock.mjs";
import { themeColours } from "../paint/colours.mjs";
import { el } from "../lib/dom.mjs";
import { fitViewport } from "../paint/geometry.mjs";
import { advancePhases, buildScene, createPhases, paintBoard, paintFrame, paintMarks } from "../paint/painter.mjs";

const MARGIN = 46;
const LARGEST_ZOOM = 1.5;

/** Trajectory columns of the scene's nodes and devices. */
function columns(scene, sim) {
  return {
    nodes: scene.nodeIds.map((id) => sim.nodeIndex.get(id) ?? -1),
    devices: scene.deviceIds.map((id) => sim.deviceIndex.get(id) ?? -1),
  };
}

/**
 * @param {Element} host  gets three canvases
 * @param {{theme: function(): string, symbols: function(): object, margin?: number}} options
 */
export function createStage(host, { theme, symbols = () => ({}), margin = MARGIN }) {
  const layers = ["board", "flow", "marks"].map((name) => el("canvas", { class: `stage-${name}`, "aria-hidden": "true" }));
  host.replaceChildren(...layers);
  const contexts = layers.map((canvas) => canvas.getContext("2d"));
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const clock = createClock({ hold: 1.2 });
  let scene = null;
  let sim = null;
  let map = null;
  let phases = null;
  let options = null;
  let running = false;
  let last = null;
  let frames = 0;
  const frame = { v: new Float32Array(0), i: new Float32Array(0) };
  const raw = {};

  function measure() {
    const width = host.clientWidth;
    const height = host.clientHeight;
    if (!scene || width === 0 || height === 0) return false;
    const pixelRatio = Math.min(window.devicePixelRatio || 1, 2);
    for (const canvas of layers) {
      if (canvas.width !== Math.round(width * pixelRatio)) canvas.width = Math.round(width * pixelRatio);
      if (canvas.height !== Math.round(height * pixelRatio)) canvas.height = Math.round(height * pixelRatio);
    }
    const ranges = sim?.ranges("voltages") ?? { v: Math.max(...scene.voltage.map(Math.abs), 0), i: 0 };
    options = {
      viewport: fitViewport(scene.bounds, width, height, { margin, maxZoom: LARGEST_ZOOM }),
      width, height, pixelRatio,
      theme: themeColours(theme(), getComputedStyle(document.documentElement)),
      symbols: symbols(),
      lane: "voltages",
      slice: 0,
      grid: false,
      gain: ranges.i > 0 ? 1 / ranges.i : 0,
      range: ranges.v || 1,
      phases,
      reducedMotion: still.matches,
    };
    return true;
  }

  function repaint() {
    if (!measure()) return;
    paintBoard(contexts[0], scene, options);
    paintMarks(contexts[2], scene, options);
    paintNow(0);
  }

  function paintNow(passed) {
    if (sim) {
      sim.frameAt(clock.time, "voltages", raw);
      map.nodes.forEach((column, n) => { frame.v[n] = column < 0 ? 0 : raw.v[column]; });
      map.devices.forEach((column, e) => { frame.i[e] = column < 0 ? NaN : raw.i[column]; });
    } else {
      frame.v.set(scene.voltage);
      frame.i.fill(0);
    }
    advancePhases(phases, frame.i, passed, options.gain, scene.lengths);
    paintFrame(contexts[1], scene, frame, options);
    frames += 1;
  }

  function tick(now) {
    if (!running) return;
    const passed = last === null ? 0 : Math.min((now - last) / 1000, 0.1);
    last = now;
    clock.tick(passed);
    if (options) paintNow(passed);
    requestAnimationFrame(tick);
  }

  /** Show a circuit; with a trajectory it plays, without it stands at its start voltages. */
  function show(circuit, trajectory = null) {
    scene = buildScene(circuit);
    sim = trajectory;
    phases = createPhases(scene);
    frame.v = new Float32Array(scene.N);
    frame.i = new Float32Array(scene.E);
    if (sim) {
      map = columns(scene, sim);
      clock.duration = sim.duration;
      clock.seek(0);
    }
    repaint();
  }

  function play() {
    if (running || !sim) return;
    clock.play();
    running = true;
    last = null;
    requestAnimationFrame(tick);
  }

  function stop() {
    running = false;
  }

  new ResizeObserver(repaint).observe(host);
  return { show, play, stop, repaint, at: (time) => { clock.seek(time); repaint(); }, state: () => ({ frames, time: clock.time, playing: running }) };
}
