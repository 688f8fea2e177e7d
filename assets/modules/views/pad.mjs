/** A square on which a digit is drawn by mouse, pen, touch or a number key. */

import { rampLevel } from "../paint/colours.mjs";
import { PadDrawing } from "./pad_drawing.mjs";
import { el } from "../lib/dom.mjs";
import { wordOf } from "../paint/raster.mjs";

const FINE = 112;
const PAUSE_MS = 220; // of the pointer, after which an unfinished drawing is computed too

/**
 * Tells of the lines that the primary button draws, in shares of the canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {{begin: (at) => void, extend: (places) => void, end: () => void}} heard
 */
function followLines(canvas, { begin, extend, end }) {
  let drawing = false;
  const placeOf = ({ clientX, clientY }) => {
    const frame = canvas.getBoundingClientRect();
    return [(clientX - frame.left) / frame.width, (clientY - frame.top) / frame.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    drawing = true;
    begin(placeOf(event));
    canvas.focus({ preventScroll: true });
    event.preventDefault();
    event.stopPropagation();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (drawing) extend((event.getCoalescedEvents?.() ?? [event]).map(placeOf));
  });
  for (const type of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(type, () => {
      if (!drawing) return;
      drawing = false;
      end();
    });
  }
}

/** Paints shares of ink in the colours of voltages from 0 to 1. */
function inkPainter(canvas) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  return (ink, ramp) => {
    const words = ramp.rgb.map((rgb) => wordOf(rgb));
    for (let k = 0; k < ink.length; k++) pixels[k] = words[rampLevel(ink[k], 1)];
    context.putImageData(image, 0, 0);
  };
}

/** A number key writes its digit, Backspace and Delete clear the pad. */
function followKeys(canvas, { example, clear }) {
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^\d$/.test(event.key)) example(Number(event.key));
    else if (event.key === "Backspace" || event.key === "Delete") clear();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

/** @param {{theme: function, onImage: (image: Float32Array) => void}} parts */
export function createPad({ theme, onImage }) {
  const canvas = el("canvas", {
    class: "pad", width: FINE, height: FINE, tabindex: "0", role: "img",
    "aria-label": "Drawing pad: draw a digit, or press a number key for an example",
  });
  const drawing = new PadDrawing(FINE);
  const paintInk = inkPainter(canvas);
  let timer = null;

  const paint = () => paintInk(drawing.ink(), theme().ramps.voltages);

  function tell() {
    clearTimeout(timer);
    timer = null;
    onImage(drawing.image());
  }

  /** Show what is drawn and have it computed. */
  function present() {
    paint();
    tell();
  }

  function example(digit) {
    drawing.example(digit);
    present();
  }

  function clear() {
    drawing.clear();
    present();
  }

  /** Show a picture of side x side values without computing anything. */
  function show(values) {
    drawing.show(values);
    paint();
  }

  followLines(canvas, {
    begin(at) {
      drawing.begin(at);
      paint();
    },
    extend(places) {
      for (const at of places) drawing.extend(at);
      paint();
      clearTimeout(timer);
      timer = setTimeout(tell, PAUSE_MS);
    },
    end: tell,
  });
  followKeys(canvas, { example, clear });

  return { element: canvas, paint, show, example, clear, setSide: (side) => { drawing.side = side; } };
}
