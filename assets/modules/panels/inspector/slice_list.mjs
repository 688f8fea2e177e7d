/** The time slices of a circuit: how long each lasts, which one new devices go into. */

import { el, iconButton, put, setText } from "../../lib/dom.mjs";
import { numberField } from "../../lib/fields.mjs";
import { count } from "../../lib/numbers.mjs";

/** Row `k` of `total`; the only slice of a circuit is just a duration. */
function sliceRow({ store, edit }, k, total) {
  const field = numberField({ label: total > 1 ? `Slice ${k + 1} lasts` : "Duration", unit: "s", low: 1e-15, onCommit: (duration) => edit((doc) => doc.setSlice(k, { duration })) });
  const devices = el("span", { class: "muted small" });
  const drop = () => edit((doc) => {
    doc.removeSlice(k);
    store.set({ slice: Math.min(store.get().slice, doc.slices.length - 1) });
  });
  const remove = iconButton("bin", `Remove slice ${k + 1} and its devices`, { on: { click: drop } });
  const choose = el("button", { type: "button", class: "link small", text: "draw here", title: "New devices go into this slice", on: { click: () => store.set({ slice: k }) } });
  const row = el("div", { class: "slice-row" }, field.root, total > 1 ? el("div", { class: "slice-extra" }, devices, choose, remove) : null);
  return { row, field, devices };
}

/** @param {{store, edit}} context */
export function createSliceList(context) {
  const { store, edit } = context;
  const root = el("div", { class: "slice-list" });
  const add = el("button", { type: "button", class: "button small", text: "Add a slice", on: { click: () => edit((doc) => store.set({ slice: doc.addSlice() })) } });
  let rows = [];

  function sync({ doc, slice }) {
    const { slices } = doc;
    if (rows.length !== slices.length) {
      rows = slices.map((_, k) => sliceRow(context, k, slices.length));
      put(root, rows.map(({ row }) => row));
    }
    slices.forEach((one, k) => {
      const { field, row, devices } = rows[k];
      field.set(one.duration);
      setText(devices, count(one.devices.length, "device"));
      row.dataset.current = String(slices.length > 1 && k === slice);
    });
  }

  return { root, add, sync };
}
