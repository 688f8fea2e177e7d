/** The scope's legend: what every curve is called, its colour and its value now. */

import { el, iconButton, put, setText } from "../../lib/dom.mjs";
import { paced } from "../../lib/pace.mjs";
import { MEANINGS } from "../../play/energy.mjs";
import { amount, valueOf } from "./legend_values.mjs";

const READOUT_MS = 66;

/** What the curves are, in words. */
function noteOf({ sim, choice }, heat) {
  if (choice.what === "energies") return choice.ids.length > 0 ? "Since the start" : "";
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
    const key = JSON.stringify([choice, choice.ids.map(shown.nameOf), probes, lane, theme, heat]);
    if (key !== drawn) {
      drawn = key;
      values.clear();
      setText(note, noteOf(shown, heat));
      put(root, choice.ids.map(entry));
    }
    paintValues();
  }

  function entry(id) {
    const { choice, colours, nameOf } = shown;
    const name = nameOf(id);
    const known = name === id ? name : `${name} (${id})`;
    const value = el("span", { class: "scope-value" });
    values.set(id, value);
    const pinned = choice.what === "nodes" && store.get().probes.includes(id);
    return el(
      "div",
      { class: "scope-entry", role: "listitem" },
      el("button", { type: "button", class: "scope-name", title: MEANINGS[choice.what === "energies" ? id : ""] ?? `Select ${known}`, on: { click: () => select(id) } },
        el("span", { class: "scope-swatch", style: { background: colours.get(id) } }), el("span", { class: "scope-id", text: name })),
      value,
      choice.what === "nodes"
        ? iconButton(pinned ? "close" : "pin", pinned ? `Take ${name} off the scope` : `Pin ${name} to the scope`, { class: "scope-pin", on: { click: () => commands.run("probe", id) } })
        : null,
    );
  }

  function paintValues() {
    if (!shown) return;
    const { time } = store.get();
    for (const [id, element] of values) setText(element, amount(valueOf(shown, id, time), shown.axis.unit));
  }

  return { root, note, show, clear, tick: paced(paintValues, READOUT_MS) };
}
