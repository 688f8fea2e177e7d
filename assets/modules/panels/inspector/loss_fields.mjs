/** Fields of the loss: whether it is differentiated, what it is, the targets of the outputs. */

import { el, put, setText } from "../../lib/dom.mjs";
import { checkField, numberField, selectField } from "../../lib/fields.mjs";
import { gradientMissing } from "../../play/trust.mjs";

const LOSSES = [
  { value: "sum", text: "Sum of the outputs" },
  { value: "mse", text: "Squared distance to targets" },
];

/** @param {{store, set: (patch: object) => void}} parts  `set` changes some settings */
export function createLossFields({ store, set }) {
  const adjoint = checkField({ label: "Compute the adjoint circuit", onCommit: (on) => set({ adjoint: on }) });
  const loss = selectField({ label: "Loss", options: LOSSES, onCommit: (value) => set({ loss: value }) });
  const targets = el("div", {});
  const note = el("p", { class: "muted small" });
  let shown = "";
  let fields = [];

  const targetOf = (id) => numberField({ label: `Target of ${store.get().doc.nameOf(id)}`, unit: "V", onCommit: (value) => set({ targets: { ...store.get().settings.targets, [id]: value } }) });

  function sync({ doc, settings, sim }) {
    if (!settings) return;
    const ids = doc.outputs;
    adjoint.set(settings.adjoint);
    loss.set(settings.loss);
    setText(note, settings.adjoint || ids.length === 0 ? gradientMissing({ sim, settings, doc }) : "Without it the lane Adjoint λ and every gradient stay empty.");
    const key = settings.loss === "mse" ? JSON.stringify(ids.map((id) => [id, doc.nameOf(id)])) : "";
    if (key !== shown) {
      shown = key;
      fields = key ? ids.map((id) => ({ id, field: targetOf(id) })) : [];
      put(targets, fields.map(({ field }) => field.root));
    }
    for (const { id, field } of fields) field.set(settings.targets[id] ?? 0);
  }

  return { adjoint: adjoint.root, loss: loss.root, targets, note, sync };
}
