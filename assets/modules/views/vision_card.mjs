/** What the card of a circuit that looks at pictures is made of: its elements, the picture of the inputs, the answers as bars. */

import { boardCard } from "./card.mjs";
import { el, iconButton, put, setText } from "../lib/dom.mjs";
import { quantity } from "../lib/numbers.mjs";
import { bars, fillPicture } from "./pictures.mjs";

/** Voltages of the input nodes, one pixel each. */
class InputPicture {
  constructor() {
    this.element = el("canvas", { class: "vision-picture", role: "img", "aria-label": "Voltages of the input nodes" });
    this.context = this.element.getContext("2d");
    this.image = null;
    this.pixels = null;
  }

  resize({ columns, rows }) {
    [this.element.width, this.element.height] = [columns, rows];
    this.image = this.context.createImageData(columns, rows);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  /** @param {Uint32Array} words  of rampWords */
  paint(cells, values, range, words) {
    fillPicture(this.pixels, cells, values, range, words);
    this.context.putImageData(this.image, 0, 0);
  }
}

/** Voltages of the output nodes as bars from a common zero; who leads is marked. */
class AnswerBars {
  constructor() {
    this.element = el("ol", { class: "vision-bars", "aria-label": "Output voltages" });
    this.rows = [];
  }

  name(names) {
    this.rows = names.map((name) => {
      const bar = el("span", { class: "vision-bar" });
      const value = el("span", { class: "vision-value" });
      return { bar, value, row: el("li", {}, el("span", { class: "vision-name", text: name, title: name }), el("span", { class: "vision-track" }, bar), value) };
    });
    put(this.element, this.rows.map(({ row }) => row));
  }

  /**
   * @param {number[]} values
   * @param {{range: number, signed: boolean}} reach  of all times
   */
  paint(values, reach) {
    const { list: lengths, leader } = bars(values, reach.range, reach.signed);
    this.element.dataset.signed = String(reach.signed);
    this.rows.forEach(({ bar, value, row }, k) => {
      bar.style.left = `${(100 * lengths[k].start).toFixed(1)}%`;
      bar.style.width = `${(100 * lengths[k].length).toFixed(1)}%`;
      bar.dataset.sign = values[k] < 0 ? "negative" : "positive";
      setText(value, quantity(values[k], "V", 2));
      const leads = k === leader ? "true" : "false";
      if (row.dataset.leads !== leads) row.dataset.leads = leads;
    });
  }
}

/**
 * @param {HTMLElement} pad
 * @param {() => void} onClear
 */
export function visionCard(pad, onClear) {
  const title = el("span", { class: "legend-title" });
  const clear = iconButton("bin", "Clear the pad", { class: "small", on: { click: onClear } });
  const picture = new InputPicture();
  const answers = new AnswerBars();
  const [low, high] = [el("span", {}), el("span", {})];
  const scale = el("div", { class: "legend-scale", "aria-hidden": "true" });
  const note = el("p", { class: "muted small vision-note", text: "Draw, or press 0 to 9." });
  const card = boardCard("vision", "Picture and answers",
    el("div", { class: "legend-head" }, title, clear), pad, picture.element,
    el("div", { class: "vision-scale" }, low, scale, high), note, answers.element);

  /**
   * @param {{drawn: boolean, answers: number, range: number, stops: string[]}} head  `drawn`: on the pad; `stops`: colours from low to high
   */
  function paintHead({ drawn, answers: amount, range, stops }) {
    setText(title, drawn ? (amount === 10 ? "Draw a digit" : "Draw a picture") : "Input picture");
    pad.hidden = clear.hidden = note.hidden = !drawn;
    picture.element.hidden = drawn;
    const edge = drawn ? 1 : range;
    setText(low, quantity(-edge, "V", 2));
    setText(high, `+${quantity(edge, "V", 2)}`);
    scale.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
  }

  return { card, picture, answers, paintHead };
}
