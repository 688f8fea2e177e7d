/** In the Export panel: a lane of the followed run's model, to be opened as a circuit. */

import { byId, el, put, setText } from "../lib/dom.mjs";
import { numberField } from "../lib/fields.mjs";

const CHOICES = [["block", "Block"], ["lane", "Lane"], ["axis", "Axis"], ["example", "Example"]];

/** What stands above the fields. Pure. */
export const laneCardWords = ({ card: { title }, epochs }) =>
  `Run ${title}, epoch ${epochs.at(-1)}: the circuit of one lane, driven by an example of the data that were held out. It opens on the canvas, and leaves from here like any other.`;

/** @param {{openLane: (of: object, options: object) => Promise<void>, run: () => any}} parts  `run`: the followed one */
export function createLaneCard({ openLane, run }) {
  const box = byId("export-lane");
  const section = /** @type {HTMLElement} */ (box.parentElement);
  const chosen = { block: 1, lane: 1, axis: 1, example: 1 };
  const words = el("p", { class: "note" });
  const fields = CHOICES.map(([name, label]) => {
    const field = numberField({ label, integer: true, low: 1, onCommit: (value) => { chosen[name] = value; } });
    field.set(1);
    return field.root;
  });
  const open = el("button", { type: "button", id: "export-lane-open", class: "button wide", text: "Open on the canvas", on: { click: go } });
  put(box, words, el("div", { class: "lane-fields" }, fields), open);

  async function go() {
    const { id, epochs } = run();
    open.disabled = true;
    await openLane({ id, epoch: epochs.at(-1) }, { ...chosen, split: "held_out" });
    open.disabled = false;
  }

  /** There while the followed run has lanes. */
  function show() {
    const live = run();
    section.classList.toggle("off", !live?.lanes);
    if (live?.lanes) setText(words, laneCardWords(live));
  }

  return { show };
}
