/** The fields of one change, as its class declares them. */

import { el, put } from "../../lib/dom.mjs";
import { numberField, parameterName, selectField, textField } from "../../lib/fields.mjs";

/** What an empty field means, as the declaration says it after "empty:". */
export const emptyWords = (doc) => / empty: (.*?)\.?$/.exec(doc)?.[1] ?? "a click says it";

/** A field of a parameter; `onChange(value)`. */
function fieldOf(param, { onChange, slider }) {
  const { name, doc, unit, low, high, integer, choices } = param;
  const label = parameterName(name);
  if (choices.length > 0) return selectField({ label, doc, options: choices.map((value) => ({ value, text: value })), onCommit: onChange });
  if (typeof param.default === "string") return textField({ label, doc, placeholder: emptyWords(doc), onCommit: onChange });
  return numberField({ label, unit, doc, low, high, integer, slider: slider ? param.slider : null, onDrag: onChange, onCommit: onChange });
}

/** @param {{onChange: (name: string, value: any) => void}} parts */
export function createFaultForm({ onChange }) {
  const root = el("div", { class: "break-fields" });
  let shown = "";
  let fields = {};

  /** Show the fields of a change with its values; `null` for none. */
  function show(name, change, values) {
    if (name !== shown) {
      shown = name;
      fields = Object.fromEntries((change?.params ?? []).map((param) => [
        param.name, fieldOf(param, { onChange: (value) => onChange(param.name, value), slider: param.name === change.strength }),
      ]));
      put(root, ...Object.values(fields).map((field) => field.root));
    }
    for (const [key, field] of Object.entries(fields)) field.set(values[key]);
  }

  return { root, show };
}
