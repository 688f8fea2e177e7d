/** The canvases over cytoscape and the one frame loop that paints them. */

import { createBlockPainter } from "../views/blocks.mjs";
import { createBoardInfo } from "./board_info.mjs";
import { symbolsOf } from "../document/kinds.mjs";
import { FrameRate } from "../lib/frame_rate.mjs";
import { themeColours } from "../paint/colours.mjs";
import { createLayers } from "../paint/layers.mjs";
import { Motion } from "../paint/motion.mjs";
import { MOST_PLOTS, createNodePlots } from "../paint/node_plots.mjs";
import { createPortraits } from "../paint/portraits.mjs";
import { createFrameSource, shownSlice } from "../play/frames.mjs";
import { paintBoard, paintFrame, paintMarks } from "../paint/painter.mjs";
import { doubtfulNode } from "../play/trust.mjs";

const LAYERS = ["picture", "still", "flow", "marks"];
/** Which layers a change of the store soils. */
const SOILED_BY = [
  [LAYERS, ["doc", "revision", "mode", "slice", "network", "capacitors"]],
  [["flow"], ["sim", "simState", "lane", "currentGain", "voltageRange", "hover", "selection", "plane", "mode", "plots", "probes", "portraits", "inputPlane"]],
  [["marks"], ["selection", "hover", "probes", "sim", "simError", "registry", "broken", "run"]],
];
const LONGEST_STEP = 0.1; // s of dot movement a frame, after the tab was away
const FINE_UP_TO = 1500; // devices painted at the full resolution of a dense screen

function pixelRatio(scene) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  return scene.E > FINE_UP_TO ? Math.min(ratio, 1.25) : ratio;
}

/** Layers that must be painted again. */
function createSoil() {
  const dirty = { picture: true, still: true, flow: true, marks: true };
  return {
    dirty,
    soil(layers = LAYERS) {
      for (const layer of layers) dirty[layer] = true;
    },
  };
}

/**
 * How things look, as the page and the registry say: colours, symbols, whether dots may move.
 * @param {{store: any, soil: (layers?: string[]) => void, onTheme: () => void}} parts
 */
function watchLook({ store, soil, onTheme }) {
  const root = document.documentElement;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const present = () => themeColours(root.dataset.theme, getComputedStyle(root));
  const look = { theme: present(), symbols: symbolsOf(store.get("registry")), reducedMotion: still.matches };

  still.addEventListener("change", () => {
    look.reducedMotion = still.matches;
    soil(["flow"]);
  });
  new MutationObserver(() => {
    look.theme = present();
    soil();
    onTheme();
  }).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
  store.on(["registry"], ({ registry }) => {
    look.symbols = symbolsOf(registry);
    soil(); // forms of sources lie on the still layer
  });
  return look;
}

/** The nodes of a network, all of them pixels of a block. */
function createPicturing(layers) {
  const blocks = createBlockPainter();
  /** @type {{scene: any, nodes: Uint8Array|null}} */
  let pictured = { scene: null, nodes: null };

  return {
    /** Which nodes are pixels: all of a network, none of a circuit that was drawn. */
    nodes(scene, network) {
      if (!network) return null;
      if (pictured.scene !== scene) pictured = { scene, nodes: new Uint8Array(scene.N).fill(1) };
      return pictured.nodes;
    },
    /** Below the devices; clears what an earlier network left where `soiled`. */
    paint(scene, frame, o, network, soiled) {
      if (network) blocks.paint(layers.contexts.picture, scene, frame, o, network);
      else if (soiled) layers.clear("picture");
    },
    /** Above the devices. */
    paintAnswers(scene, frame, o, network) {
      if (network) blocks.paintAnswers(layers.contexts.flow, scene, frame, o, network);
    },
  };
}

/** Which nodes have a plot beside them: those pinned to the scope, else all where they are few. */
function plottedNodes(scene, { plots, sim, probes, network, time }, lane, slice) {
  if (!plots || !sim || network || !(sim.duration > 0)) return null;
  return { sim, lane, ids: besideOf(scene, probes), slice, share: time / sim.duration };
}

/** Nodes that have something drawn beside them. */
function besideOf(scene, probes) {
  const pinned = probes.filter((id) => scene.nodeIndex.has(id));
  return (pinned.length > 0 ? pinned : scene.nodeIds).slice(0, MOST_PLOTS);
}

/** Which nodes have a portrait beside them, and when. */
function portrayedNodes(scene, { portraits, inputPlane, network, probes, time, doc }, slice) {
  if (!portraits || !inputPlane || network) return null;
  return { plane: inputPlane, ids: besideOf(scene, probes), slice, time, doc };
}

/** What is crossed out: faults of the run whose circuit lies on the board. */
const brokenNow = ({ broken, run }) => (broken && run?.id === broken.run ? broken : null);

