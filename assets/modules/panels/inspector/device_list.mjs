/** The devices at a node, each with the current that it brings there now. */

import { el, put, setText } from "../../lib/dom.mjs";
import { parameterName } from "../../lib/fields.mjs";
import { quantity } from "../../lib/numbers.mjs";
import { createArrow } from "../explain/kcl_view.mjs";
import { currentsInto } from "./values.mjs";

const MOST = 40;

/** Where a device leads to from one of its ends. */
function leads({ source, target }, terminal, doc) {
  if (terminal === "source") return `to ${doc.nameOf(target)}`;
  return terminal === "target" ? `from ${doc.nameOf(source)}` : parameterName(terminal).toLowerCase();
}

/** @param {object} store  @param {string} id  of the node */
export function createDeviceList(store, id) {
  const root = el("div", { class: "device-list node-devices" });
  /** @type {Map<string, HTMLElement>} */
  let values = new Map();
  /** @type {Map<string, {point: (current: number|null, most: number) => void}>} */
  let arrows = new Map();
  let built = "";

  const entries = (doc, sim, time) => currentsInto(doc, sim, id, time, store.get().registry?.devices);

  function row({ device, terminal }) {
    const value = el("span", { class: "device-current" });
    const arrow = createArrow();
    values.set(`${device.id} ${terminal}`, value);
    arrows.set(`${device.id} ${terminal}`, arrow);
    return el(
      "button",
      { type: "button", class: "device-row", title: device.kind.replaceAll("_", " "), on: { click: () => store.set({ selection: { nodes: [], devices: [device.id] } }) } },
      el("span", { class: "device-id", text: device.id }),
      el("span", { class: "muted device-way", text: leads(device, terminal, store.get().doc) }),
      arrow.root,
      value,
    );
  }

  function sync(doc) {
    const here = entries(doc, UNKNOWN, 0);
    const key = JSON.stringify(here.map(({ device, terminal }) => [device.id, device.kind, leads(device, terminal, doc), terminal]));
    if (key === built) return;
    built = key;
    values = new Map();
    arrows = new Map();
    put(
      root,
      here.slice(0, MOST).map(row),
      here.length > MOST ? el("p", { class: "muted small", text: `and ${here.length - MOST} more` }) : null,
      here.length === 0 ? el("p", { class: "muted small", text: "No device ends here yet." }) : null,
    );
  }

  /** @param {number} most  the longest arrow stands for [A] */
  function tick(sim, time, most) {
    for (const { device, terminal, current } of entries(store.get().doc, sim ?? UNKNOWN, time)) {
      const value = values.get(`${device.id} ${terminal}`);
      if (value) setText(value, current === null ? "idle" : quantity(current, "A"));
      arrows.get(`${device.id} ${terminal}`)?.point(current, most);
    }
  }

  return { root, sync, tick };
}

/** A simulation that knows nothing. */
const UNKNOWN = { deviceIndex: new Map(), deviceValueAt: () => NaN, terminals: { currentAt: () => NaN } };
