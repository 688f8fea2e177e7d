/** A canvas whose picture plays by itself: sharp on every screen, stopped by a button, at rest where nobody sees it. */

import { brushOf, el, iconButton, setGlyph } from "../lib/dom.mjs";

const LONGEST_MS = 100; // a page that was away goes on where it was

export class MovingCanvas {
  #brush;
  #name;
  #rest;
  #length;
  #paint;
  #shown = false;
  #playing = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  #time = 0;
  #before = 0; // time of the last frame [ms]
  #asked = 0;

  /**
   * @param {object} parts
   * @param {string} parts.name  of what plays, as in "Stop the pulse"; the canvas has it as its class
   * @param {string} parts.label  what is seen, for those who do not see it
   * @param {number} parts.rest  at the end before it begins again [s]
   * @param {() => number} parts.length  of one turn [s]
   * @param {(brush: CanvasRenderingContext2D, size: {width: number, height: number}, time: number) => void} parts.paint  the
   *   picture at a time [s] up to the length
   */
  constructor({ name, label, rest, length, paint }) {
    this.#name = name;
    this.#rest = rest;
    this.#length = length;
    this.#paint = paint;
    this.canvas = el("canvas", { class: name, role: "img", "aria-label": label });
    this.button = iconButton("pause", `Stop the ${name}`, { class: "small", on: { click: () => this.#play(!this.#playing) } });
    this.#brush = brushOf(this.canvas);
    new ResizeObserver(() => this.#draw()).observe(this.canvas);
    this.#play(this.#playing);
  }

  /** There is something to be painted, or something else than before. */
  show() {
    this.#shown = true;
    this.#draw();
    this.#before = performance.now();
    this.#wake();
  }

  /** Another time [s] of what is shown next. */
  set time(time) {
    this.#time = time;
  }

  get time() {
    return Math.min(this.#time, this.#length());
  }

  /** Rest at a time [s]. */
  seek(time) {
    this.#time = time;
    this.#play(false);
    this.#draw();
  }

  #draw() {
    const { canvas } = this;
    const [width, height, scale] = [canvas.clientWidth, canvas.clientHeight, window.devicePixelRatio || 1];
    if (!this.#shown || width === 0) return;
    const pixels = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) [canvas.width, canvas.height] = pixels;
    this.#brush.setTransform(scale, 0, 0, scale, 0, 0);
    this.#brush.clearRect(0, 0, width, height);
    this.#paint(this.#brush, { width, height }, this.time);
  }

  /** The next frame, while somebody sees it. */
  #wake() {
    if (this.#asked || !this.#playing || !this.#shown || this.canvas.offsetParent === null) return;
    this.#asked = requestAnimationFrame((now) => this.#step(now));
  }

  #step(now) {
    this.#asked = 0;
    this.#time += Math.min(LONGEST_MS, Math.max(0, now - this.#before)) / 1000;
    if (this.#time > this.#length() + this.#rest) this.#time = 0;
    this.#before = now;
    this.#draw();
    this.#wake();
  }

  #play(next) {
    this.#playing = next;
    setGlyph(this.button, next ? "pause" : "play", next ? `Stop the ${this.#name}` : `Let the ${this.#name} go on`);
    this.#before = performance.now();
    this.#wake();
  }
}
