/** The canvas of a travelling pulse, which a pointer moves. */

import { MovingCanvas } from "../moving_canvas.mjs";
import { frameOf, shareAt } from "./pulse.mjs";
import { paintPulse } from "./pulse_paint.mjs";

const SECONDS = 6; // of the whole way
const REST = 0.72; // seconds at the end before it begins again

export class PulsePicture {
  #look;
  #moving;
  #lane = null;

  /** @param {() => {theme: object, series: string[]}} look */
  constructor(look) {
    this.#look = look;
    this.#moving = new MovingCanvas({
      name: "pulse", label: "A pulse on its way from tap to tap", rest: REST,
      length: () => SECONDS,
      paint: (brush, { width, height }, time) => paintPulse(brush, this.#lane, frameOf(width, height), time / SECONDS, this.#look()),
    });
    for (const type of ["pointerdown", "pointermove"]) this.canvas.addEventListener(type, (event) => this.#follow(event));
  }

  get canvas() {
    return this.#moving.canvas;
  }

  get button() {
    return this.#moving.button;
  }

  /** @param {object} lane  see paintPulse */
  show(lane) {
    this.#lane = lane;
    this.#moving.show();
  }

  #follow({ type, buttons, clientX }) {
    if (type === "pointermove" && buttons === 0) return;
    const { left, width, height } = this.canvas.getBoundingClientRect();
    this.#moving.seek(SECONDS * shareAt(frameOf(width, height), clientX - left));
  }
}