/**
 * Paints what a frame has changed.
 * @param {{canvas: any, layers: ReturnType<typeof createLayers>, look: any, info: any, rate: FrameRate, dirty: Record<string, boolean>, soil: (layers?: string[]) => void}} parts
 */
function createPainting({ canvas, layers, look, info, rate, dirty, soil }) {
  const { contexts } = layers;
  const picturing = createPicturing(layers);
  const source = createFrameSource();
  const motion = new Motion();
  const plots = createNodePlots();
  const portraits = createPortraits();
  let shown = { time: NaN, slice: -1 };

  function options(scene, state, view, slice) {
    const { width, height } = canvas.size();
    return {
      ...view, ...look, width, height, slice, pictured: picturing.nodes(scene, state.network), phases: motion.source, glow: motion.glow,
      phasesTarget: view.lane === "adjoint" ? motion.target : null,
      pixelRatio: pixelRatio(scene), viewport: canvas.viewport(),
      selection: state.selection, hover: state.hover, probes: state.probes,
      plotted: plottedNodes(scene, state, view.lane, slice), portrayed: portrayedNodes(scene, state, slice),
      failed: state.simError?.node ?? null, doubtful: doubtfulNode(state.sim), broken: brokenNow(state), ...canvas.marks,
    };
  }

  function paintFlow(scene, frame, o, network) {
    picturing.paint(scene, frame, o, network, dirty.picture);
    dirty.picture = false;
    paintFrame(contexts.flow, scene, frame, o);
    picturing.paintAnswers(scene, frame, o, network);
    if (o.portrayed) portraits(contexts.flow, scene, o, o.portrayed);
    else if (o.plotted) plots(contexts.flow, scene, frame, o, o.plotted);
  }

  /** @param {number} now  [ms]; `dt` of the dots' movement [s] */
  return function paint(scene, state, now, dt) {
    const { width, height } = canvas.size();
    if (layers.resize(width, height, pixelRatio(scene))) soil();
    motion.follow(scene);
    const slice = shownSlice(state);
    if (slice !== shown.slice) soil();
    const moving = state.playing || state.time !== shown.time;
    if (!moving && !dirty.still && !dirty.flow && !dirty.marks) return;
    const { frame, ...view } = source.now(scene, state);
    const o = options(scene, state, view, slice);
    if (dirty.still) paintBoard(contexts.still, scene, o);
    if (moving) motion.advance(frame, view.gain, dt);
    if (moving || dirty.flow) {
      paintFlow(scene, frame, o, state.network);
      rate.count(now, state.playing);
    }
    if (dirty.marks) paintMarks(contexts.marks, scene, o);
    dirty.still = dirty.flow = dirty.marks = false;
    shown = { time: state.time, slice };
    info.update(scene, frame, o);
  };
}

/**
 * Animation frames for as long as the page is seen; `onFrame(now, dt)` gets ms and the seconds since the last one.
 * @param {{onStart: () => void, onFrame: (now: number, dt: number) => void}} parts
 */
function startFrames({ onStart, onFrame }) {
  let last = null;
  let request = 0;

  function loop(now) {
    request = requestAnimationFrame(loop);
    const dt = last === null ? 0 : Math.min((now - last) / 1000, LONGEST_STEP);
    last = now;
    onFrame(now, dt);
  }

  function start() {
    cancelAnimationFrame(request);
    last = null;
    onStart();
    if (!document.hidden) request = requestAnimationFrame(loop);
  }

  document.addEventListener("visibilitychange", start);
  start();
}

/**
 * @param {{container: HTMLElement, store: any, canvas: any}} parts  container is #board
 */
export function createOverlay({ container, store, canvas }) {
  const { dirty, soil } = createSoil();
  const layers = createLayers(container, LAYERS, (name) => `board-layer board-${name}`); // below what stands beside the circuit
  const rate = new FrameRate();
  const look = watchLook({ store, soil, onTheme: () => info.refresh() });
  const info = createBoardInfo({ container, store, canvas, theme: () => look.theme });
  const paint = createPainting({ canvas, layers, look, info, rate, dirty, soil });

  for (const event of ["view", "scene"]) canvas.on(event, () => soil());
  canvas.on("marks", () => soil(["marks"]));
  for (const [layers, keys] of SOILED_BY) store.on(keys, () => soil(layers));
  store.on(["playing"], () => rate.restart());
  startFrames({
    onStart: () => rate.restart(),
    onFrame: (now, dt) => {
      const scene = canvas.scene();
      if (scene && canvas.size().width > 0) paint(scene, store.get(), now, dt);
    },
  });

  return {
    get fps() { return rate.perSecond; },
    get frames() { return rate.total; },
    theme: () => look.theme,
    repaint: () => soil(),
  };
}
