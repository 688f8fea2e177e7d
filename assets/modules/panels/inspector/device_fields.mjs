/** Fields that one device and several share: kind, parameters, further terminals. */

import { kindMenu } from "../../document/kind_menu.mjs";
import { outfitOf } from "../../document/kinds.mjs";
import { CONTROL, GROUND } from "../../document/records.mjs";
import { terminalNames } from "../../document/rules.mjs";
import { numberField, parameterName, selectField } from "../../lib/fields.mjs";

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
  const options = kindMenu(registry).flatMap(({ group, kinds }) => kinds.map(({ kind, title }) => ({ value: kind, text: title, group })));
  return selectField({
    label: "Kind",
    options,
    onCommit: (kind) => edit((doc) => doc.group(() => ids.forEach((id) => changeKind(doc, id, kind, registry)))),
  });
}

/** A choice for every further terminal: a node, or the device whose current controls. */
export function terminalFields({ edit }, ids, law, { doc, registry }) {
  const nodes = [{ value: GROUND, text: "ground" }, ...doc.nodes.map(({ id }) => ({ value: id, text: doc.fullNameOf(id) }))];
  const controls = doc.devices.filter(({ kind }) => registry.devices[kind]?.measured).map(({ id }) => ({ value: id, text: id }));
  return terminalNames(law).map((name) => ({
    name,
    field: selectField({
      label: name === CONTROL ? "Follows the current of" : parameterName(name),
      doc: name === CONTROL ? "A voltage source; one of 0 V measures a current" : "The node at this terminal",
      options: name === CONTROL ? controls : nodes,
      onCommit: (value) => edit((open) => open.group(() => ids.forEach((id) => open.setDevice(id, { terminals: { ...open.device(id).terminals, [name]: value } })))),
    }),
  }));
}

/** What the choices of terminals are made of: they are built anew when it changes. */
export const terminalChoices = ({ doc, registry }, law) =>
  (terminalNames(law).length > 0 ? [doc.nodes.map(({ id, label }) => [id, label]), doc.devices.filter(({ kind }) => registry.devices[kind]?.measured).map(({ id }) => id)] : []);

/** Another law keeps the values of parameters and the terminals that both have. */
function changeKind(doc, id, kind, registry) {
  const device = doc.device(id);
  if (device.kind === kind) return;
  const before = completeParams(device, registry.devices[device.kind]);
  const law = registry.devices[kind];
  const { format, terminals, ...outfit } = outfitOf(registry, kind, doc.devices.filter((other) => other.id !== id));
  const kept = (values, names) => Object.fromEntries(Object.entries(values ?? {}).filter(([name]) => names.includes(name)));
  const params = kept(before, law.params.map((param) => param.name));
  doc.setDevice(id, {
    kind,
    ...outfit,
    params: law.expressed ? outfit.params : completeParams({ params }, law),
    terminals: terminals && { ...terminals, ...kept(device.terminals, terminalNames(law)) },
    ...(law.waveform ? { drive: device.drive } : {}),
  }, { format });
}
