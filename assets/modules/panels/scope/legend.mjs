/** The scope's legend: what every curve is called, its colour and its value now. */

import { el, iconButton, put, setText } from "../../lib/dom.mjs";
import { quantity } from "../../lib/numbers.mjs";
import { paced } from "../../lib/pace.mjs";

const READOUT_MS = 66;

/** The value of a curve at a time, from what is shown: {sim, lane, choice}. */
export function valueOf({ sim, lane, choice }, id, time) {
  return choice.what === "nodes" ? sim.valueAt(id, time, lane) : sim.deviceValueAt(id, time, lane);
}

/** What the curves are, in words. */
function noteOf({ sim, choice }, heat) {
  if (heat) return `All ${choice.what === "nodes" ? sim.N : sim.E} ${choice.what}`;
  return choice.chosen ? "Selected" : `Most active ${choice.what}`;
}

/** @param {{store, commands, select: (id: string) => void}} parts */
export function createLegend({ store, commands, select }) {
  const root = el("div", { class: "scope-legend", role: "list", "aria-label": "Curves" });
  const note = el("p", { class: "scope-note" });
  const values = new Map();
  let shown = null;
  let drawn = "";

  function clear() {
    shown = null;
    drawn = "";
    put(root);
    setText(note, "");
  }

  /** @param {object} next  {sim, lane, choice, axis, colours} */
  function show(next, heat) {
    shown = next;
    const { choice, lane } = shown;
    const { probes, theme } = store.get();
    const key = JSON.stringify([choice, probes, lane, theme, heat]);
    if (key !== drawn) {
      drawn = key;
      values.clear();
      setText(note, noteOf(shown, heat));
      put(root, choice.ids.map(entry));
    }
    paintValues();
  }

  function entry(id) {
    const { choice, colours } = shown;
    const value = el("span", { class: "scope-value" });
    values.set(id, value);
    const pinned = choice.what === "nodes" && store.get().probes.includes(id);
    return el(
      "div",
      { class: "scope-entry", role: "listitem" },
      el("button", { type: "button", class: "scope-name", title: `Select ${id}`, on: { click: () => select(id) } },
        el("span", { class: "scope-swatch", style: { background: colours.get(id) } }), el("span", { class: "scope-id", text: id })),
      value,
      choice.what === "nodes"
        ? iconButton(pinned ? "close" : "pin", pinned ? `Take ${id} off the scope` : `Pin ${id} to the scope`, { class: "scope-pin", on: { click: () => commands.run("probe", id) } })
        : null,
    );
  }

  function paintValues() {
    if (!shown) return;
    const { time } = store.get();
    for (const [id, element] of values) setText(element, quantity(valueOf(shown, id, time), shown.axis.unit));
  }

  return { root, note, show, clear, tick: paced(paintValues, READOUT_MS) };
}
