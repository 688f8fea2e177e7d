/** The inspector's content for one node: name, role, voltages, values now, its devices. */

import { el, iconButton } from "../../lib/dom.mjs";
import { explainSwitch, figures, heading, numberField, termLink, textField } from "../../lib/fields.mjs";
import { quantity } from "../../lib/numbers.mjs";
import { createDriveGradient } from "./drive_gradient.mjs";
import { createDeviceList } from "./device_list.mjs";
import { createKclView } from "../explain/kcl_view.mjs";
import { nodeFields } from "./node_fields.mjs";
import { createNudgeCard } from "../explain/nudge_card.mjs";
import { netCurrent } from "./values.mjs";

const LABEL = { label: "Label", placeholder: "shown instead of the name", doc: "What the node is called wherever it is shown, unless another node is called the same" };
const NOW = [
  { key: "v", label: "Voltage", term: "node", doc: "Against ground, now" },
  { key: "net", label: "Current into node", term: "kcl", doc: "Sum of the currents below; it charges the capacitor, and is 0 where there is none" },
  { key: "cap", label: "Into its capacitor", term: "capacitor", doc: "Capacitance times the slope of the voltage" },
  { key: "q", label: "Charge", term: "charge", doc: "Capacitance times voltage" },
  { key: "lambda", label: "λ = ∂L/∂v", term: "lambda", doc: "How the loss changes with this voltage now" },
  { key: "g0", label: "∂L/∂ start voltage", term: "start-gradient", doc: "λ at time 0" },
];
const DRIVEN_NOW = [
  { key: "v", label: "Voltage", term: "source", doc: "What the source holds the node at, now" },
  { key: "source", label: "Source current", term: "source", doc: "What the source gives; the devices carry it away" },
  { key: "density", label: "∂L/∂u(t)", term: "density", doc: "How the loss changes with this voltage now, per second that it is changed for" },
];

/**
 * @param {{store, api, commands, edit, saveSettings: (settings: object) => void}} context
 * @returns {{nodes: any[], sync: (state) => void, tick: (state) => void}}
 */
export function oneNode(context, id) {
  const { store, edit } = context;
  const title = textField({ label: "Name of the node", large: true, onCommit: (next) => rename(store, id, next) });
  const pin = iconButton("pin", "Pin to the scope", { dataset: { command: "probe", argument: id } });
  const fields = nodeFields(context, [id]);
  const target = targetField(context, id);
  const label = textField({ ...LABEL, onCommit: (text) => edit((doc) => doc.setNode(id, { label: text })) });
  const now = figures(store.get().doc.node(id).drive ? DRIVEN_NOW : NOW);
  const gradient = createDriveGradient(context, (sim) => sim.sources.gradient(id));
  const list = createDeviceList(store, id);
  const kcl = createKclView(id);
  const nudge = createNudgeCard(context, id);

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
    list.sync(doc);
    nudge.sync(store.get());
  }

  function tick({ doc, sim, time }) {
    if (!doc.node(id)) return;
    kcl.tick(store.get());
    list.tick(sim, time, kcl.most());
    const v = sim ? sim.valueAt(id, time) : NaN;
    now.set("v", quantity(v, "V"));
    now.set("source", quantity(sim ? sim.sources.currentAt(id, time) : NaN, "A"));
    now.set("density", quantity(sim?.hasAdjoint ? sim.sources.densityAt(id, time) : NaN));
    const net = sim ? netCurrent(doc, sim, id, time, store.get().registry?.devices) : NaN;
    now.set("net", quantity(net, "A"));
    now.set("cap", quantity(doc.node(id).capacitance === 0 ? 0 : capacitorCurrent(sim, id, time, net), "A"));
    now.set("q", quantity(v * doc.node(id).capacitance, "C"));
    now.set("lambda", quantity(sim?.hasAdjoint ? sim.valueAt(id, time, "adjoint") : NaN));
    now.set("g0", quantity(sim?.hasAdjoint ? sim.valueAt(id, 0, "adjoint") : NaN));
  }

  return {
    nodes: [
      el("div", { class: "inspector-title" }, title.root, pin), ...fields.roots, target.root, label.root, heading("Now", explainSwitch()), now.root, gradient.root,
      nudge.root, heading(termLink("Devices here", "kcl"), el("span", { class: "muted small", text: "current into the node" })), list.root, kcl.root,
    ],
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

/** In the fast class the slope of a voltage is nothing but the current into its node over the capacitance. */
const capacitorCurrent = (sim, id, time, net) => (sim?.has("capacitor_currents") ? sim.terminals.capacitorAt(id, time) : net);

function rename(store, id, next) {
  store.get().doc.renameNode(id, next);
  store.set({ selection: { nodes: [next], devices: [] } });
}
