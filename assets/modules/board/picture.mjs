/** The board as a picture file: PNG by the painters, SVG from the same geometry. */

import { createBlockPainter } from "../views/blocks.mjs";
import { brushOf } from "../lib/dom.mjs";
import { symbolsOf } from "../document/kinds.mjs";
import { themeColours } from "../paint/colours.mjs";
import { createFrameSource, shownSlice } from "../play/frames.mjs";
import { createPhases, paintBoard, paintFrame, paintMarks } from "../paint/painter.mjs";
import { boardSVG } from "../paint/svg.mjs";

const MARGIN = 30;
const MOST_PIXELS = 6000;
const NETWORK_SCALE = 0.25; // a cell of 60 board units needs no 60 pixels
const NETWORK_MARGIN = 200; // board units for titles and names, which are as large as on the screen

/** Size and viewport of a picture of the whole circuit at `scale` pixels a board unit. Pure. */
export function pictureFrame(bounds, scale = 1) {
  const width = Math.ceil((bounds.x1 - bounds.x0 + 2 * MARGIN) * scale);
  const height = Math.ceil((bounds.y1 - bounds.y0 + 2 * MARGIN) * scale);
  return { width, height, viewport: { zoom: scale, x: (MARGIN - bounds.x0) * scale, y: (MARGIN - bounds.y0) * scale } };
}

/** The picture of a network: smaller, with room for its titles. */
function networkFrame({ x0, y0, x1, y1 }) {
  const wide = { x0: x0 - NETWORK_MARGIN, y0: y0 - NETWORK_MARGIN, x1: x1 + 2 * NETWORK_MARGIN, y1: y1 + NETWORK_MARGIN };
  return pictureFrame(wide, NETWORK_SCALE);
}

/** Scene, values and options of what the board shows now. */
function present(canvas, store) {
  const state = store.get();
  const scene = canvas.scene();
  if (!scene?.bounds) throw new Error("The circuit is empty: there is nothing to draw.");
  const { frame, ...view } = createFrameSource().now(scene, state);
  const root = document.documentElement;
  return {
    scene, frame, network: state.network,
    options: {
      ...view, ...(state.network ? networkFrame(scene.bounds) : pictureFrame(scene.bounds)), grid: false, slice: shownSlice(state), symbols: symbolsOf(state.registry),
      pictured: state.network ? new Uint8Array(scene.N).fill(1) : null,
      theme: themeColours(root.dataset.theme, getComputedStyle(root)), phases: createPhases(scene),
      phasesTarget: view.lane === "adjoint" ? createPhases(scene) : null, reducedMotion: false,
    },
  };
}

/** Promise of a PNG blob, twice as fine as the screen at zoom 1 as long as that stays printable. */
export function boardPNG(canvas, store) {
  const { scene, frame, network, options } = present(canvas, store);
  const ratio = Math.min(2, MOST_PIXELS / Math.max(options.width, options.height));
  const make = () => {
    const layer = document.createElement("canvas");
    layer.width = Math.round(options.width * ratio);
    layer.height = Math.round(options.height * ratio);
    return layer;
  };
  const o = { ...options, pixelRatio: ratio };
  const result = make();
  const out = brushOf(result);
  out.fillStyle = o.theme.board;
  out.fillRect(0, 0, result.width, result.height);
  const layers = [(ctx) => paintBoard(ctx, scene, o), (ctx) => paintFrame(ctx, scene, frame, o), (ctx) => paintMarks(ctx, scene, o)];
  if (network) {
    const blocks = createBlockPainter();
    layers.unshift((ctx) => blocks.paint(ctx, scene, frame, o, network));
    layers.push((ctx) => blocks.paintAnswers(ctx, scene, frame, o, network));
  }
  for (const paint of layers) {
    const layer = make();
    paint(brushOf(layer));
    out.drawImage(layer, 0, 0);
  }
  return new Promise((resolve) => result.toBlob(resolve, "image/png"));
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

const fileName = (store, suffix) => `${(store.get("doc")?.name || "circuit").replace(/[^\w.-]+/g, "-")}.${suffix}`;

/** Registers the commands share-png and share-svg. */
export function registerPictures({ canvas, store, commands }) {
  const enabled = () => (store.get("doc")?.nodes.length ?? 0) > 0;
  commands.registerAll({
    "share-png": {
      title: "Save the board as PNG", group: "File", enabled,
      run: async () => save(await boardPNG(canvas, store), fileName(store, "png")),
    },
    "share-svg": {
      title: "Save the board as SVG", group: "File", enabled,
      run: () => {
        const { scene, frame, network, options } = present(canvas, store);
        if (network) throw new Error("A network of this size is saved as PNG.");
        save(new Blob([boardSVG(scene, frame, options)], { type: "image/svg+xml" }), fileName(store, "svg"));
      },
    },
  });
}
