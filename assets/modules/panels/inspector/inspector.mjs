/** The right column while building and simulating: tabs Device, Node, Circuit, bound to the document. */

import { byId, el, put } from "../../lib/dom.mjs";
import { createCircuitPane } from "./circuit_pane.mjs";
import { createDevicePane } from "./device_pane.mjs";
import { createNetworkPane } from "./network_pane.mjs";
import { createNodePane } from "./node_pane.mjs";
import { createRestPane } from "../small_signals/rest_pane.mjs";
import { paced } from "../../lib/pace.mjs";

const TABS = [["device", "Device"], ["node", "Node"], ["circuit", "Circuit"], ["rest", "At rest"]];
const READOUT_MS = 66;

/** Runs one edit of the document; a refusal becomes a message, never an exception. Returns whether it was done. */
function editing({ store, toast }) {
  return (fn) => {
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
  };
}

/** The tabs as a row of buttons, walked by the arrow keys, above their panes. */
function createTabs(root, panes, onChoose) {
  const names = TABS.map(([name]) => name);
  const buttons = new Map(TABS.map(([name, text]) => [
    name,
    el("button", {
      type: "button", class: "pane-tab", role: "tab", id: `tab-${name}`, text,
      "aria-controls": `pane-${name}`, on: { click: () => onChoose(name), keydown: (event) => walk(event, name) },
    }),
  ]));
  for (const name of names) {
    const pane = panes[name].root;
    pane.id = `pane-${name}`;
    pane.setAttribute("role", "tabpanel");
    pane.setAttribute("aria-labelledby", `tab-${name}`);
    pane.classList.add("pane");
  }
  put(root, el("div", { class: "pane-tabs", role: "tablist", "aria-label": "Inspector" }, [...buttons.values()]),
    el("div", { class: "inspector-body" }, names.map((name) => panes[name].root)));

  function walk(event, name) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = names[(names.indexOf(name) + by + names.length) % names.length];
    onChoose(next);
    buttons.get(next).focus();
    event.preventDefault();
  }

  return function mark(chosen) {
    for (const [name, button] of buttons) {
      button.setAttribute("aria-selected", String(name === chosen));
      button.tabIndex = name === chosen ? 0 : -1;
      panes[name].root.hidden = name !== chosen;
    }
  };
}

/** @param {{store, api, commands, toast, saveSettings: (settings: object) => void}} parts */
export function createInspector(parts) {
  const { store } = parts;
  const context = { ...parts, edit: editing(parts) };
  const panes = {
    device: createDevicePane(context),
    node: createNodePane(context),
    circuit: either(createCircuitPane(context), createNetworkPane(context)),
    rest: createRestPane(context),
  };
  const mark = createTabs(byId("inspector"), panes, choose);
  let tab = "circuit";

  function choose(name) {
    tab = name;
    mark(name);
    store.set({ looksAtRest: name === "rest" });
    sync();
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
  store.on(["doc", "revision", "registry", "sim", "simState", "settings", "slice", "lane", "network", "rest"], sync);
  // Time that stands is read to its last digit; only time that runs is sampled.
  store.on(["time", "playing"], ({ playing }) => (playing ? tick() : tick.now()));
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
