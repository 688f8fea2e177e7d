/** Inspector tab of the whole circuit: slices, solver, loss, and how far the numbers can be trusted. */

import { el, iconButton, put, setText } from "../../lib/dom.mjs";
import { checkField, figures, heading, numberField, parameterName, selectField, textField } from "../../lib/fields.mjs";
import { count, number, power, quantity, span } from "../../lib/numbers.mjs";
import { gradientOf, solverOf } from "../../play/settings.mjs";
import { share, stateOf } from "../../play/trust.mjs";

const KCL_GOOD = 1e-5;
const LOSSES = [
  { value: "sum", text: "Sum of the outputs" },
  { value: "mse", text: "Squared distance to targets" },
];
const GRADIENTS = [
  { value: "discrete", text: "Discrete adjoint" },
  { value: "continuous", text: "Continuous adjoint" },
  { value: "backprop", text: "Backpropagation" },
];

export function createCircuitPane(context) {
  const { store, edit, saveSettings } = context;
  const root = el("div", {});
  const set = (patch) => saveSettings({ ...store.get().settings, ...patch });

  const name = textField({ label: "Name of the circuit", large: true, placeholder: "Untitled circuit", onCommit: (text) => edit((doc) => doc.setName(text)) });
  const counts = el("p", { class: "muted circuit-counts" });
  const slices = el("div", { class: "slice-list" });
  const addSlice = el("button", { type: "button", class: "button small", text: "Add a slice", on: { click: () => edit((doc) => store.set({ slice: doc.addSlice() })) } });
  const solverBox = el("div", {});
  const outputs = numberField({ label: "Shown samples", integer: true, low: 2, high: 5001, doc: "Equidistant times on the scope; the solver chooses its own steps", onCommit: (value) => set({ outputs: value }) });
  const loss = selectField({ label: "Loss", options: LOSSES, onCommit: (value) => set({ loss: value }) });
  const gradientBox = el("div", {});
  const targets = el("div", {});
  const adjoint = checkField({ label: "Compute the adjoint circuit", onCommit: (on) => set({ adjoint: on }) });
  const lossNote = el("p", { class: "muted small" });
  const honesty = figures([
    { key: "error", label: "Estimated error", doc: "Of the solver's steps, as a share of the largest voltage" },
    { key: "kcl", label: "KCL residual", doc: "Largest violation of Kirchhoff's current law, relative to the currents at the node" },
    { key: "loss", label: "Loss" },
    { key: "steps", label: "Solver steps" },
    { key: "rejected", label: "Rejected steps" },
    { key: "evaluations", label: "Field evaluations" },
    { key: "smallest", label: "Smallest step" },
    { key: "largest", label: "Largest step" },
    { key: "seconds", label: "Computed in" },
  ]);

  put(
    root,
    el("div", { class: "inspector-title" }, name.root),
    counts,
    heading("Accuracy"),
    honesty.root,
    heading("Time slices", addSlice),
    slices,
    heading("Solver"),
    solverBox,
    outputs.root,
    heading("Loss and gradient"),
    adjoint.root,
    loss.root,
    gradientBox,
    targets,
    lossNote,
  );

  let solverKey = "";
  let solverFields = [];
  let solverSelect = null;
  let gradient = null;

  /** Rebuilt only when another solver is chosen: its own parameters become its form. */
  function syncSolver({ registry, settings }) {
    if (!registry || !settings) return;
    const solver = solverOf(settings, registry);
    if (solver !== solverKey) {
      solverKey = solver;
      const solvers = Object.entries(registry.solvers);
      solverSelect = selectField({ label: "Method", options: solvers.map(([key, solver]) => ({ value: key, text: solver.title ?? key })), onCommit: (solver) => set({ solver }) });
      solverFields = (registry.solvers[solverKey]?.params ?? []).map((param) => ({ param, field: solverField(param) }));
      const able = registry.solvers[solverKey]?.gradients ?? GRADIENTS.map(({ value }) => value);
      gradient = selectField({ label: "Gradient", options: GRADIENTS.filter(({ value }) => able.includes(value)), onCommit: (value) => set({ gradient: value }) });
      put(gradientBox, gradient.root);
      put(solverBox, solverSelect.root, solverFields.map(({ field }) => field.root));
    }
    solverSelect.set(solver);
    outputs.set(settings.outputs);
    gradient.set(gradientOf(settings, registry));
    for (const { param, field } of solverFields) field.set(settings[param.name] ?? param.default);
  }

  function solverField(param) {
    const label = parameterName(param.name);
    if (typeof param.default === "boolean") return checkField({ label, doc: param.doc, onCommit: (value) => set({ [param.name]: value }) });
    if (param.choices?.length) return selectField({ label, doc: param.doc, options: param.choices.map((value) => ({ value, text: value })), onCommit: (value) => set({ [param.name]: value }) });
    return numberField({ label, unit: param.unit, doc: param.doc, low: param.low, high: param.high, integer: Boolean(param.integer), onCommit: (value) => set({ [param.name]: value }) });
  }

  let sliceFields = [];
  function syncSlices({ doc, slice }) {
    if (sliceFields.length !== doc.slices.length) {
      sliceFields = doc.slices.map((_, k) => sliceRow(k, doc.slices.length));
      put(slices, sliceFields.map(({ row }) => row));
    }
    doc.slices.forEach((one, k) => {
      const { field, row, devices } = sliceFields[k];
      field.set(one.duration);
      setText(devices, count(one.devices.length, "device"));
      row.dataset.current = String(doc.slices.length > 1 && k === slice);
    });
  }

  function sliceRow(k, total) {
    const field = numberField({ label: total > 1 ? `Slice ${k + 1} lasts` : "Duration", unit: "s", low: 1e-15, onCommit: (duration) => edit((doc) => doc.setSlice(k, { duration })) });
    const devices = el("span", { class: "muted small" });
    const remove = iconButton("bin", `Remove slice ${k + 1} and its devices`, { on: { click: () => edit((doc) => { doc.removeSlice(k); store.set({ slice: Math.min(store.get().slice, doc.slices.length - 1) }); }) } });
    const choose = el("button", { type: "button", class: "link small", text: "draw here", title: "New devices go into this slice", on: { click: () => store.set({ slice: k }) } });
    const row = el("div", { class: "slice-row" }, field.root, total > 1 ? el("div", { class: "slice-extra" }, devices, choose, remove) : null);
    return { row, field, devices };
  }

  let targetKey = "";
  let targetFields = [];
  function syncLoss({ doc, settings }) {
    if (!settings) return;
    const ids = doc.outputs;
    adjoint.set(settings.adjoint);
    loss.set(settings.loss);
    setText(lossNote, ids.length === 0 ? "No output node yet: select a node and press O." : "");
    const key = settings.loss === "mse" ? JSON.stringify(ids) : "";
    if (key !== targetKey) {
      targetKey = key;
      targetFields = key ? ids.map((id) => ({ id, field: numberField({ label: `Target of ${id}`, unit: "V", onCommit: (value) => set({ targets: { ...store.get().settings.targets, [id]: value } }) }) })) : [];
      put(targets, targetFields.map(({ field }) => field.root));
    }
    for (const { id, field } of targetFields) field.set(settings.targets[id] ?? 0);
  }

  function syncHonesty({ sim }) {
    const stats = sim?.stats ?? {};
    const kcl = residual(sim);
    honesty.set("error", ...errorFigure(sim));
    honesty.set("kcl", kcl === null ? "–" : kcl === 0 ? "0 ✓" : `${power(kcl)}${kcl < KCL_GOOD ? " ✓" : ""}`, kcl === null ? "" : kcl < KCL_GOOD ? "ok" : "warn");
    honesty.set("loss", sim?.hasAdjoint && Number.isFinite(sim.header.loss) ? number(sim.header.loss, 4) : "–");
    honesty.set("steps", whole(stats.steps));
    honesty.set("rejected", whole(stats.rejected));
    honesty.set("evaluations", whole(stats.evaluations));
    honesty.set("smallest", quantity(stats.smallest_step, "s"));
    honesty.set("largest", quantity(stats.largest_step, "s"));
    honesty.set("seconds", Number.isFinite(sim?.seconds) ? (sim.seconds < 1 ? quantity(sim.seconds, "s", 2) : span(sim.seconds)) : "–");
  }

  function sync(state) {
    const { doc } = state;
    name.set(doc.name);
    const kinds = [...new Set(doc.devices.map((device) => device.kind))];
    setText(counts, `${count(doc.nodes.length, "node")}, ${count(doc.devices.length, "device")}${kinds.length ? ` (${kinds.slice(0, 3).map((kind) => kind.replaceAll("_", " ")).join(", ")}${kinds.length > 3 ? ", …" : ""})` : ""}`);
    syncSlices(state);
    syncSolver(state);
    syncLoss(state);
    syncHonesty(state);
  }

  return { root, sync, tick: () => {} };
}

/** Text and class of the estimated error of a simulation. */
export function errorFigure(sim) {
  const state = stateOf(sim?.status);
  if (!Number.isFinite(sim?.status?.error)) return ["–", ""];
  return [share(sim.status.error), state === "ok" ? "ok" : "warn"];
}

/** Largest relative violation of the current law over all samples, or null without a simulation. */
export function residual(sim) {
  if (!sim) return null;
  const data = sim.array("kcl");
  if (!data) return Number.isFinite(sim.header.kcl_residual) ? sim.header.kcl_residual : null;
  let most = 0;
  for (const value of data) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
}

const whole = (value) => (Number.isFinite(value) ? value.toLocaleString("en") : "–");
