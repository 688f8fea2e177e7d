/** The inspector's content for one device: law, parameters, values now, gradient. */

import { el, iconButton, put } from "../../lib/dom.mjs";
import { checkField, figures, heading, selectField, textField } from "../../lib/fields.mjs";
import { quantity } from "../../lib/numbers.mjs";
import { createCurve } from "./curve.mjs";
import { curveRange } from "./curve_family.mjs";
import { completeParams, kindField, paramFields } from "./device_fields.mjs";
import { acrossExtent, extent, voltage } from "./values.mjs";
import { createGradientTable } from "./gradient_table.mjs";

/** Fields that edit the device. */
function fieldsOf(context, { id, kind }, { registry, doc }) {
  const { edit } = context;
  return {
    title: textField({ label: "Name of the device", large: true, onCommit: (next) => rename(context, id, next) }),
    kind: kindField(context, [id], registry),
    params: paramFields(context, [id], registry.devices[kind]),
    trainable: checkField({ label: "Trainable", doc: "Training may change the parameters of this device.", onCommit: (on) => edit((d) => d.setDevice(id, { trainable: on })) }),
    slice: doc.slices.length > 1
      ? selectField({ label: "Time slice", options: doc.slices.map((_, k) => ({ value: String(k), text: `Slice ${k + 1}` })), onCommit: (k) => moveToSlice(context, id, Number(k)) })
      : null,
  };
}

const valuesOf = ({ source, target }) => figures([
  { key: "i", label: "Current", doc: "Positive from the first to the second node" },
  { key: "d", label: "Voltage across" },
  { key: "vs", label: `At ${source}` },
  { key: "vd", label: `At ${target}` },
  { key: "p", label: "Power into device", doc: "Current times voltage across it" },
  { key: "ia", label: "Adjoint current", doc: "g_s (μ_source − μ_target): what this device carries in the adjoint circuit" },
]);

/**
 * @param {{store, api, edit}} context
 * @returns {{nodes: any[], sync: (state) => void, tick: (state) => void}}
 */
export function oneDevice(context, device, state) {
  const { id } = device;
  const law = state.registry.devices[device.kind];
  const fields = fieldsOf(context, device, state);
  const ends = el("div", { class: "device-ends" });
  const curve = createCurve({ api: context.api });
  const now = valuesOf(device);
  const gradient = createGradientTable(context, id, law.params);
  const swap = () => context.edit((doc) => {
    const { source, target } = doc.device(id);
    doc.setDevice(id, { source: target, target: source });
  });

  function sync({ doc, sim }) {
    const fresh = doc.device(id);
    if (!fresh) return;
    fields.title.set(id);
    put(ends, endButton(context, fresh.source), el("span", { class: "arrow", text: "→" }), endButton(context, fresh.target),
      doc.slices.length > 1 ? el("span", { class: "badge", text: `slice ${doc.sliceOf(id) + 1}` }) : null);
    fields.kind.set(fresh.kind);
    fields.slice?.set(String(doc.sliceOf(id)));
    const complete = completeParams(fresh, law);
    for (const { param, field } of fields.params) field.set(complete[param.name]);
    fields.trainable.set(fresh.trainable !== false);
    showCurve(curve, fresh, complete, law, sim);
    gradient.sync(sim);
  }

  function tick({ doc, sim, time }) {
    const fresh = doc.device(id);
    if (!fresh) return;
    curve.operate(showNow(now, fresh, sim, time));
    gradient.tick(sim, time);
  }

  return {
    nodes: [
      el("div", { class: "inspector-title" }, fields.title.root, iconButton("swap", "Swap the ends", { on: { click: swap } })),
      ends, curve.root, fields.kind.root, fields.params.map(({ field }) => field.root), fields.trainable.root, fields.slice?.root,
      heading("Now"), now.root, gradient.root,
    ],
    sync,
    tick,
  };
}

function showCurve(curve, { kind, source, target }, params, { difference }, sim) {
  const across = sim && difference ? acrossExtent(sim, { source, target }) : [];
  const far = extent(sim, target);
  curve.show({
    kind, params, difference, source, target,
    range: curveRange(difference ? across : extent(sim, source)),
    vd: far.length ? far : [-1, 1],
  });
}

/** Writes the values of a moment; returns the operating point, or null without a simulation. */
function showNow(now, { id, source, target }, sim, time) {
  const vs = voltage(sim, source, time);
  const vd = voltage(sim, target, time);
  const i = sim ? sim.deviceValueAt(id, time) : NaN;
  const idle = sim && sim.deviceIndex.has(id) && Number.isNaN(i);
  now.set("i", idle ? "idle" : quantity(i, "A"));
  now.set("d", quantity(vs - vd, "V"));
  now.set("vs", quantity(vs, "V"));
  now.set("vd", quantity(vd, "V"));
  now.set("p", quantity((vs - vd) * i, "W"));
  now.set("ia", quantity(sim?.hasAdjoint ? sim.deviceValueAt(id, time, "adjoint") : NaN, ""));
  return sim ? { vs, vd, i } : null;
}

function endButton({ store }, node) {
  if (node === "gnd") return el("span", { class: "badge", text: "ground" });
  return el("button", { type: "button", class: "link", text: node, on: { click: () => store.set({ selection: { nodes: [node], devices: [] } }) } });
}

function rename({ store }, id, next) {
  store.get().doc.renameDevice(id, next);
  store.set({ selection: { nodes: [], devices: [next] } });
}

function moveToSlice({ store, edit }, id, slice) {
  edit((doc) => doc.group(() => {
    const { source, target, kind, params, trainable } = doc.device(id);
    doc.removeElements({ devices: [id] });
    doc.addDevice(source, target, kind, { params, trainable, slice, id });
  }));
  store.set({ selection: { nodes: [], devices: [id] }, slice });
}
