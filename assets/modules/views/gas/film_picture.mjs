/** The canvas of a film with a slider, and words for the phase it is in. */

import { el, setText } from "../../lib/dom.mjs";
import { MovingCanvas } from "../moving_canvas.mjs";
import { boundsOf, momentOf, phasesOf } from "./film.mjs";
import { frameOf, paintFilm } from "./film_paint.mjs";

const REST = 1; // seconds at the end before it begins again
const TICKS = 1000; // of the slider

export class FilmPicture {
  #theme;
  #moving;
  #film = null;
  #phases = phasesOf(1);
  #bounds = null;
  #onPhase;

  /**
   * @param {() => object} theme
   * @param {(round: number, phase: object) => void} onPhase  told whenever another phase begins, with the rounds that are over
   */
  constructor(theme, onPhase = () => {}) {
    this.#theme = theme;
    this.#onPhase = onPhase;
    this.#moving = new MovingCanvas({
      name: "film", label: "Particles of a layer: velocities, pairs, collisions, drift", rest: REST,
      length: () => this.#length,
      paint: (...place) => this.#paint(...place),
    });
    this.words = el("output", { class: "place-words film-phase" });
    this.slider = el("input", {
      type: "range", min: 0, max: TICKS, step: 1, value: 0, "aria-label": "Where the film is",
      on: { input: () => this.#moving.seek((Number(this.slider.value) / TICKS) * this.#length) },
    });
    this.root = el("label", { class: "places film-places" }, this.slider, this.words);
  }

  get canvas() {
    return this.#moving.canvas;
  }

  get button() {
    return this.#moving.button;
  }

  get #length() {
    return this.#phases[this.#phases.length - 1].end;
  }

  /** @param {import("./film.mjs").Film} film */
  show(film) {
    const share = this.#moving.time / this.#length;
    this.#film = film;
    this.#phases = phasesOf(film.rounds.length);
    this.#bounds = boundsOf(film);
    this.#moving.time = share * this.#length; // another epoch goes on where the one before was
    this.canvas.dataset.phase = "";
    this.#moving.show();
  }

  #paint(brush, { width, height }, time) {
    const moment = momentOf(this.#film, this.#phases, time);
    paintFilm(brush, this.#film, moment, frameOf(this.#bounds, width, height), this.#theme());
    this.#tell(moment.phase, time / this.#length);
  }

  /** Slider and words. */
  #tell(phase, share) {
    this.slider.value = String(Math.round(TICKS * share));
    this.slider.style.setProperty("--share", `${100 * share}%`);
    const key = `${phase.name} ${phase.round}`;
    if (this.canvas.dataset.phase === key) return;
    this.canvas.dataset.phase = key;
    setText(this.words, phase.title);
    this.slider.setAttribute("aria-valuetext", phase.title);
    this.#onPhase(phase.name === "drift" ? phase.round : phase.round + (phase.name === "collide" ? 1 : 0), phase);
  }
}
