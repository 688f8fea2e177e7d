/** The controls of fields: which example, on which grid. What is chosen stays while epochs go by. */

import { createPlaces, createSegments } from "../../lib/choices.mjs";
import { el, setText } from "../../lib/dom.mjs";
import { exampleOf, exampleWords, gridsOf } from "./examples.mjs";
import { standing } from "./standing.mjs";

/**
 * The bar of a host with the body that its painter made, both made when it is first asked for.
 * @param {Element} host
 * @param {() => {root: Element, draw: (shown: object) => void}} makeBody
 * @param {{example: number, grid: string}} chosen  which example on which grid, shared with other views
 */
export const barOf = (host, makeBody, chosen) => standing(host, () => createBar(host, makeBody(), chosen));

function createBar(host, body, chosen) {
  let view = null;
  const choose = (change) => {
    Object.assign(chosen, change);
    show();
  };
  const places = createPlaces("Example", (example) => choose({ example }));
  const grids = createSegments("Points of the grid", (grid) => choose({ grid }));
  const words = el("span", { class: "muted small view-words" });
  host.replaceChildren(el("div", { class: "view-controls" }, places.root, grids.root, words), body.root);

  function show() {
    const all = gridsOf(view.arrays);
    const grid = all.find(({ name }) => name === chosen.grid) ?? all.find(({ own }) => own);
    const example = Math.min(chosen.example, grid.count - 1);
    const fields = exampleOf(view.arrays, grid, example);
    places.show(example, grid.count, `Example ${example + 1} of ${grid.count}`);
    grids.show(all.map(({ name, title }) => ({ name, title: `${title} points` })), grid.name);
    setText(words, exampleWords(fields, grid));
    body.draw({ ...fields, grid, periodic: view.header.periodic });
  }

  return {
    /** @param {{header: object, arrays: object}} next */
    show(next) {
      view = next;
      show();
    },
  };
}
