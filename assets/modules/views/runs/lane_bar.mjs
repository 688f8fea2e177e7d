/** The controls of lanes: which block, which lane of it, which axis. What is chosen stays while epochs go by. */

import { createPlaces, createSegments } from "../../lib/choices.mjs";
import { el, setText } from "../../lib/dom.mjs";
import { axesOf, byLength, laneWords, lengthsOf } from "./lanes.mjs";
import { standing } from "./standing.mjs";

/**
 * The bar of a host with the body that its painter made, both made when it is first asked for.
 * @param {Element} host
 * @param {object} parts
 * @param {string} parts.length  name of the array that lanes are sorted by
 * @param {string} parts.shown  name of an array that holds as many blocks as are shown
 * @param {() => {root: Element, more?: Element[], draw: (shown: object) => string}} parts.body  `draw` returns words about the lane
 */
export const laneBarOf = (host, parts) => standing(host, () => createLaneBar(host, parts));

function createLaneBar(host, { length, shown, body: makeBody }) {
  const chosen = { block: 0, rank: null, axis: 0 };
  const body = makeBody();
  let view = null;
  const choose = (change) => {
    Object.assign(chosen, change);
    show();
  };
  const blocks = createSegments("Block", (name) => choose({ block: Number(name) }));
  const axes = createSegments("Axis", (name) => choose({ axis: Number(name) }));
  const places = createPlaces("Lane, the shortest first", (rank) => choose({ rank }));
  const words = el("span", { class: "muted small view-words" });
  host.replaceChildren(el("div", { class: "view-controls" }, body.more ?? [], blocks.root, axes.root, places.root, words), body.root);

  function show() {
    const lengths = view.arrays[length];
    const [, lanes, count = 1] = lengths.shape;
    const most = view.arrays[shown].shape[0];
    const [block, axis] = [Math.min(chosen.block, most - 1), Math.min(chosen.axis, count - 1)];
    const order = byLength(lengthsOf(lengths, block, axis));
    const rank = Math.min(chosen.rank ?? lanes >> 1, lanes - 1);
    const lane = order[rank];
    blocks.show(Array.from({ length: most }, (_, k) => ({ name: String(k), title: `Block ${k + 1}` })), String(block));
    axes.show(axesOf(count), String(axis));
    places.show(rank, lanes, laneWords(lane, lanes));
    setText(words, body.draw({ view, block, lane, axis }));
  }

  return {
    /** @param {{header: object, arrays: object}} next */
    show(next) {
      view = next;
      show();
    },
  };
}
