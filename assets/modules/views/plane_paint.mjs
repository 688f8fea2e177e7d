/** Draws a flow in the plane: the density as a layer of its own resolution, arrows of the field, the cloud of points. */

import { arrowsOf, densityWords, fieldAt, fillDensity, fullDensity, sampleAt, toPixels } from "./plane_picture.mjs";

const HEAD_TURN = 2.6; // radians between an arrow and the strokes of its head

/** The density of one flow, one pixel for each of its cells. */
class DensityLayer {
  constructor({ density, picture_t: times }, colours) {
    const [, rows, columns] = density.shape;
    this.canvas = document.createElement("canvas");
    [this.canvas.width, this.canvas.height] = [columns, rows];
    this.context = this.canvas.getContext("2d");
    this.image = this.context.createImageData(columns, rows);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.density = density;
    this.times = times.data;
    this.full = fullDensity(density);
    this.words = densityWords(colours);
    this.values = null;
  }

  /** The layer's canvas, painted for a time. */
  at(time) {
    const [, rows, columns] = this.density.shape;
    this.values = sampleAt(this.density, this.times, time, this.values);
    fillDensity(this.pixels, this.values, rows, columns, this.full, this.words);
    this.context.putImageData(this.image, 0, 0);
    return this.canvas;
  }
}

/** Paints one plane at any time. */
export class PlanePainter {
  /**
   * @param {{header: {low: number[], high: number[]}, arrays: object}} plane
   * @param {object} colours  of the theme, for the density
   */
  constructor(plane, colours) {
    this.plane = plane;
    this.layer = plane.arrays.density ? new DensityLayer(plane.arrays, colours) : null;
    this.cloud = null;
  }

  /**
   * @param {CanvasRenderingContext2D} context  of a square canvas
   * @param {{time: number, side: number, shown: {points: boolean, density: boolean, arrows: boolean}, colours: object}} look
   */
  paint(context, { time, side, shown, colours }) {
    const { low, high } = this.plane.header;
    const { t, cloud, field, field_t: starts, field_points: points } = this.plane.arrays;
    context.fillStyle = colours.board;
    context.fillRect(0, 0, side, side);
    if (shown.density && this.layer) {
      const picture = this.layer.at(time);
      context.imageSmoothingEnabled = true;
      context.drawImage(picture, 0, 0, side, side);
    }
    if (shown.arrows) {
      paintArrows(context, arrowsOf(points.data, fieldAt(field, starts.data, time), low, high, side), colours.muted);
    }
    if (shown.points) {
      this.cloud = sampleAt(cloud, t.data, time, this.cloud);
      paintPoints(context, this.cloud, { low, high, side }, colours.current);
    }
  }
}

function paintPoints(context, cloud, { low, high, side }, colour) {
  context.fillStyle = colour;
  context.globalAlpha = 0.85;
  const size = side > 400 ? 2.4 : 2;
  for (let k = 0; k < cloud.length; k += 2) {
    const [x, y] = toPixels([cloud[k], cloud[k + 1]], low, high, side);
    context.fillRect(x - size / 2, y - size / 2, size, size);
  }
  context.globalAlpha = 1;
}

function paintArrows(context, arrows, colour) {
  context.strokeStyle = colour;
  context.globalAlpha = 0.75;
  context.lineWidth = 1.2;
  context.beginPath();
  for (const [x0, y0, x1, y1] of arrows) {
    const angle = Math.atan2(y1 - y0, x1 - x0);
    const head = Math.min(5, 0.4 * Math.hypot(x1 - x0, y1 - y0));
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    for (const turn of [HEAD_TURN, -HEAD_TURN]) {
      context.moveTo(x1, y1);
      context.lineTo(x1 + head * Math.cos(angle + turn), y1 + head * Math.sin(angle + turn));
    }
  }
  context.stroke();
  context.globalAlpha = 1;
}
