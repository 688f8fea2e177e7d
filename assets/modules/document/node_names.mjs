/** One name a node everywhere: its label, unless another node is called the same; then, or without one, its id. Pure. */

import { GROUND } from "./records.mjs";

const known = new WeakMap();

/**
 * Names by id. A list of nodes never changes in place, so it is looked through once.
 * @param {readonly {id: string, label?: string}[]} nodes
 * @returns {Map<string, string>}
 */
export function namesOf(nodes) {
  let names = known.get(nodes);
  if (!names) {
    const uses = new Map(nodes.map(({ id }) => [id, 1]));
    for (const { id, label } of nodes) if (label && label !== id) uses.set(label, (uses.get(label) ?? 0) + 1);
    names = new Map(nodes.map(({ id, label }) => [id, label && uses.get(label) === 1 ? label : id]));
    known.set(nodes, names);
  }
  return names;
}

/** The name of one node; ground is called so, and what is no node keeps its id. */
export const nameIn = (nodes, id) => (id === GROUND ? "ground" : namesOf(nodes).get(id) ?? id);

/** The name with the id behind it where they differ: "charged (a)", for tips and for what is spoken. */
export function fullNameIn(nodes, id) {
  const name = nameIn(nodes, id);
  return name === id || id === GROUND ? name : `${name} (${id})`;
}
