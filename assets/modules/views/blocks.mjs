/** Paints a large network: its blocks of nodes as pictures of voltages, its outputs as named squares. */

import { rampLevel, rampOf } from "../paint/colours.mjs";
import { count } from "../lib/numbers.mjs";
import { bars, blockPicture, fillPicture, rampWords } from "./pictures.mjs";

const LARGEST_SQUARE = 34; // screen pixels of an output

/** "Inputs, 28 × 28" or "Hidden 2, 400 nodes". Pure. */
export function blockTitle({ name, nodes, rows, columns }) {
  const full = rows * columns === nodes.length && rows > 1 && columns > 1;
  return full ? `${name}, ${rows} × ${columns}` : `${name}, ${count(nodes.length, "node")}`;
}

/** Names of the output nodes: the classes that the network states, else their labels or ids. Pure. */
export function answerNames(scene, outputs, classes = null) {
  return outputs.map((n, k) => (classes?.length === outputs.length ? classes[k] : scene.names[n]));
}

export function createBlockPainter() {
  let known = { scene: null, network: null, blocks: [] };
  let words = { ramp: null, list: null };

  function blocksOf(scene, network) {
    if (known.scene === scene && known.network === network) return known.blocks;
    const blocks = network.blocks.filter(({ nodes }) => nodes.length > 0).map((block) => {
      const picture = blockPicture(scene, block);
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [picture.columns, picture.rows];
      const context = canvas.getContext("2d");
      const image = context.createImageData(picture.columns, picture.rows);
      return { ...block, picture, canvas, context, image, pixels: new Uint32Array(image.data.buffer) };
    });
    known = { scene, network, blocks };
    return blocks;
  }

  /**
   * The pictures, below the devices.
   * @param {object} o  options of the board's painters
   */
  function paint(ctx, scene, frame, o, network) {
    ctx.setTransform(o.pixelRatio, 0, 0, o.pixelRatio, 0, 0);
    ctx.clearRect(0, 0, o.width, o.height);
    const ramp = rampOf(o.theme, o.lane);
    if (words.ramp !== ramp) words = { ramp, list: rampWords(ramp) };
    ctx.globalAlpha = o.dim ? 0.5 : 1;
    for (const block of blocksOf(scene, network)) {
      if (block.role !== "output") paintPicture(ctx, frame, block, o);
    }
    ctx.globalAlpha = 1;
  }

  /** The outputs, above the devices that end there. */
  function paintAnswers(ctx, scene, frame, o, network) {
    ctx.setTransform(o.pixelRatio, 0, 0, o.pixelRatio, 0, 0);
    for (const block of blocksOf(scene, network)) {
      if (block.role === "output") paintOutputs(ctx, scene, frame, block, o, rampOf(o.theme, o.lane), network);
    }
  }

  function paintPicture(ctx, frame, block, { viewport, theme, range }) {
    const { picture, canvas, context, image, pixels } = block;
    fillPicture(pixels, picture.cells, frame.v, range, words.list);
    context.putImageData(image, 0, 0);
    const [x, y] = [picture.x * viewport.zoom + viewport.x, picture.y * viewport.zoom + viewport.y];
    const [width, height] = [picture.width * viewport.zoom, picture.height * viewport.zoom];
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(canvas, x, y, width, height);
    ctx.strokeStyle = theme.line;
    ctx.lineWidth = 1;
    ctx.strokeRect(x - 3.5, y - 3.5, width + 7, height + 7);
    title(ctx, blockTitle(block), x + width / 2, y - 13, theme);
  }

  function paintOutputs(ctx, scene, frame, { nodes, pitch }, { viewport, theme, range }, ramp, network) {
    const names = answerNames(scene, nodes, network.classes);
    const apart = nodes.length > 1 ? Math.abs(scene.y[nodes[1]] - scene.y[nodes[0]]) * viewport.zoom : LARGEST_SQUARE;
    const side = Math.min(LARGEST_SQUARE * Math.max(1, viewport.zoom * 3), Math.max(4, 0.8 * apart), Math.max(12, 4 * pitch * viewport.zoom));
    const { leader } = bars(nodes.map((n) => frame.v[n]), 1);
    ctx.textBaseline = "middle";
    nodes.forEach((n, k) => {
      const x = scene.x[n] * viewport.zoom + viewport.x;
      const y = scene.y[n] * viewport.zoom + viewport.y;
      const level = rampLevel(frame.v[n], range);
      ctx.fillStyle = ramp.fill[level];
      ctx.fillRect(x - side / 2, y - side / 2, side, side);
      ctx.strokeStyle = k === leader ? theme.accent : theme.line;
      ctx.lineWidth = k === leader ? 3 : 1;
      const edge = side / 2 + (k === leader ? 2.5 : 0.5);
      ctx.strokeRect(x - edge, y - edge, 2 * edge, 2 * edge);
      if (side < 9) return;
      const inside = names[k].length <= 2 && side >= 12;
      ctx.font = `${k === leader ? 700 : 500} ${Math.min(15, Math.max(11, 0.55 * side))}px ${theme.font}`;
      ctx.textAlign = inside ? "center" : "left";
      ctx.fillStyle = inside ? ramp.text[level] : k === leader ? theme.text : theme.muted;
      ctx.fillText(names[k], inside ? x : x + side / 2 + 8, y + 0.5);
    });
    const top = Math.min(...nodes.map((n) => scene.y[n])) * viewport.zoom + viewport.y - side / 2;
    title(ctx, "Outputs", scene.x[nodes[0]] * viewport.zoom + viewport.x, top - 13, theme);
  }

  return { paint, paintAnswers };
}

function title(ctx, text, x, y, theme) {
  ctx.font = `600 12px ${theme.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = theme.muted;
  ctx.fillText(text, x, y);
}
