/** Draws what the server shows of a data set: counts, the first rows, pictures or points. */

import { bytesOf, circuitText, oneOfEach, pixelsOf, placesIn, shapeText, sizesText } from "./data_words.mjs";
import { el, put, setText } from "../lib/dom.mjs";

const CLASSES_SHOWN = 12;
const SIDE = 112; // of the plane, in CSS pixels
const SCALE = 2;
const POINT = 1.6;

/** The classes of a data set with their counts, and a picture of each where there are pictures. */
function classList() {
  const root = el("ul", { class: "data-classes" });

  function show({ counts = [], pictures, classes: names = [] }) {
    const places = pictures ? oneOfEach(pictures.classes, CLASSES_SHOWN) : [];
    const bytes = pictures && bytesOf(pictures.pixels);
    const byName = new Map(counts);
    const entry = (place, name, number) => {
      const picture = place === undefined || place === null ? null : thumbnail(bytes, pictures, place, name);
      const caption = name && el("span", { class: "data-name", text: name, title: name });
      const amount = number !== undefined && el("span", { class: "data-count", text: number.toLocaleString("en") });
      return el("li", {}, picture, caption, amount);
    };
    const listed = names.slice(0, CLASSES_SHOWN).map((name, k) =>
      entry(pictures && places.find((place) => pictures.classes[place] === k), name, byName.get(name)));
    const plain = names.length === 0 ? places.map((place) => entry(place, "", undefined)) : [];
    const more = names.length > CLASSES_SHOWN ? [el("li", { class: "data-more", text: `and ${names.length - CLASSES_SHOWN} more` })] : [];
    put(root, ...listed, ...plain, ...more);
    root.dataset.pictures = String(Boolean(pictures));
  }

  return { root, show };
}

function thumbnail(bytes, pictures, place, name) {
  const canvas = el("canvas", { class: "data-thumbnail", width: pictures.columns, height: pictures.rows, role: "img", "aria-label": name || "An example" });
  canvas.getContext("2d").putImageData(new ImageData(pixelsOf(bytes, pictures, place), pictures.columns, pictures.rows), 0, 0);
  return canvas;
}

/** The first rows of a table; columns that are targets or left out are marked. */
function rowTable() {
  const table = el("table", { class: "data-table" });
  const root = el("div", { class: "data-rows", tabindex: "0", role: "region", "aria-label": "The first rows" }, table);

  function show({ columns = [], roles = [], rows = [] }) {
    root.hidden = rows.length === 0;
    const tone = (k) => ({ class: roles[k] ?? "" });
    put(
      table,
      el("thead", {}, el("tr", {}, columns.map((name, k) => el("th", { ...tone(k), scope: "col", text: name, title: roles[k] ? `${name}: ${roles[k]}` : name })))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell, k) => el("td", { ...tone(k), text: cell }))))),
    );
  }

  return { root, show };
}

/** Points of the plane, in the colours of their classes. */
function pointPlane(theme) {
  const root = el("canvas", { class: "data-plane", width: SIDE * SCALE, height: SIDE * SCALE, role: "img", "aria-label": "Some of the points" });

  function show({ points, classes = [] }) {
    root.hidden = !points;
    if (!points) return;
    const colours = theme();
    const series = [colours.negative, colours.positive, colours.adjoint, colours.current, colours.adjointNegative];
    const context = root.getContext("2d");
    context.setTransform(SCALE, 0, 0, SCALE, 0, 0);
    context.clearRect(0, 0, SIDE, SIDE);
    placesIn(points.places, SIDE, 8).forEach(([x, y], k) => {
      context.fillStyle = points.classes.length > 0 && classes.length > 0 ? series[points.classes[k] % series.length] : colours.accent;
      context.beginPath();
      context.arc(x, y, POINT, 0, 2 * Math.PI);
      context.fill();
    });
  }

  return { root, show };
}

/** @param {{theme: function}} parts  `theme()` gives the colours of the page */
export function createDataPreview({ theme }) {
  const problem = el("p", { class: "note error data-problem", role: "alert" });
  const sizes = el("p", { class: "note" });
  const shape = el("p", { class: "note" });
  const plane = pointPlane(theme);
  const classes = classList();
  const rows = rowTable();
  const circuit = el("p", { class: "note data-circuit" });
  const words = el("div", { class: "data-words" }, sizes, shape, classes.root);
  const notes = el("ul", { class: "note data-notes", "aria-label": "What was assumed" });
  const root = el("div", { class: "data-preview" }, problem, el("div", { class: "data-look" }, plane.root, words), notes, rows.root);
  let shown = null;

  /** @param {{state: string, preview: object|null, error: string}} answer */
  function show({ state, preview, error }) {
    root.dataset.state = state;
    setText(problem, error);
    if (state === "reading") return; // what was there stays, dimmed
    shown = preview;
    setText(sizes, preview ? sizesText(preview) : "");
    setText(shape, preview ? shapeText(preview) : "");
    put(notes, ...(preview?.notes ?? []).map((text) => el("li", { text })));
    for (const part of [classes, rows, plane]) part.show(shown ?? {});
  }

  /** The circuit that would be trained, by source and the open circuit's ends. */
  function showCircuit(source, board) {
    const { text, fits } = shown ? circuitText(shown, source, board) : { text: "", fits: true };
    setText(circuit, text);
    circuit.classList.toggle("error", !fits);
  }

  /** After a change of the theme. */
  const paint = () => plane.show(shown ?? {});

  return { root, circuit, show, showCircuit, paint };
}
