/** The canvas of a film: it plays by itself, a slider moves it, and it rests where nobody sees it. */

import { brushOf, el, iconButton, setGlyph, setText } from "../../lib/dom.mjs";
import { boundsOf, momentOf, phasesOf } from "./film.mjs";
import { frameOf, paintFilm } from "./film_paint.mjs";

const REST = 1; // seconds at the end before it begins again
const LONGEST_MS = 100; // a page that was away goes on where it was
const TICKS = 1000; // of the slider

export class FilmPicture {
  #theme;
  #brush;
  #film = null;
  #phases = phasesOf(1);
  #bounds = null;
  #playing = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  #time = 0;
  #before = 0; // time of the last frame [ms]
  #asked = 0;
  #onPhase;

  /**
   * @param {() => object} theme
   * @param {(round: number, phase: object) => void} onPhase  told whenever another phase begins, with the rounds that are over
   */
  constructor(theme, onPhase = () => {}) {
    this.#theme = theme;
    this.#onPhase = onPhase;
    this.canvas = el("canvas", { class: "film", role: "img", "aria-label": "Particles of a layer: velocities, pairs, collisions, drift" });
    this.button = iconButton("pause", "Stop the film", { class: "small", on: { click: () => this.#play(!this.#playing) } });
    this.words = el("output", { class: "place-words film-phase" });
    this.slider = el("input", { type: "range", min: 0, max: TICKS, step: 1, value: 0, "aria-label": "Where the film is", on: { input: () => this.#seek(Number(this.slider.value) / TICKS) } });
    this.root = el("label", { class: "places film-places" }, this.slider, this.words);
    this.#brush = brushOf(this.canvas);
    new ResizeObserver(() => this.#draw()).observe(this.canvas);
    this.#play(this.#playing);
  }

  get #length() {
    return this.#phases[this.#phases.length - 1].end;
  }

  /** @param {import("./film.mjs").Film} film */
  show(film) {
    const share = this.#time / this.#length;
    this.#film = film;
    this.#phases = phasesOf(film.rounds.length);
    this.#bounds = boundsOf(film);
    this.#time = share * this.#length; // another epoch goes on where the one before was
    this.canvas.dataset.phase = "";
    this.#draw();
    this.#before = performance.now();
    this.#wake();
  }

  #draw() {
    const { canvas } = this;
    const [width, height, scale] = [canvas.clientWidth, canvas.clientHeight, window.devicePixelRatio || 1];
    if (!this.#film || width === 0) return;
    const pixels = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) [canvas.width, canvas.height] = pixels;
    this.#brush.setTransform(scale, 0, 0, scale, 0, 0);
    this.#brush.clearRect(0, 0, width, height);
    const moment = momentOf(this.#film, this.#phases, Math.min(this.#time, this.#length));
    paintFilm(this.#brush, this.#film, moment, frameOf(this.#bounds, width, height), this.#theme());
    this.#tell(moment.phase);
  }

  /** Slider and words. */
  #tell(phase) {
    const share = Math.min(1, this.#time / this.#length);
    this.slider.value = String(Math.round(TICKS * share));
    this.slider.style.setProperty("--share", `${100 * share}%`);
    const key = `${phase.name} ${phase.round}`;
    if (this.canvas.dataset.phase === key) return;
    this.canvas.dataset.phase = key;
    setText(this.words, phase.title);
    this.slider.setAttribute("aria-valuetext", phase.title);
    this.#onPhase(phase.name === "drift" ? phase.round : phase.round + (phase.name === "collide" ? 1 : 0), phase);
  }

  /** The next frame, while somebody sees it. */
  #wake() {
    if (this.#asked || !this.#playing || !this.#film || this.canvas.offsetParent === null) return;
    this.#asked = requestAnimationFrame((now) => this.#step(now));
  }

  #step(now) {
    this.#asked = 0;
    this.#time += Math.min(LONGEST_MS, Math.max(0, now - this.#before)) / 1000;
    if (this.#time > this.#length + REST) this.#time = 0;
    this.#before = now;
    this.#draw();
    this.#wake();
  }

  #play(next) {
    this.#playing = next;
    setGlyph(this.button, next ? "pause" : "play", next ? "Stop the film" : "Let the film go on");
    this.#before = performance.now();
    this.#wake();
  }

  #seek(share) {
    this.#time = share * this.#length;
    this.#play(false);
    this.#draw();
  }
}
