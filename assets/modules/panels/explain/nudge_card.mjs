/** Nudge a node: its voltage is moved by a little now, and what becomes of the loss stands beside λ times the nudge. */

import { el, put, setText } from "../../lib/dom.mjs";
import { heading, numberField, termLink } from "../../lib/fields.mjs";
import { clockTime, number, power, quantity } from "../../lib/numbers.mjs";
import { requestSettings } from "../../play/settings.mjs";
import { gradientMissing, share } from "../../play/trust.mjs";

const GOOD = 1e-3;
const STRAIGHT = 0.01; // share of the change that a bend of the loss may make before it is spoken of
const FIRST_SIZE = 0.01;

/**
 * Rows of the answer: name, text, and what they mean together.
 * @param {{size: number, loss: number, change: number, predicted: number, sensitivity: number, slope: number}} answer
 * @returns {{rows: [string, string][], words: string, good: boolean}}
 */
export function nudgeWords({ size, change, predicted, sensitivity, slope }) {
  const apart = Math.abs(change - predicted) / Math.max(Math.abs(change), Math.abs(predicted), 1e-300);
  const error = Math.abs(sensitivity - slope) / Math.max(Math.abs(sensitivity), Math.abs(slope), 1e-9);
  const good = error <= GOOD;
  const bend = apart > STRAIGHT ? ` They are ${share(apart)} apart because the loss bends over so large a nudge: half of it brings them closer.` : "";
  const check = good ? `λ agrees with a central difference to ${error < 1e-9 ? "10⁻⁹" : power(error, 1)}. ✓` : `λ is off a central difference by ${power(error)}: too much.`;
  return {
    rows: [["The loss moved by", number(change, 4)], [`λ × ${quantity(size, "V")}`, number(predicted, 4)]],
    words: `${check}${bend}`,
    good,
  };
}

/** @param {{store, api, commands}} context  @param {string} id  of the node */
export function createNudgeCard({ store, api, commands }, id) {
  let size = FIRST_SIZE;
  const field = numberField({ label: "Nudge by", unit: "V", doc: "How far the voltage is moved at the time on show", onCommit: (value) => { size = value; field.set(value); } });
  const button = el("button", { type: "button", class: "button small", text: "Nudge", title: "Solve the rest of the time again from the moved voltage", on: { click: ask } });
  const table = el("table", { class: "gradient nudge-table" });
  const words = el("p", { class: "check-result", role: "status" });
  const root = el("div", { class: "nudge" }, heading(termLink("Nudge this node", "nudge"), button), field.root, table, words);
  let shownFor = null;
  field.set(size);

  function clear() {
    put(table);
    setText(words, "");
    words.dataset.tone = "";
  }

  async function ask() {
    if (store.get().playing) commands.run("play-pause");
    const { doc, settings, registry, time, sim } = store.get();
    const circuit = doc.toJSON();
    clear();
    button.disabled = true;
    setText(words, "Solving the rest of the time again");
    try {
      const answer = await api.nudge({ circuit, settings: requestSettings(settings, circuit, registry), node: id, time, size });
      if (store.get().sim === sim) show(answer);
    } catch (error) {
      setText(words, error.message);
      words.dataset.tone = "error";
    }
    button.disabled = false;
  }

  function show(answer) {
    const { rows, words: text, good } = nudgeWords(answer);
    const { sim } = store.get();
    put(table, el("caption", { text: `At ${clockTime(answer.time, sim.duration)}, from ${quantity(answer.voltage, "V")}` }),
      el("tbody", {}, rows.map(([name, value]) => el("tr", {}, el("th", { scope: "row", text: name }), el("td", { text: value })))));
    setText(words, text);
    words.dataset.tone = good ? "ok" : "error";
  }

  return {
    root,
    sync(state) {
      const { sim, doc } = state;
      root.hidden = Boolean(doc.node(id)?.drive) || doc.node(id)?.capacitance === 0;
      const missing = gradientMissing(state);
      button.hidden = field.root.hidden = missing !== "";
      if (shownFor !== sim) clear();
      if (missing) setText(words, missing);
      shownFor = sim;
    },
  };
}
