/** Inspector tab of the whole circuit: slices, solver, loss, and how far the numbers can be trusted. */

import { createAccuracy } from "./accuracy.mjs";
import { el, put, setText } from "../../lib/dom.mjs";
import { explainSwitch, heading, numberField, selectField, textField } from "../../lib/fields.mjs";
import { createLossFields } from "./loss_fields.mjs";
import { count } from "../../lib/numbers.mjs";
import { createSliceList } from "./slice_list.mjs";
import { createSolverFields } from "./solver_fields.mjs";

const MOST_KINDS = 3;
const STARTS = [
  { value: "voltages", text: "At the stated voltages" },
  { value: "operating-point", text: "At the operating point" },
];

/** "2 nodes, 3 devices (resistor, diode)". Pure. */
export function countsText({ nodes, devices }) {
  const kinds = [...new Set(devices.map((device) => device.kind.replaceAll("_", " ")))];
  const named = kinds.slice(0, MOST_KINDS).join(", ") + (kinds.length > MOST_KINDS ? ", …" : "");
  return `${count(nodes.length, "node")}, ${count(devices.length, "device")}${named && ` (${named})`}`;
}

/** @param {{store, edit, saveSettings: (settings: object) => void}} context */
export function createCircuitPane(context) {
  const { store, edit, saveSettings } = context;
  const set = (patch) => saveSettings({ ...store.get().settings, ...patch });
  const name = textField({ label: "Name of the circuit", large: true, placeholder: "Untitled circuit", onCommit: (text) => edit((doc) => doc.setName(text)) });
  const counts = el("p", { class: "muted circuit-counts" });
  const origin = el("div", { class: "circuit-origin", hidden: true });
  const accuracy = createAccuracy();
  const slices = createSliceList(context);
  const solver = createSolverFields(set);
  const start = selectField({ label: "Start", options: STARTS, doc: "The operating point is where the circuit rests with its sources as they are at 0 s", onCommit: (value) => edit((doc) => doc.setStart(value)) });
  const outputs = numberField({ label: "Shown samples", integer: true, low: 2, high: 5001, doc: "Equidistant times on the scope; the solver chooses its own steps", onCommit: (value) => set({ outputs: value }) });
  const loss = createLossFields({ store, set });
  const root = el("div", {});
  put(
    root,
    el("div", { class: "inspector-title" }, name.root), counts, origin,
    heading("Accuracy", explainSwitch()), accuracy.root,
    heading("Time slices", slices.add), slices.root,
    heading("Solver"), start.root, solver.root, outputs.root,
    heading("Loss and gradient"), loss.adjoint, loss.loss, solver.gradientRoot, loss.targets, loss.note,
  );

  function sync(state) {
    const { doc, registry, settings } = state;
    name.set(doc.name);
    setText(counts, countsText(doc));
    showOrigin(origin, settings?.origin);
    slices.sync(state);
    start.set(doc.start);
    solver.sync(state);
    if (registry && settings) outputs.set(settings.outputs);
    loss.sync(state);
    accuracy.sync(state);
  }

  return { root, sync, tick: () => {} };
}

/** Where a circuit comes from that was made of a trained model: the run, then what is shown and what is not. */
function showOrigin(box, words) {
  const lines = Array.isArray(words) ? words : [];
  box.hidden = lines.length === 0;
  const text = lines.join("\n");
  if (box.dataset.text === text) return;
  box.dataset.text = text;
  const [run, ...notes] = lines;
  put(box, el("p", { text: run ?? "" }), el("details", {}, el("summary", { text: "What it shows" }), notes.map((note) => el("p", { class: "muted small", text: note }))));
}
