/** The inspector's content for one device: law, parameters, values now, gradient. */

import { lawOf } from "../../document/expressions.mjs";
import { CONTROL } from "../../document/records.mjs";
import { terminalNames } from "../../document/rules.mjs";
import { el, iconButton, put } from "../../lib/dom.mjs";
import { checkField, explainSwitch, figures, heading, parameterName, selectField, textField } from "../../lib/fields.mjs";
import { joules, quantity } from "../../lib/numbers.mjs";
import { energyOf } from "../../play/energy.mjs";
import { createCurve } from "./curve/curve.mjs";
import { curveRange } from "./curve/curve_family.mjs";
import { completeParams, kindField, paramFields, terminalFields } from "./device_fields.mjs";
import { sourceFields } from "./drive_fields.mjs";
import { expressionField } from "./expression_field.mjs";
import { acrossExtent, extent, powerInto, voltage } from "./values.mjs";
import { createDriveGradient } from "./drive_gradient.mjs";
import { createGradientTable } from "./gradient_table.mjs";

/** Fields that edit the device. */
function fieldsOf(context, device, { registry, doc }) {
  const { edit } = context;
  const { id } = device;
  const law = lawOf(registry, device);
  return {
    title: textField({ label: "Name of the device", large: true, onCommit: (next) => rename(context, id, next) }),
    kind: kindField(context, [id], registry),
    expression: law.expressed ? expressionField(context, id, law) : null,
    params: paramFields(context, [id], law),
    terminals: terminalFields(context, [id], law, { registry, doc }),
    wave: law.waveform ? sourceFields(context, [id], law) : null,
    trainable: checkField({ label: "Trainable", doc: "Training may change the parameters of this device.", onCommit: (on) => edit((d) => d.setDevice(id, { trainable: on })) }),
    slice: doc.slices.length > 1
      ? selectField({ label: "Time slice", options: doc.slices.map((_, k) => ({ value: String(k), text: `Slice ${k + 1}` })), onCommit: (k) => moveToSlice(context, id, Number(k)) })
      : null,
  };
}

const valuesOf = (terminals) => figures([
  { key: "i", label: "Current", term: "branch-current", doc: terminals.length > 0 ? "What enters at the first node" : "Positive from the first to the second node" },
  ...terminals.map((name) => ({ key: `at ${name}`, label: `Into the ${parameterName(name).toLowerCase()}`, doc: "What enters the device at this terminal" })),
  { key: "d", label: "Voltage across", term: "voltage-across", doc: "The voltage at the source less that at the target" },
  { key: "vs", label: "At the source", doc: "The voltage of the node where a positive current enters the device" },
  { key: "vd", label: "At the target", doc: "The voltage of the node that a positive current flows to" },
  { key: "p", label: "Power into device", term: "power", doc: "The voltage at every end times the current that enters there" },
  { key: "e", label: "Dissipated in all", term: "dissipated", doc: "Energy from the start to the end; below 0 where the device injects more than it takes" },
  { key: "ia", label: "Adjoint current", term: "adjoint-current", doc: "g_s (μ_source − μ_target): what this device carries in the adjoint circuit" },
]);

/**
 * @param {{store, api, edit}} context
 * @returns {{nodes: any[], sync: (state) => void, tick: (state) => void}}
 */
