/** Fields that one device and several share: kind and parameters. */

import { numberField, parameterName, selectField } from "../../lib/fields.mjs";

/** @type {[string, (law) => boolean][]} */
const KIND_GROUPS = [
  ["Two terminals", (law) => law.difference],
  ["Senses its source, draws nothing", (law) => law.one_sided],
  ["Each end on its own", () => true],
];

/** Parameters of a device with the law's defaults where the document leaves them out. */
export function completeParams(device, law) {
  return Object.fromEntries((law?.params ?? []).map((param) => [param.name, device.params?.[param.name] ?? param.default]));
}

/** Setters for parameters of one or many devices: a slider drag is one undo step. */
export function paramFields({ store, edit }, ids, law) {
  return law.params.map((param) => {
    const set = (doc, value) => ids.forEach((id) => doc.setParams(id, { [param.name]: value }));
    const field = numberField({
      label: parameterName(param.name),
      unit: param.unit,
      doc: param.doc,
      slider: param.slider,
      low: param.low,
      high: param.high,
      integer: Boolean(param.integer),
      onDrag: (value) => edit((doc) => doc.transient(() => set(doc, value))),
      onRelease: () => store.get().doc.commit(),
      onCommit: (value) => edit((doc) => doc.group(() => set(doc, value))),
    });
    return { param, field };
  });
}

export function kindField({ edit }, ids, registry) {
  const laws = Object.entries(registry.devices);
  const options = [];
  const placed = new Set();
  for (const [group, belongs] of KIND_GROUPS) {
    for (const [kind, law] of laws) {
      if (placed.has(kind) || !belongs(law)) continue;
      placed.add(kind);
      options.push({ value: kind, text: law.title, group });
    }
  }
  return selectField({
    label: "Kind",
    options,
    onCommit: (kind) => edit((doc) => doc.group(() => ids.forEach((id) => changeKind(doc, id, kind, registry)))),
  });
}

/** Another law keeps the values of parameters that both have. */
function changeKind(doc, id, kind, registry) {
  const device = doc.device(id);
  if (device.kind === kind) return;
  const before = completeParams(device, registry.devices[device.kind]);
  const names = new Set(registry.devices[kind].params.map((param) => param.name));
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => names.has(name)));
  doc.setDevice(id, { kind, params: completeParams({ params: kept }, registry.devices[kind]) });
}
