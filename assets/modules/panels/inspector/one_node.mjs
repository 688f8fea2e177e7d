/** The inspector's content for one node: name, role, voltages, values now, its devices. */

import { el, iconButton, put } from "../../lib/dom.mjs";
import { figures, heading, numberField, textField } from "../../lib/fields.mjs";
import { quantity } from "../../lib/numbers.mjs";
import { createDriveGradient } from "./drive_gradient.mjs";
import { nodeFields } from "./node_fields.mjs";
import { netCurrent } from "./values.mjs";

const MOST_DEVICES = 40;
const NOW = [
  { key: "v", label: "Voltage" },
  { key: "net", label: "Current into node", doc: "Sum of the device currents; it charges the capacitor" },
  { key: "q", label: "Charge", doc: "Capacitance times voltage" },
  { key: "lambda", label: "λ = ∂L/∂v", doc: "How the loss changes with this voltage now" },
  { key: "g0", label: "∂L/∂ start voltage", doc: "λ at time 0" },
];
const DRIVEN_NOW = [
  { key: "v", label: "Voltage" },
  { key: "source", label: "Source current", doc: "What the source gives; the devices carry it away" },
  { key: "density", label: "∂L/∂u(t)", doc: "How the loss changes with this voltage now, per second that it is changed for" },
];

/**
 * @param {{store, edit, saveSettings: (settings: object) => void}} context
 * @returns {{nodes: any[], sync: (state) => void, tick: (state) => void}}
 */
export function oneNode(context, id) {
  const { store, edit } = context;
  const title = textField({ label: "Name of the node", large: true, onCommit: (next) => rename(store, id, next) });
  const pin = iconButton("pin", "Pin to the scope", { dataset: { command: "probe", argument: id } });
  const fields = nodeFields(context, [id]);
  const target = targetField(context, id);
  const label = textField({ label: "Label", placeholder: "shown under the name", onCommit: (text) => edit((doc) => doc.setNode(id, { label: text })) });
  const now = figures(store.get().doc.node(id).drive ? DRIVEN_NOW : NOW);
  const gradient = createDriveGradient(context, id);
  const list = el("div", { class: "device-list" });

  function sync({ doc, settings, probes }) {
    const node = doc.node(id);
    if (!node) return;
    title.set(node.id);
    label.set(node.label ?? "");
    fields.sync(doc);
    target.root.hidden = !(settings?.loss === "mse" && (node.role === "output" || node.role === "both"));
    target.set(settings?.targets[id] ?? 0);
    pin.setAttribute("aria-pressed", String(probes.includes(id)));
    gradient.sync(store.get().sim, node.drive);
    listDevices(store, list, doc.devicesAt(id), id);
  }

  function tick({ doc, sim, time }) {
    if (!doc.node(id)) return;
    const v = sim ? sim.valueAt(id, time) : NaN;
    now.set("v", quantity(v, "V"));
    now.set("source", quantity(sim ? sim.sources.currentAt(id, time) : NaN, "A"));
    now.set("density", quantity(sim?.hasAdjoint ? sim.sources.densityAt(id, time) : NaN));
    now.set("net", quantity(sim ? netCurrent(doc, sim, id, time, store.get().registry?.devices) : NaN, "A"));
    now.set("q", quantity(v * doc.node(id).capacitance, "C"));
    now.set("lambda", quantity(sim?.hasAdjoint ? sim.valueAt(id, time, "adjoint") : NaN));
    now.set("g0", quantity(sim?.hasAdjoint ? sim.valueAt(id, 0, "adjoint") : NaN));
  }

  return {
    nodes: [el("div", { class: "inspector-title" }, title.root, pin), ...fields.roots, target.root, label.root, heading("Now"), now.root, gradient.root, heading("Devices here"), list],
    sync, tick,
  };
}

/** The voltage that a loss of squared distances wants at the end. */
function targetField({ store, saveSettings }, id) {
  const set = (value) => {
    const { settings } = store.get();
    saveSettings({ ...settings, targets: { ...settings.targets, [id]: value } });
  };
  return numberField({ label: "Target at the end", unit: "V", slider: [-2, 2], onDrag: set, onCommit: set });
}

function listDevices(store, list, devices, id) {
  put(
    list,
    devices.slice(0, MOST_DEVICES).map((device) => {
      const leaves = device.source === id;
      return el(
        "button",
        { type: "button", class: "device-row", on: { click: () => store.set({ selection: { nodes: [], devices: [device.id] } }) } },
        el("span", { class: "device-id", text: device.id }),
        el("span", { class: "muted", text: `${leaves ? "to" : "from"} ${leaves ? device.target : device.source}` }),
        el("span", { class: "device-kind", text: device.kind.replaceAll("_", " ") }),
      );
    }),
    devices.length > MOST_DEVICES ? el("p", { class: "muted small", text: `and ${devices.length - MOST_DEVICES} more` }) : null,
    devices.length === 0 ? el("p", { class: "muted small", text: "No device ends here yet." }) : null,
  );
}

function rename(store, id, next) {
  store.get().doc.renameNode(id, next);
  store.set({ selection: { nodes: [next], devices: [] } });
}
