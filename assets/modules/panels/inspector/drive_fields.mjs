/** Fields of what holds a node: its capacitor, or a source with a waveform, one field for every parameter. */

import { driveOf, heldBy } from "../../document/kinds.mjs";
import { el, put } from "../../lib/dom.mjs";
import { numberField, parameterName, selectField } from "../../lib/fields.mjs";
import { pointsField } from "./points_field.mjs";

const CAPACITOR = "";

/** @param {{store, edit}} context  @param {string[]} ids */
export function driveFields({ store, edit }, ids) {
  const waveforms = store.get().registry?.waveforms ?? {};
  const options = [
    { value: CAPACITOR, text: "Its capacitor" },
    ...Object.entries(waveforms).map(([kind, { title }]) => ({ value: kind, text: title, group: "A voltage source" })),
  ];
  const choose = (kind) => edit((doc) => doc.group(() => {
    for (const id of ids) doc.setNode(id, heldBy(kind === CAPACITOR ? null : driveOf(store.get().registry, kind, doc.node(id).drive)));
  }));
  const kind = selectField({ label: "Held by", options, doc: "A capacitor lets currents move the voltage; a source gives it at all times", onCommit: choose });
  const box = el("div", { class: "drive-fields" });
  let fields = /** @type {{show: (drive: object) => void}[]} */ ([]);
  let built = CAPACITOR;

  const change = (patch) => (doc) => ids.forEach((id) => {
    const { drive } = doc.node(id);
    doc.setNode(id, { drive: { kind: drive.kind, params: { ...drive.params, ...patch } } });
  });

  function build(form) {
    const numbers = form.params.map((param) => {
      const field = numberField({
        label: parameterName(param.name), unit: param.unit, doc: param.doc, slider: param.slider, low: param.low, high: param.high,
        onDrag: (value) => edit((doc) => doc.transient(() => change({ [param.name]: value })(doc))),
        onRelease: () => store.get().doc.commit(),
        onCommit: (value) => edit((doc) => doc.group(() => change({ [param.name]: value })(doc))),
      });
      return { root: field.root, show: ({ params }) => field.set(params[param.name] ?? param.default) };
    });
    const { lists } = form;
    if (lists.length === 0) return numbers;
    const points = pointsField({
      names: lists.map(({ name }) => parameterName(name)), units: lists.map(({ unit }) => unit),
      onCommit: (columns) => edit((doc) => doc.group(() => change(Object.fromEntries(lists.map(({ name }, k) => [name, columns[k]])))(doc))),
    });
    return [...numbers, { root: points.root, show: ({ params }) => points.set(lists.map(({ name, default: usual }) => params[name] ?? usual)) }];
  }

  function sync(doc) {
    const drives = ids.map((id) => doc.node(id)?.drive ?? null);
    const kinds = new Set(drives.map((drive) => drive?.kind ?? CAPACITOR));
    const shown = kinds.size === 1 ? [...kinds][0] : CAPACITOR;
    if (shown !== built) {
      built = shown;
      const made = waveforms[shown] ? build(waveforms[shown]) : [];
      fields = made;
      put(box, made.map(({ root }) => root));
    }
    kind.set(shown);
    if (waveforms[shown]) for (const field of fields) field.show(drives[0]);
  }

  return { roots: [kind.root, box], sync };
}
