/** The canvases over cytoscape and the one frame loop that paints them. */

import { createBlockPainter } from "../views/blocks.mjs";
import { createBoardInfo } from "./board_info.mjs";
import { themeColours } from "../paint/colours.mjs";
import { createFrameSource, shownSlice } from "../play/frames.mjs";
import { advancePhases, createPhases, paintBoard, paintFrame, paintMarks } from "../paint/painter.mjs";
import { doubtfulNode } from "../play/trust.mjs";

const LAYERS = ["picture", "still", "flow", "marks"];
const LONGEST_STEP = 0.1; // s of dot movement a frame, after the tab was away
const FINE_UP_TO = 1500; // devices painted at the full resolution of a dense screen

/** SVG path texts of the device kinds. */
export const symbolsOf = (registry) =>
  Object.fromEntries(Object.entries(registry?.devices ?? {}).map(([kind, law]) => [kind, law.symbol]));

/**
 * @param {{container: HTMLElement, store: object, canvas: object}} parts  container is #board
 */
export function createOverlay({ container, store, canvas }) {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const root = document.documentElement;
  const layers = LAYERS.map((name) => {
    const layer = document.createElement("canvas");
    layer.className = `board-layer board-${name}`;
    layer.setAttribute("aria-hidden", "true");
    container.append(layer);
    return layer;
  });
  const contexts = Object.fromEntries(LAYERS.map((name, k) => [name, layers[k].getContext("2d")]));
  const blocks = createBlockPainter();
  let pictured = { scene: null, nodes: null }; // nodes painted as pixels of a block
  const source = createFrameSource();
  const dirty = { picture: true, still: true, flow: true, marks: true };
  let theme = themeColours(root.dataset.theme, getComputedStyle(root));
  let symbols = symbolsOf(store.get("registry"));
  let phases = { scene: null };
  let shown = { time: NaN, slice: -1 };
  let last = null;
  let frames = 0;
  let painted = []; // times of the last second's frames
  let fps = 0;
  let request = 0;

  const info = createBoardInfo({ container, store, canvas, theme: () => theme, soil: (part) => { dirty[part] = true; } });

  function soil(...parts) {
    for (const part of parts) dirty[part] = true;
  }

  function pixelRatio(scene) {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    return scene.E > FINE_UP_TO ? Math.min(ratio, 1.25) : ratio;
  }

  function resize(width, height, ratio) {
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (layers[0].width === w && layers[0].height === h) return;
    for (const layer of layers) [layer.width, layer.height] = [w, h];
    soil(...LAYERS);
  }

  /** Dots keep their places through edits: phases follow the device's name. */
  function keepPhases(scene) {
    if (phases.scene === scene) return;
    const before = phases;
    phases = { scene, source: createPhases(scene), target: createPhases(scene), glow: new Uint8Array(scene.E) };
    if (!before.scene) return;
    scene.deviceIds.forEach((id, e) => {
      const old = before.scene.deviceIndex.get(id);
      if (old === undefined) return;
      phases.source[e] = before.source[old];
      phases.target[e] = before.target[old];
    });
  }

  /** All nodes of a network are pixels; clears what an earlier network left. */
  function paintBlocks(scene, frame, o, network) {
    if (network) blocks.paint(contexts.picture, scene, frame, o, network);
    else if (dirty.picture) contexts.picture.clearRect(0, 0, layers[0].width, layers[0].height);
    dirty.picture = false;
  }

  function picturedIn(scene, network) {
    if (!network) return null;
    if (pictured.scene !== scene) pictured = { scene, nodes: new Uint8Array(scene.N).fill(1) };
    return pictured.nodes;
  }

  function options(scene, state, view, slice) {
    const { width, height } = canvas.size();
    return {
      ...view, width, height, slice, pictured: picturedIn(scene, state.network), theme, symbols, phases: phases.source, glow: phases.glow,
      phasesTarget: view.lane === "adjoint" ? phases.target : null,
      pixelRatio: pixelRatio(scene), viewport: canvas.viewport(), reducedMotion: still.matches,
      selection: state.selection, hover: state.hover, probes: state.probes,
      failed: state.simError?.node ?? null, doubtful: doubtfulNode(state.sim), ...canvas.marks,
    };
  }

  function step(scene, frame, gain, dt) {
    if (dt <= 0 || gain <= 0) return;
    advancePhases(phases.source, frame.i, dt, gain, scene.lengths, phases.glow);
    if (frame.iTarget) advancePhases(phases.target, frame.iTarget, dt, gain, scene.lengths);
  }

  function paint(now) {
    const state = store.get();
    const scene = canvas.scene();
    const { width, height } = canvas.size();
    const dt = last === null ? 0 : Math.min((now - last) / 1000, LONGEST_STEP);
    last = now;
    if (!scene || width === 0) return;
    resize(width, height, pixelRatio(scene));
    keepPhases(scene);
    const slice = shownSlice(state);
    if (slice !== shown.slice) soil(...LAYERS);
    const moving = state.playing || state.time !== shown.time;
    if (!moving && !dirty.still && !dirty.flow && !dirty.marks) return;
    const { frame, ...view } = source.now(scene, state);
    const o = options(scene, state, view, slice);
    if (dirty.still) paintBoard(contexts.still, scene, o);
    if (moving || dirty.flow) {
      if (moving) step(scene, frame, view.gain, dt);
      paintBlocks(scene, frame, o, state.network);
      paintFrame(contexts.flow, scene, frame, o);
      if (state.network) blocks.paintAnswers(contexts.flow, scene, frame, o, state.network);
      frames += 1;
      if (state.playing) count(now);
    }
    if (dirty.marks) paintMarks(contexts.marks, scene, o);
    dirty.still = dirty.flow = dirty.marks = false;
    shown = { time: state.time, slice };
    info.update(scene, frame, o);
  }

  function count(now) {
    painted.push(now);
    while (painted.length > 0 && painted[0] <= now - 1000) painted.shift();
    const passed = now - painted[0];
    if (passed > 200) fps = ((painted.length - 1) * 1000) / passed;
  }

  function loop(now) {
    request = requestAnimationFrame(loop);
    paint(now);
  }

  function start() {
    cancelAnimationFrame(request);
    last = null;
    painted = [];
    if (!document.hidden) request = requestAnimationFrame(loop);
  }

  function readTheme() {
    theme = themeColours(root.dataset.theme, getComputedStyle(root));
    soil(...LAYERS);
    info.refresh();
  }

  document.addEventListener("visibilitychange", start);
  still.addEventListener("change", () => soil("flow"));
  new MutationObserver(readTheme).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
  canvas.on("view", () => soil(...LAYERS));
  canvas.on("scene", () => soil(...LAYERS));
  canvas.on("marks", () => soil("marks"));
  store.on(["doc", "revision", "mode", "slice"], () => soil(...LAYERS));
  store.on(["selection", "hover", "probes", "sim", "simError"], () => soil("marks"));
  store.on(["sim", "simState", "lane", "currentGain", "voltageRange", "hover", "selection", "plane", "mode"], () => soil("flow"));
  store.on(["playing"], () => { painted = []; });
  store.on(["network"], () => soil(...LAYERS));
  store.on(["registry"], ({ registry }) => {
    symbols = symbolsOf(registry);
    soil("marks");
  });
  start();

  return {
    get fps() { return fps; },
    get frames() { return frames; },
    theme: () => theme,
    repaint: () => soil(...LAYERS),
  };
}
