/** What the loss says of a source: its gradient with respect to the voltages of its waveform. */

import { el, put, setText } from "../../lib/dom.mjs";
import { heading } from "../../lib/fields.mjs";
import { number } from "../../lib/numbers.mjs";
import { gradientMissing } from "../../play/trust.mjs";

const MOST_LEVELS = 24;

/** Names of a drive's levels, in their order; of a list every entry is one. Pure. */
export function levelNames(form, count) {
  const list = form?.levels?.[0]?.match(/^(\w+)\[0\]$/);
  return list ? Array.from({ length: count }, (_, k) => `${list[1]}[${k}]`) : (form?.levels ?? []);
}

/**
 * @param {{store}} context
 * @param {(sim: any) => ArrayLike<number>|null} gradientOf  by level of the waveform
 * @param {string} [title]
 */
export function createDriveGradient({ store }, gradientOf, title = "Gradient") {
  const note = el("p", { class: "muted small" });
  const body = el("tbody", {});
  const table = el("table", { class: "gradient" },
    el("thead", {}, el("tr", {}, el("th", { text: "" }), el("th", { scope: "col", text: "total", title: "How the loss changes with this voltage of the waveform" }))), body);
  const root = el("div", { class: "drive-gradient" }, heading(title), table, note);

  return {
    root,
    /** @param {object} sim  @param {object|undefined} drive  the waveform, if there is one */
    sync(sim, drive) {
      root.hidden = !drive;
      if (!drive) return;
      const values = sim?.hasAdjoint ? gradientOf(sim) : null;
      table.hidden = !values;
      setText(note, gradientMissing(store.get()));
      if (!values) return;
      const names = levelNames(store.get().registry?.waveforms?.[drive.kind], values.length);
      put(body, Array.from(values).slice(0, MOST_LEVELS).map((value, k) =>
        el("tr", {}, el("th", { scope: "row", text: `∂L/∂${names[k] ?? k}` }), el("td", { text: number(value) }))));
      if (values.length > MOST_LEVELS) setText(note, `and ${values.length - MOST_LEVELS} more`);
    },
  };
}
