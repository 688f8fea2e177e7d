/** Finds what a circuit still lacks, in words a person can act on. Pure. */

import { indexOf } from "./content.mjs";
import { CONTROL, GROUND, nodesOf, terminalNodes } from "./records.mjs";
import { breaches } from "./rules.mjs";

/** The nodes whose voltages, beside those of its ends, a device knows: those of its terminals, and of its control. */
function sensed(state, device) {
  const control = indexOf(state).deviceById.get(device.terminals?.[CONTROL])?.device;
  return [...terminalNodes(device).map(([, node]) => node), ...(control ? [control.source, control.target] : [])];
}

/** Nodes that the inputs can influence, slice after slice; a device couples both of its nodes. */
function influenced(state, starts) {
  const reached = new Set(starts);
  for (const slice of state.slices) {
    const neighbours = new Map();
    const lead = (from, to) => {
      if (from === GROUND || to === GROUND) return; // ground is fixed: nothing passes through it
      if (!neighbours.has(from)) neighbours.set(from, []);
      neighbours.get(from).push(to);
    };
    for (const device of slice.devices) {
      const { source, target } = device;
      lead(source, target);
      lead(target, source);
      for (const node of sensed(state, device)) for (const end of [source, target]) lead(node, end);
    }
    const queue = [...reached];
    while (queue.length > 0) {
      for (const next of neighbours.get(queue.pop()) ?? []) {
        if (reached.has(next)) continue;
        reached.add(next);
        queue.push(next);
      }
    }
  }
  return reached;
}

/**
 * The list of problems {message, where, id, level}.
 *
 * Level "error" cannot be simulated, "warning" can but is rarely meant.
 * @param {any} state
 * @param {Record<string, any>} [kinds]  of devices, from the server's registry
 */
export function findProblems(state, kinds = {}) {
  const problems = [];
  const add = (level, message, where, id = null) => problems.push({ level, message, where, id });
  if (state.nodes.length === 0) {
    add("error", "The circuit is empty: double-click the board to add a node.", "nodes");
    return problems;
  }
  for (const { message, where, id } of breaches(state, kinds)) add("error", `${message[0].toUpperCase()}${message.slice(1)}.`, where, id);
  const touched = new Set(state.slices.flatMap((s) => s.devices.flatMap(nodesOf)));
  state.nodes.forEach((node, k) => {
    if (!touched.has(node.id)) {
      const why = node.drive ? "nothing follows its source" : node.capacitance === 0 ? "nothing says what its voltage is" : "its voltage never changes";
      add("warning", `Node ${node.id} has no device: ${why}.`, `nodes[${k}]`, node.id);
    }
  });
  const having = (...roles) => state.nodes.filter((n) => roles.includes(n.role)).map((n) => n.id);
  const inputs = having("input", "both");
  if (inputs.length > 0) {
    const reached = influenced(state, inputs);
    for (const id of having("output", "both")) {
      if (!reached.has(id) && touched.has(id)) {
        add("warning", `No path leads from an input to output ${id}.`, "nodes", id);
      }
    }
  }
  state.slices.forEach((slice, k) => {
    if (slice.devices.length === 0 && state.slices.length > 1) {
      add("warning", `Slice ${k + 1} has no devices.`, `slices[${k}]`);
    }
  });
  return problems;
}
