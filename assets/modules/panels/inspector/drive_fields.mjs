/** Fields of a waveform: what holds a node, or what a source adds to its value; one field for every parameter. */

import { driveOf, heldBy } from "../../document/kinds.mjs";
import { el, put } from "../../lib/dom.mjs";
import { numberField, parameterName, selectField } from "../../lib/fields.mjs";
import { sharedOf } from "../../lib/shared.mjs";
import { pointsField } from "./points_field.mjs";

const [CAPACITOR, NOTHING] = ["", "none"];

/**
 * @typedef {object} Carrier  whatever has a waveform
 * @property {string} label
 * @property {string} doc
 * @property {string} group  heading of the waveforms
 * @property {string} unit  of the waveform's values
 * @property {{value: string, text: string}[]} without  the choices without a waveform
 * @property {(circuit: any, id: string) => any} driveAt
 * @property {(circuit: any, id: string) => string} withoutAt  which of the choices without a waveform it has
 * @property {(circuit: any, id: string, drive: any, without: string) => void} change
 */

/** @param {{store, edit}} context  @param {string[]} ids  @param {Carrier} carrier */
function waveformFields({ store, edit }, ids, carrier) {
  const waveforms = store.get().registry?.waveforms ?? {};
  const { without, driveAt, change } = carrier;
  const options = [...without, ...Object.entries(waveforms).map(([kind, { title }]) => ({ value: kind, text: title, group: carrier.group }))];
  const choose = (kind) => edit((doc) => doc.group(() => {
    for (const id of ids) change(doc, id, waveforms[kind] ? driveOf(store.get().registry, kind, driveAt(doc, id)) : null, kind);
  }));
  const kind = selectField({ label: carrier.label, options, doc: carrier.doc, onCommit: choose });
  const box = el("div", { class: "drive-fields" });
  let fields = /** @type {{show: (drives: any[]) => void}[]} */ ([]);
  let built = /** @type {string|undefined} */ ("");

  const unitOf = ({ unit }) => (unit === "V" ? carrier.unit : unit);
  const patched = (patch) => (doc) => ids.forEach((id) => {
    const drive = driveAt(doc, id);
    change(doc, id, { kind: drive.kind, params: { ...drive.params, ...patch } }, "");
  });

  function build(form) {
    const numbers = form.params.map((param) => {
      const field = numberField({
        label: parameterName(param.name), unit: unitOf(param), doc: param.doc, slider: param.slider, low: param.low, high: param.high,
        onDrag: (value) => edit((doc) => doc.transient(() => patched({ [param.name]: value })(doc))),
        onRelease: () => store.get().doc.commit(),
        onCommit: (value) => edit((doc) => doc.group(() => patched({ [param.name]: value })(doc))),
      });
      return { root: field.root, show: (drives) => field.set(sharedOf(drives.map(({ params }) => params[param.name] ?? param.default))) };
    });
    const { lists } = form;
    if (lists.length === 0) return numbers;
    const points = pointsField({
      names: lists.map(({ name }) => parameterName(name)), units: lists.map(unitOf),
      onCommit: (columns) => edit((doc) => doc.group(() => patched(Object.fromEntries(lists.map(({ name }, k) => [name, columns[k]])))(doc))),
    });
    return [...numbers, { root: points.root, show: ([{ params }]) => points.set(lists.map(({ name, default: usual }) => params[name] ?? usual)) }];
  }

  function sync(doc) {
    const drives = ids.map((id) => driveAt(doc, id));
    const shown = sharedOf(ids.map((id, k) => drives[k]?.kind ?? carrier.withoutAt(doc, id)));
    if (shown !== built) {
      built = shown;
      const made = waveforms[shown] ? build(waveforms[shown]) : [];
      fields = made;
      put(box, made.map(({ root }) => root));
    }
    kind.set(shown);
    if (waveforms[shown]) for (const field of fields) field.show(drives);
  }

  return { roots: [kind.root, box], sync };
}

/** What holds nodes: their capacitor, nothing, or a source. */
export const driveFields = (context, ids) => waveformFields(context, ids, {
  label: "Held by",
  doc: "A capacitor lets currents move the voltage; a source gives it at all times; with nothing it follows from the devices",
  group: "A voltage source",
  unit: "V",
  without: [{ value: CAPACITOR, text: "Its capacitor" }, { value: NOTHING, text: "Nothing (no capacitor)" }],
  driveAt: (doc, id) => doc.node(id)?.drive ?? null,
  withoutAt: (doc, id) => (doc.node(id)?.capacitance === 0 ? NOTHING : CAPACITOR),
  change(doc, id, drive, without) {
    const { capacitance } = doc.node(id);
    const own = drive ? {} : { capacitance: without === NOTHING ? 0 : capacitance || 1 };
    doc.setNode(id, { ...heldBy(drive), ...own });
  },
});

/** What sources add to their value over time. */
export const sourceFields = (context, ids, law) => waveformFields(context, ids, {
  label: "Waveform",
  doc: "Added to the value above",
  group: "Added to it over time",
  unit: law.params[0].unit,
  without: [{ value: CAPACITOR, text: "None" }],
  driveAt: (doc, id) => doc.device(id)?.drive ?? null,
  withoutAt: () => CAPACITOR,
  change: (doc, id, drive) => doc.setDevice(id, { drive: drive ?? undefined }),
});
