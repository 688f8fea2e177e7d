/** A canvas that plays a way from 0 to 1: by itself, moved by a pointer, and it rests where nobody sees it. */

import { brushOf, el, iconButton, setGlyph } from "../../lib/dom.mjs";

const REST = 0.12; // of the way, at the end before it begins again
const LONGEST_MS = 100; // a page that was away goes on where it was

export class PlayedPicture {
  #parts;
  #brush;
  #shown = null;
  #playing = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  #way = 0; // shares of the way; behind 1 it rests
  #before = 0; // time of the last frame [ms]
  #asked = 0;

  /**
   * @param {object} parts
   * @param {string} parts.label  of the canvas
   * @param {string} parts.what  plays, such as "the pulse"
   * @param {number} parts.seconds  of the whole way
   * @param {(brush: CanvasRenderingContext2D, shown: object, size: {width: number, height: number}, way: number) => void} parts.paint
   * @param {(size: {width: number, height: number}, x: number) => number} parts.wayAt  under a pointer
   */
  constructor(parts) {
    this.#parts = parts;
    this.canvas = el("canvas", { class: "played", role: "img", "aria-label": parts.label });
    this.button = iconButton("pause", "", { class: "small", on: { click: () => this.#play(!this.#playing) } });
    this.#brush = brushOf(this.canvas);
    for (const type of ["pointerdown", "pointermove"]) this.canvas.addEventListener(type, (event) => this.#follow(event));
    new ResizeObserver(() => this.#draw()).observe(this.canvas);
    this.#play(this.#playing);
  }

  /** @param {object} next  what is painted */
  show(next) {
    this.#shown = next;
    this.#draw();
    this.#before = performance.now();
    this.#wake();
  }

  #draw() {
    const { canvas } = this;
    const [width, height, scale] = [canvas.clientWidth, canvas.clientHeight, window.devicePixelRatio || 1];
    if (!this.#shown || width === 0) return;
    const pixels = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) [canvas.width, canvas.height] = pixels;
    this.#brush.setTransform(scale, 0, 0, scale, 0, 0);
    this.#brush.clearRect(0, 0, width, height);
    this.#parts.paint(this.#brush, this.#shown, { width, height }, Math.min(1, this.#way));
  }

  /** The next frame, while somebody sees it. */
  #wake() {
    if (this.#asked || !this.#playing || !this.#shown || this.canvas.offsetParent === null) return;
    this.#asked = requestAnimationFrame((now) => this.#step(now));
  }

  #step(now) {
    this.#asked = 0;
    this.#way += Math.min(LONGEST_MS, Math.max(0, now - this.#before)) / 1000 / this.#parts.seconds;
    if (this.#way > 1 + REST) this.#way = 0;
    this.#before = now;
    this.#draw();
    this.#wake();
  }

  #play(next) {
    this.#playing = next;
    setGlyph(this.button, next ? "pause" : "play", next ? `Stop ${this.#parts.what}` : `Let ${this.#parts.what} go on`);
    this.#before = performance.now();
    this.#wake();
  }

  #follow({ type, buttons, clientX }) {
    if (type === "pointermove" && buttons === 0) return;
    const { left, width, height } = this.canvas.getBoundingClientRect();
    this.#way = this.#parts.wayAt({ width, height }, clientX - left);
    this.#play(false);
    this.#draw();
  }
}
