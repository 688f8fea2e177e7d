/** What the board's context menu offers for a node, a device or empty board. */

import { ALIGNMENTS } from "../document/align.mjs";
import { kindMenu } from "../document/kind_menu.mjs";
import { lacksControl } from "../document/kinds.mjs";

/**
 * One row; null between rows is a line.
 * @typedef {{title: string, run: () => void, keys: string, off: boolean, checked: boolean|null}} Item
 */

/** @returns {Item} */
const item = (title, run, { keys = "", off = false, checked = /** @type {boolean|null} */ (null) } = {}) => ({ title, run, keys, off, checked });
const commandsOf = (commands) => (title, name, argument = /** @type {string|undefined} */ (undefined), keys = "") => item(title, () => commands.run(name, argument), { keys, off: !commands.enabled(name) });

function nodeItems({ store, commands }, ids) {
  const doc = store.get("doc");
  const command = commandsOf(commands);
  const one = ids.length === 1 ? doc.node(ids[0]) : null;
  const probed = ids.every((id) => store.get("probes").includes(id));
  return [
    ...(one ? [command("Rename", "rename", one.id, "F2")] : []),
    command("Connect to ground", "ground", undefined, "Shift+G"),
    item("Held by a source", () => commands.run("drive"), { checked: ids.every((id) => doc.node(id)?.drive) }),
    item("Input", () => commands.run("mark-input"), { checked: one ? one.role === "input" || one.role === "both" : null }),
    item("Output", () => commands.run("mark-output"), { checked: one ? one.role === "output" || one.role === "both" : null }),
    item("Pinned to the scope", () => commands.run("probe"), { checked: probed }),
    ...alignItems(command, ids.length),
    null,
    command("Duplicate", "duplicate", undefined, "Ctrl+D"),
    command("Delete", "delete", undefined, "Del"),
  ];
}

/** How several nodes can be lined up. */
function alignItems(command, count) {
  const able = Object.entries(ALIGNMENTS).filter(([, { least }]) => count >= least);
  return able.length === 0 ? [] : [null, ...able.map(([how, { title }]) => command(title, "align", how))];
}

function deviceItems({ store, commands, canvas: { edits } }, ids) {
  const doc = store.get("doc");
  const command = commandsOf(commands);
  const registry = store.get("registry");
  const first = doc.device(ids[0]);
  const same = ids.every((id) => doc.device(id).kind === first.kind);
  const others = doc.devices.filter(({ id }) => !ids.includes(id));
  const trained = ids.every((id) => doc.device(id).trainable);
  return [
    ...(ids.length === 1 ? [command("Rename", "rename", first.id, "F2")] : []),
    command("Turn round", "reverse-device", undefined, "Shift+R"),
    item("Trainable", () => edits.setTrainable(ids, !trained), { checked: trained }),
    null,
    ...kindMenu(registry).flatMap(({ kinds }) => [
      ...kinds.map(({ kind, title }) => item(title, () => edits.setKind(ids, kind), { checked: same && first.kind === kind, off: lacksControl(registry, kind, others) })),
      null,
    ]),
    command("Delete", "delete", undefined, "Del"),
  ];
}

function boardItems({ store, commands, canvas: { edits } }, point) {
  const command = commandsOf(commands);
  return [
    item("Add a node here", () => edits.addNode(point), { off: !edits.editable() }),
    command("Paste", "paste", undefined, "Ctrl+V"),
    command("Select everything", "select-all", undefined, "Ctrl+A"),
    null,
    command("Arrange the nodes", "layout", undefined, "L"),
    ...["layered", "force", "circle", "grid"].map((name) => command(`Arrange: ${name}`, "layout", name)),
    null,
    item("Capacitors", () => commands.run("capacitors"), { checked: store.get("capacitors"), keys: "Shift+C" }),
    item("Plots beside nodes", () => commands.run("node-plots"), { checked: store.get("plots"), keys: "Shift+P" }),
    null,
    command("Fit to the view", "fit", undefined, "F"),
    command("Save picture (PNG)", "share-png"),
    command("Save picture (SVG)", "share-svg"),
  ];
}

/**
 * Right-clicking outside the selection makes the thing under the pointer the selection.
 * @param {{store, commands, canvas}} parts
 * @returns {(Item|null)[]}
 */
export function itemsFor(parts, hit, point) {
  const { store, canvas: { edits } } = parts;
  const before = store.get("selection");
  if (hit?.type === "node" && !before.nodes.includes(hit.id)) edits.select([hit.id]);
  if (hit?.type === "device" && !before.devices.includes(hit.id)) edits.select([], [hit.id]);
  const { nodes, devices } = store.get("selection");
  if (hit?.type === "node") return nodeItems(parts, nodes);
  if (hit?.type === "device") return deviceItems(parts, devices.filter((id) => store.get("doc").device(id)));
  return boardItems(parts, point);
}
