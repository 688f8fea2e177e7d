/** Which faults are in force: those that were kept, and the one that is being chosen. Pure. */

const KINDS = { device: "devices", node: "nodes" };

/** The parameters of a change at their defaults, those that are said in `given` kept. */
export function valuesOf(change, given = {}) {
  return Object.fromEntries(change.params.map(({ name, default: usual }) => [name, given[name] ?? usual]));
}

/** Whether all that a change needs to be told is there. */
export const complete = (change, values) => Boolean(change?.needed.every((name) => String(values[name] ?? "") !== ""));

/** What is selected on the board, as values of a change: its place, or the two ends of a device to add. */
export function placed(change, selection) {
  const ids = selection[KINDS[change.place]] ?? [];
  const found = ids.length === 1 ? { [change.place]: ids[0] } : {};
  const [source, target] = selection.nodes;
  return change.needed.includes("target") && selection.nodes.length === 2 ? { ...found, source, target } : found;
}

/** The faults that the server is asked about. */
export function inForce({ kept, name, values }, changes) {
  const open = changes[name];
  return open?.fault && complete(open, values) ? [...kept, { change: name, params: values }] : kept;
}

/** The line under the figures. */
export function basisWords({ examples, part, epoch }) {
  const set = part === "test" ? "test" : "validation";
  return `First ${examples.toLocaleString("en")} examples of the ${set} set, weights of epoch ${epoch}.`;
}

/** One line an edit of the run, the newest first. */
export function editLines(edits) {
  return edits.toReversed().map(({ epoch, words, refused }) => (refused ? `Epoch ${epoch + 1}: refused, ${refused}` : `Epoch ${epoch + 1}: ${words}.`));
}

/** What stands above the form. */
export const introWords = (onBoard) => (onBoard
  ? "Choose what breaks, and click a device or a node of the board."
  : "Choose what breaks; with the circuit on the board a click says where.");

/** A kept fault in two or three words. */
export function phraseOf({ change, params }, changes) {
  const { title, place } = changes[change];
  return params[place] ? `${title} ${params[place]}` : title;
}
