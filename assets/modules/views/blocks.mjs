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

/** A block with the canvas on which its pixels are painted. */
function withPixels(scene, block) {
  const picture = blockPicture(scene, block);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.columns, picture.rows];
  const context = canvas.getContext("2d");
  const image = context.createImageData(picture.columns, picture.rows);
  return { ...block, picture, canvas, context, image, pixels: new Uint32Array(image.data.buffer) };
}

export function createBlockPainter() {
  let known = { scene: null, network: null, blocks: [] };
  let words = { ramp: null, list: null };

  function blocksOf(scene, network) {
    if (known.scene === scene && known.network === network) return known.blocks;
    const blocks = network.blocks.filter(({ nodes }) => nodes.length > 0).map((block) => withPixels(scene, block));
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
      if (block.role !== "output") paintPicture(ctx, frame, block, o, words.list);
    }
    ctx.globalAlpha = 1;
  }

  /** The outputs, above the devices that end there, and all titles. */
  function paintAnswers(ctx, scene, frame, o, network) {
    ctx.setTransform(o.pixelRatio, 0, 0, o.pixelRatio, 0, 0);
    for (const block of blocksOf(scene, network)) {
      if (block.role !== "output") titlePicture(ctx, block, o);
      else paintOutputs(ctx, scene, frame, block, o, answerNames(scene, block.nodes, network.classes));
    }
  }

  return { paint, paintAnswers };
}

function paintPicture(ctx, frame, block, { viewport, theme, range }, words) {
  const { picture, canvas, context, image, pixels } = block;
  fillPicture(pixels, picture.cells, frame.v, range, words);
  context.putImageData(image, 0, 0);
  const [x, y] = [picture.x * viewport.zoom + viewport.x, picture.y * viewport.zoom + viewport.y];
  const [width, height] = [picture.width * viewport.zoom, picture.height * viewport.zoom];
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(canvas, x, y, width, height);
  ctx.strokeStyle = theme.line;
  ctx.lineWidth = 1;
  ctx.strokeRect(x - 3.5, y - 3.5, width + 7, height + 7);
}

/** Over the devices, which may end anywhere. */
function titlePicture(ctx, block, { viewport, theme }) {
  const { picture } = block;
  const x = (picture.x + picture.width / 2) * viewport.zoom + viewport.x;
  title(ctx, blockTitle(block), x, picture.y * viewport.zoom + viewport.y - 13, theme);
}

/** Side of an output's square on the screen: not so large that neighbours touch. */
function squareSide({ nodes, pitch }, y, zoom) {
  const apart = nodes.length > 1 ? Math.abs(y[nodes[1]] - y[nodes[0]]) * zoom : LARGEST_SQUARE;
  return Math.min(LARGEST_SQUARE * Math.max(1, zoom * 3), Math.max(4, 0.8 * apart), Math.max(12, 4 * pitch * zoom));
}

function paintOutputs(ctx, scene, frame, block, { viewport, theme, range, lane }, names) {
  const { nodes } = block;
  const ramp = rampOf(theme, lane);
  const side = squareSide(block, scene.y, viewport.zoom);
  const { leader } = bars(nodes.map((n) => frame.v[n]), 1);
  ctx.textBaseline = "middle";
  nodes.forEach((n, k) => {
    const at = { x: scene.x[n] * viewport.zoom + viewport.x, y: scene.y[n] * viewport.zoom + viewport.y, side };
    const level = rampLevel(frame.v[n], range);
    paintSquare(ctx, at, ramp.fill[level], k === leader, theme);
    if (side >= 9) nameSquare(ctx, at, names[k], ramp.text[level], k === leader, theme);
  });
  const top = Math.min(...nodes.map((n) => scene.y[n])) * viewport.zoom + viewport.y - side / 2;
  title(ctx, "Outputs", scene.x[nodes[0]] * viewport.zoom + viewport.x, top - 13, theme);
}

function paintSquare(ctx, { x, y, side }, fill, leads, theme) {
  ctx.fillStyle = fill;
  ctx.fillRect(x - side / 2, y - side / 2, side, side);
  ctx.strokeStyle = leads ? theme.accent : theme.line;
  ctx.lineWidth = leads ? 3 : 1;
  const edge = side / 2 + (leads ? 2.5 : 0.5);
  ctx.strokeRect(x - edge, y - edge, 2 * edge, 2 * edge);
}

/** A short name stands in its square, a long one on the right of it. */
function nameSquare(ctx, { x, y, side }, name, inner, leads, theme) {
  const inside = name.length <= 2 && side >= 12;
  ctx.font = `${leads ? 700 : 500} ${Math.min(15, Math.max(11, 0.55 * side))}px ${theme.font}`;
  ctx.textAlign = inside ? "center" : "left";
  ctx.fillStyle = inside ? inner : leads ? theme.text : theme.muted;
  ctx.fillText(name, inside ? x : x + side / 2 + 8, y + 0.5);
}

function title(ctx, text, x, y, theme) {
  ctx.font = `600 12px ${theme.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = 5;
  ctx.strokeStyle = theme.board;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = theme.muted;
  ctx.fillText(text, x, y);
}
