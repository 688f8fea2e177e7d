/** Inspector tab of the selected nodes. */

import { el, put } from "../../lib/dom.mjs";
import { nodeFields } from "./node_fields.mjs";
import { oneNode } from "./one_node.mjs";

/** @param {{store, api, commands, edit, saveSettings: (settings: object) => void}} context */
export function createNodePane(context) {
  const root = el("div", {});
  const empty = el("div", { class: "inspector-empty" },
    el("p", { text: "No node selected." }),
    el("p", { class: "muted", text: "Click a node on the board, or double-click an empty place to add one." }));
  let built = null; // {key, nodes, sync(state), tick(state)}

  function sync(state) {
    const ids = state.selection.nodes.filter((id) => state.doc.node(id));
    if (ids.length === 0) {
      if (built !== null || !root.hasChildNodes()) put(root, empty);
      built = null;
      return;
    }
    const driven = ids.map((id) => Boolean(state.doc.node(id).drive));
    const key = JSON.stringify([ids, driven, Boolean(state.registry)]);
    if (built?.key !== key) {
      built = { ...(ids.length === 1 ? oneNode(context, ids[0]) : severalNodes(context, ids)), key };
      put(root, built.nodes);
    }
    built.sync(state);
  }

  return { root, sync, tick: (state) => built?.tick(state) };
}

/** The content for several nodes: what they can be given together. */
function severalNodes(context, ids) {
  const fields = nodeFields(context, ids);
  return {
    nodes: [
      el("div", { class: "inspector-title" }, el("h2", { text: `${ids.length} nodes` })),
      el("p", { class: "muted", text: "Changes apply to all of them." }),
      ...fields.roots,
    ],
    sync: ({ doc }) => {
      if (doc.node(ids[0])) fields.sync(doc);
    },
    tick: () => {},
  };
}
