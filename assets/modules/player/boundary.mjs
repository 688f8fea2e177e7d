/** The plane of two inputs: how likely the model takes the second class, and the test examples on top. */

import { brushOf, el } from "../lib/dom.mjs";
import { mixRGB, parseColour } from "../paint/colours.mjs";

const TINT = 0.36; // of a class's colour where the model is sure
const DOT = 2.6;

/** Colours (G, G, 4) of a grid of probabilities, the first row at the bottom. Pure in what it is given. */
export function tinted(grid, [rows, columns], { board, negative, positive }) {
  const ends = [negative, positive].map((colour) => mixRGB(board, colour, TINT));
  const pixels = new Uint8ClampedArray(4 * rows * columns);
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) {
      const p = grid[r * columns + c];
      const [end, share] = p < 0.5 ? [ends[0], 1 - 2 * p] : [ends[1], 2 * p - 1];
      const at = 4 * ((rows - 1 - r) * columns + c);
      for (let k = 0; k < 3; k += 1) pixels[at + k] = board[k] + (end[k] - board[k]) * share;
      pixels[at + 3] = 255;
    }
  }
  return pixels;
}

function drawDots(brush, size, { x, y }, examples, { negative, positive, board }) {
  const { data, shape: [count] } = examples.arrays.points;
  const labels = examples.arrays.labels.data;
  const across = (value) => ((value - x[0]) / (x.at(-1) - x[0])) * size;
  const up = (value) => size - ((value - y[0]) / (y.at(-1) - y[0])) * size;
  brush.lineWidth = 0.8;
  brush.strokeStyle = board;
  for (let k = 0; k < count; k += 1) {
    brush.beginPath();
    brush.arc(across(data[2 * k]), up(data[2 * k + 1]), DOT, 0, 2 * Math.PI);
    brush.fillStyle = labels[k] > 0.5 ? positive : negative;
    brush.fill();
    brush.stroke();
  }
}

/** @param {{payload: any}} parts */
export function createBoundary({ payload }) {
  const canvas = el("canvas", { class: "boundary-picture", role: "img", "aria-label": "Decision of the model over both inputs, with test examples" });
  const root = el("figure", { class: "run-plot boundary" }, el("figcaption", {}, el("b", { text: "Decision over both inputs" })), el("div", { class: "run-plot-area" }, canvas));
  const grid = el("canvas", {});
  const examples = payload.has("examples") ? payload.part("examples") : null;
  const known = new Map();

  function show(epoch, look) {
    const name = `boundary/${epoch}`;
    if (!payload.has(name)) return;
    if (!known.has(name)) known.set(name, payload.part(name));
    const { boundary, boundary_x: x, boundary_y: y } = known.get(name).arrays;
    const side = Math.min(canvas.parentElement.clientWidth, canvas.parentElement.clientHeight);
    if (side < 20) return;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    [canvas.width, canvas.height] = [side * ratio, side * ratio];
    [canvas.style.width, canvas.style.height] = [`${side}px`, `${side}px`];
    const [rows, columns] = boundary.shape;
    [grid.width, grid.height] = [columns, rows];
    const [board, negative, positive] = [look.board, look.negative, look.positive].map(parseColour);
    brushOf(grid).putImageData(new ImageData(tinted(boundary.data, boundary.shape, { board, negative, positive }), columns, rows), 0, 0);
    const brush = brushOf(canvas);
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    brush.drawImage(grid, 0, 0, side, side);
    if (examples) drawDots(brush, side, { x: x.data, y: y.data }, examples, look);
  }

  return { root, show };
}
