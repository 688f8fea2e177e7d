/** The right column while building and simulating: tabs Device, Node, Circuit, bound to the document. */

import { byId, el, put } from "../../lib/dom.mjs";
import { createCircuitPane } from "./circuit_pane.mjs";
import { createDevicePane } from "./device_pane.mjs";
import { createNetworkPane } from "./network_pane.mjs";
import { createNodePane } from "./node_pane.mjs";
import { paced } from "../../lib/pace.mjs";

const TABS = [["device", "Device"], ["node", "Node"], ["circuit", "Circuit"]];
const READOUT_MS = 66;

/** @param {{store, api, commands, toast, saveSettings: function}} parts */
export function createInspector(parts) {
  const { store, toast } = parts;
  const root = byId("inspector");

  /** Run one edit of the document; a refusal becomes a message, never an exception. */
  function edit(fn) {
    const { doc, readOnly, run } = store.get();
    if (!doc) return false;
    if (readOnly) {
      toast(run ? "This is a replay of a run. Open the trained circuit to edit it." : "A network of this size is shown, not edited.", "info");
      return false;
    }
    try {
      fn(doc);
      return true;
    } catch (error) {
      toast(error.message, "error");
      return false;
    }
  }

  const context = { ...parts, edit };
  const panes = {
    device: createDevicePane(context),
    node: createNodePane(context),
    circuit: either(createCircuitPane(context), createNetworkPane(context)),
  };
  const buttons = new Map(TABS.map(([name, text]) => [
    name,
    el("button", {
      type: "button", class: "pane-tab", role: "tab", id: `tab-${name}`, text,
      "aria-controls": `pane-${name}`, on: { click: () => choose(name), keydown: (event) => walk(event, name) },
    }),
  ]));
  let tab = "circuit";
  const body = el("div", { class: "inspector-body" });
  for (const [name, pane] of Object.entries(panes)) {
    pane.root.id = `pane-${name}`;
    pane.root.setAttribute("role", "tabpanel");
    pane.root.setAttribute("aria-labelledby", `tab-${name}`);
    pane.root.classList.add("pane");
    body.append(pane.root);
  }
  put(root, el("div", { class: "pane-tabs", role: "tablist", "aria-label": "Inspector" }, [...buttons.values()]), body);

  function choose(name) {
    tab = name;
    for (const [key, button] of buttons) {
      button.setAttribute("aria-selected", String(key === tab));
      button.tabIndex = key === tab ? 0 : -1;
      panes[key].root.hidden = key !== tab;
    }
    sync();
  }

  function walk(event, name) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const names = TABS.map(([key]) => key);
    const next = names[(names.indexOf(name) + by + names.length) % names.length];
    choose(next);
    buttons.get(next).focus();
    event.preventDefault();
  }

  /** A selection opens the tab it belongs to; clearing it leaves the tab alone. */
  function follow({ selection }) {
    if (selection.devices.length > 0 && selection.nodes.length === 0) choose("device");
    else if (selection.nodes.length > 0) choose("node");
    else sync();
  }

  let planned = false;
  function sync() {
    if (planned) return;
    planned = true;
    queueMicrotask(() => {
      planned = false;
      if (!store.get().doc) return;
      panes[tab].sync(store.get());
      panes[tab].tick(store.get());
    });
  }

  const tick = paced(() => {
    if (store.get().doc) panes[tab].tick(store.get());
  }, READOUT_MS);

  store.on(["circuitId"], () => choose("circuit"));
  store.on(["selection"], follow);
  store.on(["doc", "revision", "registry", "sim", "simState", "settings", "slice", "lane", "network"], sync);
  store.on(["time", "playing"], tick);
  choose(tab);
  return { choose };
}

/** One tab for a circuit that is drawn and for a network that is summed up. */
function either(drawn, network) {
  const root = el("div", {}, drawn.root, network.root);
  function sync(state) {
    drawn.root.hidden = Boolean(state.network);
    network.root.hidden = !state.network;
    (state.network ? network : drawn).sync(state);
  }
  return { root, sync, tick: () => {} };
}
