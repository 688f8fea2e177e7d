/** The controls of lanes: which block, which lane of it, which axis. What is chosen stays while epochs go by. */

import { createPlaces, createSegments } from "../../lib/choices.mjs";
import { el, setText } from "../../lib/dom.mjs";
import { axesOf, byLength, laneWords, lengthsOf, optionsOf } from "./lanes.mjs";
import { standing } from "./standing.mjs";

/**
 * The bar of a host with the body that its painter made, both made when it is first asked for.
 * @param {Element} host
 * @param {object} parts
 * @param {string|((view: object) => string)} parts.length  name of the array that lanes are sorted by
 * @param {string|((view: object) => string)} parts.shown  name of an array that holds as many blocks as are shown
 * @param {() => {root: Element, more?: Element[], draw: (shown: object) => string}} parts.body  `draw` returns words about the lane
 * @param {{chosen: {example: number}, openLane: (of: object, options: object) => Promise<void>}} parts.tools
 */
export const laneBarOf = (host, parts) => standing(host, () => createLaneBar(host, parts));

const named = (name, view) => (typeof name === "function" ? name(view) : name);

/** The button that makes a circuit of the lane; `current()` says which lane of which run that is. */
function createOpen({ openLane }, current) {
  const open = el("button", { type: "button", class: "button small lane-open", text: "Open on the canvas", title: "The circuit of this lane, driven by the shown example, as one of your own", on: { click: run } });

  async function run() {
    const { of, options } = current();
    open.disabled = true;
    await openLane(of, options);
    open.disabled = false;
  }

  return open;
}

function createLaneBar(host, { length, shown, body: makeBody, tools }) {
  const chosen = { block: 0, rank: null, axis: 0 };
  const body = makeBody();
  let view = null;
  let current = { block: 0, lane: 0 };
  const open = createOpen(tools, () => ({ of: view.of, options: optionsOf(view, { ...current, example: tools.chosen.example }) }));
  const choose = (change) => {
    Object.assign(chosen, change);
    show();
  };
  const blocks = createSegments("Block", (name) => choose({ block: Number(name) }));
  const axes = createSegments("Axis", (name) => choose({ axis: Number(name) }));
  const places = createPlaces("Lane, the shortest first", (rank) => choose({ rank }));
  const words = el("span", { class: "muted small view-words" });
  host.replaceChildren(el("div", { class: "view-controls" }, body.more ?? [], blocks.root, axes.root, places.root, words, open), body.root);

  function show() {
    const lengths = view.arrays[named(length, view)];
    const [, lanes, count = 1] = lengths.shape;
    const most = view.arrays[named(shown, view)].shape[0];
    const [block, axis] = [Math.min(chosen.block, most - 1), Math.min(chosen.axis, count - 1)];
    const order = byLength(lengthsOf(lengths, block, axis));
    const rank = Math.min(chosen.rank ?? lanes >> 1, lanes - 1);
    const lane = order[rank];
    current = { block, lane };
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