export function oneDevice(context, device, state) {
  const { id } = device;
  const law = lawOf(state.registry, device);
  const fields = fieldsOf(context, device, state);
  const ends = el("div", { class: "device-ends" });
  const curve = createCurve({ api: context.api });
  const terminals = terminalNames(law).filter((name) => name !== CONTROL);
  const now = valuesOf(terminals);
  const gradient = createGradientTable(context, id, law.params);
  const waveGradient = createDriveGradient(context, (sim) => sim.sources.waveGradient(id), "Gradient of the waveform");
  const swap = () => context.edit((doc) => {
    const { source, target } = doc.device(id);
    doc.setDevice(id, { source: target, target: source });
  });

  function sync({ doc, sim, simError }) {
    const fresh = doc.device(id);
    if (!fresh) return;
    fields.title.set(id);
    put(ends, endButton(context, fresh.source), el("span", { class: "arrow", text: "→" }), endButton(context, fresh.target),
      doc.slices.length > 1 ? el("span", { class: "badge", text: `slice ${doc.sliceOf(id) + 1}` }) : null);
    now.name("vs", `At ${doc.nameOf(fresh.source)}`);
    now.name("vd", `At ${doc.nameOf(fresh.target)}`);
    fields.kind.set(fresh.kind);
    fields.slice?.set(String(doc.sliceOf(id)));
    const complete = completeParams(fresh, law);
    for (const { param, field } of fields.params) field.set(complete[param.name]);
    for (const { name, field } of fields.terminals) field.set(fresh.terminals?.[name] ?? "");
    fields.wave?.sync(doc);
    fields.expression?.sync(fresh, doc, simError);
    fields.trainable.set(fresh.trainable !== false);
    if (law.curve !== false) showCurve(curve, fresh, complete, law, { sim, doc });
    gradient.sync(sim);
    waveGradient.sync(sim, fresh.drive);
  }

  function tick({ doc, sim, time }) {
    const fresh = doc.device(id);
    if (!fresh) return;
    const operating = showNow(now, fresh, sim, time);
    for (const name of terminals) now.set(`at ${name}`, quantity(sim ? sim.terminals.currentAt(id, name, time) : NaN, "A"));
    if (law.curve !== false) curve.operate(operating);
    gradient.tick(sim, time);
  }

  return {
    nodes: [
      el("div", { class: "inspector-title" }, fields.title.root, iconButton("swap", "Swap the ends", { on: { click: swap } })),
      ends, law.curve === false ? null : curve.root, fields.kind.root, fields.expression?.root,
      fields.terminals.map(({ field }) => field.root), fields.params.map(({ field }) => field.root), fields.wave?.roots,
      fields.trainable.root, fields.slice?.root,
      heading("Now", explainSwitch()), now.root, gradient.root, waveGradient.root,
    ],
    sync,
    tick,
  };
}

function showCurve(curve, { kind, source, target }, params, { difference }, { sim, doc }) {
  const across = sim && difference ? acrossExtent(sim, { source, target }) : [];
  const far = extent(sim, target);
  curve.show({
    kind, params, difference, source: doc.nameOf(source), target: doc.nameOf(target), grounded: target === "gnd",
    range: curveRange(difference ? across : extent(sim, source)),
    vd: far.length ? far : [-1, 1],
  });
}

/** Writes the values of a moment; returns the operating point, or null without a simulation. */
function showNow(now, device, sim, time) {
  const { id, source, target } = device;
  const vs = voltage(sim, source, time);
  const vd = voltage(sim, target, time);
  const i = sim ? sim.deviceValueAt(id, time) : NaN;
  const idle = sim && sim.deviceIndex.has(id) && Number.isNaN(i);
  now.set("i", idle ? "idle" : quantity(i, "A"));
  now.set("d", quantity(vs - vd, "V"));
  now.set("vs", quantity(vs, "V"));
  now.set("vd", quantity(vd, "V"));
  now.set("p", quantity(sim ? powerInto(sim, device, time) : NaN, "W"));
  now.set("e", joules(energyOf(sim, id)));
  now.set("ia", quantity(sim?.hasAdjoint ? sim.deviceValueAt(id, time, "adjoint") : NaN, ""));
  return sim ? { vs, vd, i } : null;
}

function endButton({ store }, node) {
  if (node === "gnd") return el("span", { class: "badge", text: "ground" });
  const { doc } = store.get();
  return el("button", { type: "button", class: "link", text: doc.nameOf(node), title: doc.fullNameOf(node), on: { click: () => store.set({ selection: { nodes: [node], devices: [] } }) } });
}

function rename({ store }, id, next) {
  store.get().doc.renameDevice(id, next);
  store.set({ selection: { nodes: [], devices: [next] } });
}

function moveToSlice({ store, edit }, id, slice) {
  edit((doc) => doc.group(() => {
    const { source, target, kind, ...rest } = doc.device(id);
    doc.removeElements({ devices: [id] });
    doc.addDevice(source, target, kind, { ...rest, slice });
  }));
  store.set({ selection: { nodes: [], devices: [id] }, slice });
}
