/** A square on which a digit is drawn by mouse, pen, touch or a number key. */

import { rampLevel } from "../paint/colours.mjs";
import { EXAMPLES, SIDE, imageOf, inkOf } from "./digit.mjs";
import { el } from "../lib/dom.mjs";
import { wordOf } from "../paint/raster.mjs";

const FINE = 112;
const PAUSE_MS = 220; // of the pointer, after which an unfinished drawing is computed too

/** @param {{theme: function, onImage: (image: Float32Array) => void}} parts */
export function createPad({ theme, onImage }) {
  const canvas = el("canvas", {
    class: "pad", width: FINE, height: FINE, tabindex: "0", role: "img",
    "aria-label": "Drawing pad: draw a digit, or press a number key for an example",
  });
  const context = canvas.getContext("2d");
  const image = context.createImageData(FINE, FINE);
  const pixels = new Uint32Array(image.data.buffer);
  let strokes = [];
  let given = null; // a picture that was not drawn here
  let side = SIDE;
  let drawing = false;
  let timer = null;

  function paint() {
    const ramp = theme().ramps.voltages;
    const words = ramp.rgb.map((rgb) => wordOf(rgb));
    const ink = given ?? inkOf(strokes, FINE);
    for (let k = 0; k < ink.length; k++) pixels[k] = words[rampLevel(ink[k], 1)];
    context.putImageData(image, 0, 0);
  }

  function tell() {
    clearTimeout(timer);
    timer = null;
    onImage(imageOf(strokes, side));
  }

  function point(event) {
    const frame = canvas.getBoundingClientRect();
    return [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    drawing = true;
    if (fresh) strokes = [];
    fresh = false;
    given = null;
    strokes.push([point(event)]);
    paint();
    canvas.focus({ preventScroll: true });
    event.preventDefault();
    event.stopPropagation();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) strokes.at(-1).push(point(one));
    paint();
    clearTimeout(timer);
    timer = setTimeout(tell, PAUSE_MS);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      if (!drawing) return;
      drawing = false;
      tell();
    });
  }
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^\d$/.test(event.key)) example(Number(event.key));
    else if (event.key === "Backspace" || event.key === "Delete") clear();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  let fresh = true; // an example is on show: the first stroke replaces it

  function example(digit) {
    strokes = EXAMPLES[digit].map((stroke) => stroke.map((at) => [...at]));
    fresh = true;
    given = null;
    paint();
    tell();
  }

  /** Show a picture of side x side values without computing anything. */
  function show(values) {
    const from = Math.round(Math.sqrt(values.length));
    const at = (k) => Math.floor((k * from) / FINE);
    given = Float32Array.from({ length: FINE * FINE }, (_, k) => values[at(Math.floor(k / FINE)) * from + at(k % FINE)]);
    strokes = [];
    fresh = true;
    paint();
  }

  function clear() {
    strokes = [];
    given = null;
    fresh = true;
    paint();
    tell();
  }

  return { element: canvas, paint, show, example, clear, setSide: (next) => { side = next; } };
}
