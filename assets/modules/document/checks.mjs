/** Finds what a circuit still lacks, in words a person can act on. Pure. */

import { GROUND } from "./format.mjs";

/** Nodes that the inputs can influence, slice after slice; a device couples both of its nodes. */
function influenced(state, starts) {
  const reached = new Set(starts);
  for (const slice of state.slices) {
    const neighbours = new Map();
    for (const { source, target } of slice.devices) {
      if (source === GROUND || target === GROUND) continue; // ground is fixed: nothing passes through it
      if (!neighbours.has(source)) neighbours.set(source, []);
      if (!neighbours.has(target)) neighbours.set(target, []);
      neighbours.get(source).push(target);
      neighbours.get(target).push(source);
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
 */
export function findProblems(state) {
  const problems = [];
  const add = (level, message, where, id = null) => problems.push({ level, message, where, id });
  if (state.nodes.length === 0) {
    add("error", "The circuit is empty: double-click the board to add a node.", "nodes");
    return problems;
  }
  const touched = new Set(state.slices.flatMap((s) => s.devices.flatMap((d) => [d.source, d.target])));
  state.nodes.forEach((node, k) => {
    if (!touched.has(node.id)) {
      const why = node.drive ? "nothing follows its source" : "its voltage never changes";
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
