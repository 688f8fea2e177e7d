/** Accumulated and final gradient of a device's parameters, and the check against finite differences. */

import { el, setText } from "../../lib/dom.mjs";
import { heading, termLink } from "../../lib/fields.mjs";
import { number, power } from "../../lib/numbers.mjs";
import { requestSettings } from "../../play/settings.mjs";
import { gradientMissing } from "../../play/trust.mjs";

const CHECK_TOLERANCE = 1e-3;

/** Asks the server for the gradient by finite differences and writes how far they are apart. */
async function check({ store, api }, id, param, button, result) {
  const { doc, settings, registry } = store.get();
  const circuit = doc.toJSON();
  button.disabled = true;
  result.dataset.tone = "";
  setText(result, "Checking");
  try {
    const { adjoint, difference, error } = await api.gradientCheck({ circuit, settings: requestSettings(settings, circuit, registry), device: id, param: param.name });
    const good = error <= CHECK_TOLERANCE;
    result.dataset.tone = good ? "ok" : "error";
    setText(result, `adjoint ${number(adjoint, 6)}, finite difference ${number(difference, 6)}: relative error ${power(error)}${good ? " ✓" : ", too large"}`);
  } catch (error) {
    result.dataset.tone = "error";
    setText(result, error.message);
  }
  button.disabled = false;
}

function rowOf(context, id, param) {
  const [now, total] = [el("td", {}), el("td", {})];
  const button = el("button", { type: "button", class: "button small quiet", text: "Check", title: "Compare with a finite difference", on: { click: () => check(context, id, param, button, result) } });
  const result = el("div", { class: "check-result", role: "status" });
  const rows = [
    el("tr", {}, el("th", { scope: "row", text: `∂L/∂${param.name.replaceAll("_", " ")}` }), now, total, el("td", { class: "check-cell" }, button)),
    el("tr", { class: "check-row" }, el("td", { colspan: 4 }, result)),
  ];
  return { name: param.name, now, total, result, rows, check: () => check(context, id, param, button, result) };
}

/** @param {{store, api}} context */
export function createGradientTable(context, id, params) {
  const rows = params.map((param) => rowOf(context, id, param));
  const table = el("table", { class: "gradient" },
    el("thead", {}, el("tr", {}, el("th", { text: "" }),
      el("th", { scope: "col", text: "since end", title: "Gathered from the end of time back to now" }),
      el("th", { scope: "col", text: "total", title: "The value training uses" }), el("th", {}))),
    el("tbody", {}, rows.map((row) => row.rows)));
  const note = el("p", { class: "muted small" });
  const all = el("button", { type: "button", class: "button small quiet", text: "Check all", title: "Compare every gradient with a finite difference", on: { click: checkAll } });
  let checkedFor = null;

  /** One after the other: a newer question of one page replaces an older. */
  async function checkAll() {
    all.disabled = true;
    for (const row of rows) await row.check();
    all.disabled = false;
  }

  return {
    root: el("div", { class: "gradient-box" }, heading(termLink("Gradient", "gradient"), rows.length > 1 ? all : null), table, note),
    sync: (sim) => {
      table.hidden = all.hidden = !sim?.hasAdjoint;
      setText(note, gradientMissing(context.store.get()));
      if (checkedFor !== sim) for (const { result } of rows) setText(result, "");
      checkedFor = sim;
    },
    tick: (sim, time) => {
      if (!sim?.hasAdjoint) return;
      for (const { name, now, total } of rows) {
        setText(now, number(sim.gradientAt(id, name, time)));
        setText(total, number(sim.gradient(id, name)));
      }
    },
  };
}
