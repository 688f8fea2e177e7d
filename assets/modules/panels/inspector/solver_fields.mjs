/** Fields of how a circuit is solved and differentiated: method, its own parameters, gradient. */

import { el, put } from "../../lib/dom.mjs";
import { checkField, numberField, parameterName, selectField } from "../../lib/fields.mjs";
import { gradientOf, solverOf } from "../../play/settings.mjs";

const GRADIENTS = [
  { value: "discrete", text: "Discrete adjoint" },
  { value: "continuous", text: "Continuous adjoint" },
  { value: "backprop", text: "Backpropagation" },
];

function paramField(param, set) {
  const shared = { label: parameterName(param.name), doc: param.doc, onCommit: (value) => set({ [param.name]: value }) };
  if (typeof param.default === "boolean") return checkField(shared);
  if (param.choices?.length) return selectField({ ...shared, options: param.choices.map((value) => ({ value, text: value })) });
  return numberField({ ...shared, unit: param.unit, low: param.low, high: param.high, integer: Boolean(param.integer) });
}

/** The form of one solver. */
function formOf(name, { solvers }, set) {
  const { params = [], gradients = GRADIENTS.map(({ value }) => value) } = solvers[name] ?? {};
  const options = Object.entries(solvers).map(([value, { title }]) => ({ value, text: title ?? value }));
  return {
    name,
    method: selectField({ label: "Method", options, onCommit: (solver) => set({ solver }) }),
    params: params.map((param) => ({ param, field: paramField(param, set) })),
    gradient: selectField({ label: "Gradient", options: GRADIENTS.filter(({ value }) => gradients.includes(value)), onCommit: (value) => set({ gradient: value }) }),
  };
}

/** @param {(patch: object) => void} set  changes some settings */
export function createSolverFields(set) {
  const root = el("div", {});
  const gradientRoot = el("div", {});
  let form = null;

  /** Rebuilt only when another solver is chosen: its own parameters become its form. */
  function sync({ registry, settings }) {
    if (!registry || !settings) return;
    const solver = solverOf(settings, registry);
    if (solver !== form?.name) {
      form = formOf(solver, registry, set);
      put(gradientRoot, form.gradient.root);
      put(root, form.method.root, form.params.map(({ field }) => field.root));
    }
    form.method.set(solver);
    form.gradient.set(gradientOf(settings, registry));
    for (const { param, field } of form.params) field.set(settings[param.name] ?? param.default);
  }

  return { root, gradientRoot, sync };
}
