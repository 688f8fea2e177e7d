/** Inspector tab of the selected node: start voltage, capacitor, role, values now, its devices. */

import { el, iconButton, put } from "../../lib/dom.mjs";
import { figures, heading, numberField, segmentField, textField } from "../../lib/fields.mjs";
import { quantity } from "../../lib/numbers.mjs";

const ROLES = [
  { value: "hidden", text: "Hidden", doc: "Starts at its own voltage" },
  { value: "input", text: "Input", doc: "Data enter as its start voltage" },
  { value: "output", text: "Output", doc: "The loss reads its voltage at the end" },
  { value: "both", text: "Both", doc: "Input and output" },
];
const MOST_DEVICES = 40;

export function createNodePane(context) {
  const { store, edit, saveSettings } = context;
  const root = el("div", {});
  const empty = el("div", { class: "inspector-empty" },
    el("p", { text: "No node selected." }),
    el("p", { class: "muted", text: "Click a node on the board, or double-click an empty place to add one." }));
  let built = null;

  function sync(state) {
    const nodes = state.selection.nodes.map((id) => state.doc.node(id)).filter(Boolean);
    if (nodes.length === 0) {
      if (built !== null || !root.hasChildNodes()) put(root, empty);
      built = null;
      return;
    }
    const key = JSON.stringify(nodes.map((node) => node.id));
    if (built?.key !== key) {
      built = build(nodes.map((node) => node.id));
      built.key = key;
      put(root, built.nodes);
    }
    built.sync(state);
  }

  function build(ids) {
    const one = ids.length === 1 ? ids[0] : null;
    const title = one ? textField({ label: "Name of the node", large: true, onCommit: (next) => rename(one, next) }) : null;
    const label = one ? textField({ label: "Label", placeholder: "shown under the name", onCommit: (text) => edit((doc) => doc.setNode(one, { label: text })) }) : null;
    const role = segmentField({ label: "Role", options: ROLES, onCommit: (value) => every((doc, id) => doc.setNode(id, { role: value })) });
    const field = (name, options) =>
      numberField({
        ...options,
        onDrag: (value) => edit((doc) => doc.transient(() => ids.forEach((id) => doc.setNode(id, { [name]: value })))),
        onRelease: () => store.get().doc.commit(),
        onCommit: (value) => every((doc, id) => doc.setNode(id, { [name]: value })),
      });
    const voltage = field("voltage", { label: "Start voltage", unit: "V", slider: [-2, 2] });
    const capacitance = field("capacitance", { label: "Capacitance to ground", unit: "F", slider: [0.01, 100], low: 1e-30 });
    const target = one
      ? numberField({ label: "Target at the end", unit: "V", slider: [-2, 2], onDrag: setTarget, onCommit: setTarget })
      : null;
    const pin = one ? iconButton("pin", "Pin to the scope", { dataset: { command: "probe", argument: one } }) : null;
    const now = one
      ? figures([
        { key: "v", label: "Voltage" },
        { key: "net", label: "Current into node", doc: "Sum of the device currents; it charges the capacitor" },
        { key: "q", label: "Charge", doc: "Capacitance times voltage" },
        { key: "lambda", label: "λ = ∂L/∂v", doc: "How the loss changes with this voltage now" },
        { key: "g0", label: "∂L/∂ start voltage", doc: "λ at time 0" },
      ])
      : null;
    const held = one ? el("p", { class: "muted" }) : null;
    const list = el("div", { class: "device-list" });

    function setTarget(value) {
      const { settings } = store.get();
      saveSettings({ ...settings, targets: { ...settings.targets, [one]: value } });
    }

    function syncNode({ doc, settings, probes }) {
      const fresh = doc.node(ids[0]);
      if (!fresh) return;
      title?.set(fresh.id);
      label?.set(fresh.label ?? "");
      role.set(ids.every((id) => doc.node(id)?.role === fresh.role) ? fresh.role : "");
      voltage.set(fresh.voltage);
      capacitance.set(fresh.capacitance);
      const driven = ids.some((id) => doc.node(id)?.drive);
      for (const own of [role, voltage, capacitance]) own.root.hidden = driven;
      if (held) held.hidden = !driven;
      if (held && driven) held.textContent = `Held by a source: ${fresh.drive.kind.replaceAll("_", " ")}. Its voltage stands in the file.`;
      if (target) {
        target.root.hidden = !(settings?.loss === "mse" && (fresh.role === "output" || fresh.role === "both"));
        target.set(settings?.targets[one] ?? 0);
      }
      pin?.setAttribute("aria-pressed", String(probes.includes(one)));
      if (one) listDevices(doc, one);
    }

    function listDevices(doc, id) {
      const devices = doc.devicesAt(id);
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

    function tick({ doc, sim, time }) {
      if (!one || !doc.node(one)) return;
      const v = sim ? sim.valueAt(one, time) : NaN;
      now.set("v", quantity(v, "V"));
      now.set("net", quantity(sim ? netCurrent(doc, sim, one, time, store.get().registry?.devices) : NaN, "A"));
      now.set("q", quantity(doc.node(one).drive ? NaN : v * doc.node(one).capacitance, "C"));
      now.set("lambda", quantity(sim?.hasAdjoint ? sim.valueAt(one, time, "adjoint") : NaN));
      now.set("g0", quantity(sim?.hasAdjoint ? sim.valueAt(one, 0, "adjoint") : NaN));
    }

    const nodes = [
      one
        ? el("div", { class: "inspector-title" }, title.root, pin)
        : el("div", { class: "inspector-title" }, el("h2", { text: `${ids.length} nodes` })),
      one ? null : el("p", { class: "muted", text: "Changes apply to all of them." }),
      role.root,
      held,
      voltage.root,
      capacitance.root,
      target?.root,
      label?.root,
      one ? [heading("Now"), now.root, heading("Devices here"), list] : null,
    ];
    return { nodes: nodes.flat().filter(Boolean), sync: syncNode, tick };

    function every(fn) {
      edit((doc) => doc.group(() => ids.forEach((id) => fn(doc, id))));
    }
  }

  function rename(id, next) {
    const { doc } = store.get();
    doc.renameNode(id, next);
    store.set({ selection: { nodes: [next], devices: [] } });
  }

  return { root, sync, tick: (state) => built?.tick(state) };
}

/** Sum of the currents that enter a node minus those that leave it; idle devices carry none. */
export function netCurrent(doc, sim, id, time, laws = {}) {
  let sum = 0;
  let known = false;
  for (const device of doc.devicesAt(id)) {
    const i = sim.deviceValueAt(device.id, time);
    if (!sim.deviceIndex.has(device.id)) return NaN;
    known = true;
    // A one-sided device only senses its source.
    if (device.target !== id && laws[device.kind]?.one_sided) continue;
    if (Number.isNaN(i)) continue;
    sum += device.target === id ? i : -i;
  }
  return known ? sum : sim.nodeIndex.has(id) ? 0 : NaN;
}
