/** Small controls of pictures: one of several words, and a place on a slider. */

import { el, put, setText } from "./dom.mjs";

/**
 * Buttons of which one is pressed; they are there only while there is a choice.
 * @param {string} label  what is chosen
 * @param {(name: string) => void} onChoose
 */
export function createSegments(label, onChoose) {
  const root = el("div", { class: "segments small", role: "group", "aria-label": label, hidden: true });
  let drawn = "";

  /** @param {{name: string, title: string}[]} options */
  function show(options, chosen) {
    root.hidden = options.length < 2;
    const key = JSON.stringify(options);
    if (key !== drawn) {
      drawn = key;
      put(root, options.map(({ name, title }) =>
        el("button", { type: "button", class: "segment", text: title, dataset: { name }, on: { click: () => onChoose(name) } })));
    }
    for (const button of root.children) button.setAttribute("aria-pressed", String(button.dataset.name === chosen));
  }

  return { root, show };
}

/**
 * A slider of whole places, with words that say where it stands.
 * @param {string} label
 * @param {(place: number) => void} onPlace
 */
export function createPlaces(label, onPlace) {
  const input = el("input", { type: "range", min: 0, step: 1, "aria-label": label, on: { input: () => onPlace(Number(input.value)) } });
  const words = el("output", { class: "place-words" });
  const root = el("label", { class: "places" }, input, words);

  /**
   * @param {number} place
   * @param {number} count  of places
   * @param {string} text  that stands beside it
   */
  function show(place, count, text) {
    input.max = String(Math.max(0, count - 1));
    input.value = String(place);
    input.disabled = count < 2;
    input.style.setProperty("--share", `${count < 2 ? 0 : (100 * place) / (count - 1)}%`);
    input.setAttribute("aria-valuetext", text);
    setText(words, text);
  }

  return { root, show };
}
