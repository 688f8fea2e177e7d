/** Inspector tab of the circuit at rest: whether it is stable, its poles, voltages and currents. */

import { el, put, setText } from "../../lib/dom.mjs";
import { heading } from "../../lib/fields.mjs";
import { quantity } from "../../lib/numbers.mjs";
import { createPolePicture } from "./pole_picture.mjs";
import { poleRow, poleSentence, sentence } from "./words.mjs";

const MOST_ROWS = 60;
const MOST_OTHERS = 8;
const MOST_VOLTAGES = 6;
const HEADS = [
  ["Pole (1/s)", "Of the linearised circuit"], ["Frequency", "Its distance from 0 over 2π"],
  ["Time constant", "In which a small push fades or grows e-fold"],
  ["Damping", "1 without a swing, 0 of one that goes on for ever, negative where it grows"],
];

/** @param {{store}} context */
export function createRestPane({ store }) {
  const verdict = el("p", { class: "rest-verdict", role: "status" });
  const note = el("p", { class: "muted small", text: "Where nothing moves, with the sources as they are at 0 s; of several such points the one found from the start voltages." });
  const picture = createPolePicture();
  const none = el("p", { class: "muted small", text: "None: every voltage follows its sources at once." });
  const poles = el("tbody", {});
  const table = el("table", { class: "gradient pole-table" }, el("thead", {}, el("tr", {}, HEADS.map(([text, title]) => el("th", { scope: "col", text, title })))), poles);
  const nodes = el("div", { class: "device-list rest-nodes" });
  const currents = el("div", { class: "device-list rest-currents" });
  const unique = el("p", { class: "rest-unique" });
  const condition = el("p", { class: "rest-condition muted small" });
  const others = el("div", { class: "rest-others" });
  const body = el("div", {}, unique, condition, others, note, heading("Poles"), picture.root, table, none, heading("Node voltages"), nodes, heading("Currents"), currents);
  const root = el("div", {}, verdict, body);
  let shown = null;

  function sync({ doc, rest, network }) {
    const { answer } = rest;
    setText(verdict, verdictOf({ doc, rest, network }));
    verdict.dataset.tone = answer ? { true: "ok", false: "error", null: "warn" }[String(answer.stable)] : "";
    body.hidden = !answer;
    body.classList.toggle("outdated", rest.state === "running");
    if (!answer || answer === shown) return;
    shown = answer;
    setText(unique, sentence(answer.uniqueness));
    unique.dataset.tone = answer.unique === false ? "warn" : "";
    setText(condition, sentence(answer.conditioning));
    condition.dataset.tone = answer.poor ? "warn" : "";
    put(others, answer.others.slice(0, MOST_OTHERS).map((other, k) => otherPoint(other, k, doc)));
    picture.show(answer.poles);
    table.hidden = answer.poles.length === 0;
    none.hidden = answer.poles.length > 0;
    put(poles, answer.poles.slice(0, MOST_ROWS).map(rowOf), more(answer.poles.length));
    put(nodes, answer.voltages.slice(0, MOST_ROWS).map(([id, value]) => line(store, "nodes", id, "", quantity(value, "V"))), more(answer.voltages.length));
    put(currents, answer.currents.slice(0, MOST_ROWS).map(([id, value]) => line(store, "devices", id, doc.device(id)?.kind.replaceAll("_", " "), quantity(value, "A"))), more(answer.currents.length));
  }

  return { root, sync, tick: () => {} };
}

/** What is said above everything else. */
function verdictOf({ doc, rest: { answer, state, message }, network }) {
  if (network) return "A network of this size is shown, not linearised.";
  if (doc.nodes.length === 0) return "Draw a circuit to see where it rests.";
  if (answer) return sentence(answer.text);
  return state === "error" ? sentence(message) : "Computing the operating point";
}

/** A further operating point in one line. */
function otherPoint({ voltages, stable }, k, doc) {
  const word = { true: "stable", false: "unstable", null: "stability unknown" }[String(stable)];
  const parts = voltages.slice(0, MOST_VOLTAGES).map(([id, value]) => `${doc.nameOf(id)} ${quantity(value, "V")}`);
  return el("p", { class: "muted small", text: `Another one (${k + 1}, ${word}): ${parts.join(", ")}${voltages.length > MOST_VOLTAGES ? ", …" : ""}` });
}

const more = (count) => (count > MOST_ROWS ? el("p", { class: "muted small", text: `and ${count - MOST_ROWS} more` }) : null);

function rowOf(pole) {
  const [name, ...values] = poleRow(pole);
  return el("tr", { title: `A small push ${poleSentence(pole)}.`, dataset: { grows: String(pole.real > 0) } }, el("th", { scope: "row", text: name }), values.map((text) => el("td", { text })));
}

/** A node or a device with its value; a click selects it. */
function line(store, what, id, words, value) {
  const { doc } = store.get();
  const source = what === "devices" && !doc.device(id) ? id.replace(/^source of /, "") : null;
  const name = what === "nodes" ? doc.nameOf(id) : source === null ? id : `source of ${doc.nameOf(source)}`;
  const selection = source === null ? { nodes: [], devices: [], [what]: [id] } : { nodes: [source], devices: [] };
  return el("button", { type: "button", class: "device-row", on: { click: () => store.set({ selection }) } },
    el("span", { class: "device-id", text: name, title: what === "nodes" ? doc.fullNameOf(id) : null }),
    el("span", { class: "muted small", text: words ?? "" }), el("span", { class: "rest-value", text: value }));
}
