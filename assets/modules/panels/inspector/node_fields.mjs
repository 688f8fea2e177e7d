/** Fields that one node and several share: what holds them, role, start voltage, capacitance. */

import { numberField, segmentField } from "../../lib/fields.mjs";
import { sharedOf } from "../../lib/shared.mjs";
import { driveFields } from "./drive_fields.mjs";

const ROLES = [
  { value: "hidden", text: "Hidden", doc: "Starts at its own voltage" },
  { value: "input", text: "Input", doc: "Data enter as its start voltage" },
  { value: "output", text: "Output", doc: "The loss reads its voltage at the end" },
  { value: "both", text: "Both", doc: "Input and output" },
];

/**
 * Setters for one or many nodes: a slider drag is one undo step.
 * @param {{store, edit}} context
 * @param {string[]} ids
 */
export function nodeFields(context, ids) {
  const { store, edit } = context;
  const set = (doc, name, value) => ids.forEach((id) => doc.setNode(id, { [name]: value }));
  const every = (name, value) => edit((doc) => doc.group(() => set(doc, name, value)));
  const field = (name, options) =>
    numberField({
      ...options,
      onDrag: (value) => edit((doc) => doc.transient(() => set(doc, name, value))),
      onRelease: () => store.get().doc.commit(),
      onCommit: (value) => every(name, value),
    });
  const role = segmentField({ label: "Role", options: ROLES, onCommit: (value) => every("role", value) });
  const voltage = field("voltage", { label: "Start voltage", unit: "V", slider: [-2, 2] });
  const capacitance = field("capacitance", { label: "Capacitance to ground", unit: "F", slider: [0.01, 100], low: 0, doc: "0 for none: then the voltage follows from the devices at once" });

  const held = driveFields(context, ids);

  function sync(doc) {
    const chosen = ids.map((id) => doc.node(id)).filter(Boolean);
    const driven = chosen.some((node) => node.drive);
    for (const own of [role, voltage, capacitance]) own.root.hidden = driven;
    held.sync(doc);
    role.set(sharedOf(chosen.map((node) => node.role)));
    voltage.set(sharedOf(chosen.map((node) => node.voltage)));
    capacitance.set(sharedOf(chosen.map((node) => node.capacitance)));
  }

  return { roots: [...held.roots, role.root, voltage.root, capacitance.root], sync };
}
