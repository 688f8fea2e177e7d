/** Text of a lesson as elements; its live numbers follow the model. */

import { el, put, setText } from "../../lib/dom.mjs";
import { number, quantity } from "../../lib/numbers.mjs";
import { evaluate } from "./figures.mjs";

const COMPOUND = /[/²]/; // V/s and V² take no prefix

/** A live number in words. Pure. */
export const shownValue = (value, unit) => (unit && !COMPOUND.test(unit) ? quantity(value, unit) : `${number(value)}${unit && !Number.isNaN(value) ? ` ${unit}` : ""}`);

/**
 * @param {{pictures: (name: string) => string}} parts  the address of a picture beside the lesson
 * @returns {{words: (list: any[]) => any[], blocks: (list: any[]) => HTMLElement[], update: (world: any) => void}}
 *   `update` writes every live number that was made here
 */
export function createWords({ pictures }) {
  const live = [];

  function word(one) {
    if (typeof one === "string") return one;
    if (one.b) return el("strong", {}, words(one.b));
    if (one.i) return el("em", {}, words(one.i));
    if (one.code) return el("code", { text: one.code });
    if (one.claim) return el("span", { class: "lesson-number", text: one.claim });
    const element = el("output", { class: "lesson-number lesson-live", text: "–" });
    live.push({ element, tree: one.value, unit: one.unit });
    return element;
  }

  const words = (list) => list.map(word);

  function block(one) {
    if (one.p) return el("p", {}, words(one.p));
    if (one.ul) return el("ul", {}, one.ul.map((item) => el("li", {}, words(item))));
    if (one.img) return el("img", { class: "lesson-picture", src: pictures(one.img), alt: one.alt });
    return el("pre", { class: "lesson-figure", text: one.pre, tabindex: 0 });
  }

  return {
    words,
    blocks: (list) => list.map(block),
    update(world) {
      for (const { element, tree, unit } of live) setText(element, shownValue(evaluate(tree, world), unit));
    },
  };
}

/** Replaces what stands in an element where its words changed. */
export function say(element, ...parts) {
  const text = parts.filter((part) => typeof part === "string").join("");
  if (element.textContent !== text || parts.some((part) => typeof part !== "string")) put(element, ...parts);
}
