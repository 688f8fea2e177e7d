/** Canvases on top of each other, all of one size. */

import { brushOf } from "../lib/dom.mjs";

/**
 * @param {Element} container
 * @param {string[]} names  from the bottom to the top
 * @param {(name: string) => string} classOf  class of the canvas of a layer
 */
export function createLayers(container, names, classOf) {
  const canvases = names.map((name) => {
    const canvas = document.createElement("canvas");
    canvas.className = classOf(name);
    canvas.setAttribute("aria-hidden", "true");
    return canvas;
  });
  container.append(...canvases);
  const [first] = canvases;
  const contexts = Object.fromEntries(names.map((name, k) => [name, brushOf(canvases[k])]));

  return {
    contexts,
    /** Sizes in pixels of the page, of which each has `ratio` of the screen; whether that emptied them. */
    resize(width, height, ratio) {
      const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (first.width === w && first.height === h) return false;
      for (const canvas of canvases) [canvas.width, canvas.height] = [w, h];
      return true;
    },
    clear: (name) => contexts[name].clearRect(0, 0, first.width, first.height),
  };
}
