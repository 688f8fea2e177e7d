/** The canvas of a travelling pulse: it plays by itself, a pointer moves it, and it rests where nobody sees it. */

import { brushOf, el, iconButton, setGlyph } from "../../lib/dom.mjs";
import { frameOf, shareAt } from "./pulse.mjs";
import { paintPulse } from "./pulse_paint.mjs";

const SECONDS = 6; // of the whole way
const REST = 0.12; // of the way, at the end before it begins again
const LONGEST_MS = 100; // a page that was away goes on where it was

export class PulsePicture {
  #look;
  #brush;
  #lane = null;
  #playing = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  #way = 0; // shares of the way; behind 1 it rests
  #before = 0; // time of the last frame [ms]
  #asked = 0;

  /** @param {() => {theme: object, series: string[]}} look */
  constructor(look) {
    this.#look = look;
    this.canvas = el("canvas", { class: "pulse", role: "img", "aria-label": "A pulse on its way from tap to tap" });
    this.button = iconButton("pause", "Stop the pulse", { class: "small", on: { click: () => this.#play(!this.#playing) } });
    this.#brush = brushOf(this.canvas);
    for (const type of ["pointerdown", "pointermove"]) this.canvas.addEventListener(type, (event) => this.#follow(event));
    new ResizeObserver(() => this.#draw()).observe(this.canvas);
    this.#play(this.#playing);
  }

  /** @param {object} lane  see paintPulse */
  show(lane) {
    this.#lane = lane;
    this.#draw();
    this.#before = performance.now();
    this.#wake();
  }

  #draw() {
    const { canvas } = this;
    const [width, height, scale] = [canvas.clientWidth, canvas.clientHeight, window.devicePixelRatio || 1];
    if (!this.#lane || width === 0) return;
    const pixels = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) [canvas.width, canvas.height] = pixels;
    this.#brush.setTransform(scale, 0, 0, scale, 0, 0);
    this.#brush.clearRect(0, 0, width, height);
    paintPulse(this.#brush, this.#lane, frameOf(width, height), Math.min(1, this.#way), this.#look());
  }

  /** The next frame, while somebody sees it. */
  #wake() {
    if (this.#asked || !this.#playing || !this.#lane || this.canvas.offsetParent === null) return;
    this.#asked = requestAnimationFrame((now) => this.#step(now));
  }

  #step(now) {
    this.#asked = 0;
    this.#way += Math.min(LONGEST_MS, Math.max(0, now - this.#before)) / 1000 / SECONDS;
    if (this.#way > 1 + REST) this.#way = 0;
    this.#before = now;
    this.#draw();
    this.#wake();
  }

  #play(next) {
    this.#playing = next;
    setGlyph(this.button, next ? "pause" : "play", next ? "Stop the pulse" : "Let the pulse go on");
    this.#before = performance.now();
    this.#wake();
  }

  #follow({ type, buttons, clientX }) {
    if (type === "pointermove" && buttons === 0) return;
    const { left, width, height } = this.canvas.getBoundingClientRect();
    this.#way = shareAt(frameOf(width, height), clientX - left);
    this.#play(false);
    this.#draw();
  }
}
