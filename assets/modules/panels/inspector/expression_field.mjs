/** The text of a device's expression; what the server says of it stands beneath. */

import { flawOf, rewritten } from "../../document/expressions.mjs";
import { el, setText } from "../../lib/dom.mjs";
import { textField } from "../../lib/fields.mjs";

const DOC = "V(source), V(target), V(x) of a terminal x, V(x,y), time, names of parameters; + - * / **, ?:, sin exp ln sqrt tanh abs min max limit if ...";

/** The place of a device's expression in a file. */
function placeOf(doc, id) {
  const slice = doc.sliceOf(id);
  const at = doc.slices[slice].devices.findIndex((device) => device.id === id);
  return `slices[${slice}].devices[${at}]`;
}

/** @param {{edit}} context */
export function expressionField({ edit }, id, law) {
  const field = textField({
    label: "Expression", doc: DOC, maxlength: 10000,
    onCommit: (text) => {
      const flaw = flawOf(text);
      if (flaw) throw new Error(flaw);
      edit((doc) => doc.setDevice(id, rewritten(doc.device(id), text, law.expressed.known)));
    },
  });
  const problem = el("span", { class: "field-problem", role: "alert" });
  return {
    root: el("div", {}, field.root, problem),
    sync: (device, doc, error) => {
      field.set(device.expression ?? law.expressed.usual);
      const place = placeOf(doc, id);
      const own = error?.where === place || error?.where?.startsWith(`${place}.`);
      setText(problem, own ? error.message : "");
    },
  };
}
