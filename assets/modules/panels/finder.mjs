/** What the palette finds beside commands: nodes, devices and runs, and how one gets there. */

import { score } from "../lib/commands.mjs";
import { quantity } from "../lib/numbers.mjs";

const MOST_OF_A_KIND = 20;

/**
 * What a row of the palette says, and what choosing it does.
 * @typedef {{title: string, group: string, words: string[], go: object}} Found  `words`: other names it is found by
 */

/** Nodes and devices of a circuit as rows. Pure. */
export function circuitRows(doc, registry) {
  if (!doc) return [];
  const end = (name) => (name === "gnd" ? "ground" : name);
  const titleOf = (kind) => registry?.devices?.[kind]?.title ?? kind.replaceAll("_", " ");
  const nodes = doc.nodes.map(({ id, label, voltage, role }) => ({
    title: label ? `${label} (${id})` : id, group: role === "hidden" ? `Node, ${quantity(voltage, "V")}` : `Node, ${role}`,
    words: [id, label], go: { nodes: [id], devices: [] },
  }));
  const devices = doc.devices.map(({ id, kind, source, target }) => ({
    title: `${id}: ${titleOf(kind)}, ${end(source)} → ${end(target)}`, group: "Device",
    words: [id, titleOf(kind)], go: { nodes: [], devices: [id] },
  }));
  return [...nodes, ...devices];
}

/** Runs as rows. Pure. */
export const runRows = (rows) => rows.map(({ id, name, state_text: state, dataset }) => ({
  title: name, group: `Run, ${[dataset, state].filter(Boolean).join(", ")}`, words: [id, name], go: { run: id },
}));

/** The best rows for what is typed; nothing before something is. Pure. */
export function foundRows(rows, query) {
  const wanted = query.trim().toLowerCase();
  if (!wanted) return [];
  const rank = ({ words, title }) => {
    const whole = words.findIndex((word) => word?.toLowerCase() === wanted);
    if (whole >= 0) return -1;
    const found = [...words, title].map((word) => (word ? score(word.toLowerCase(), wanted) : null)).filter((value) => value !== null && value < 10);
    return found.length > 0 ? Math.min(...found) : null;
  };
  return rows
    .map((row, order) => ({ row, order, rank: rank(row) }))
    .filter((entry) => entry.rank !== null)
    .sort((a, b) => a.rank - b.rank || a.order - b.order)
    .slice(0, MOST_OF_A_KIND)
    .map(({ row }) => row);
}

/** @param {{store, api, board, bridge, commands}} parts  board: of studio.mjs */
export function createFinder({ store, api, board, bridge, commands }) {
  let runs = [];

  /** The newest runs; those of the last time where the server does not answer. */
  async function refresh() {
    try {
      const answer = await api.runsTable("");
      if (answer) runs = runRows(answer.rows);
    } catch {
      // the palette finds everything else
    }
  }

  /** Select and centre a node or device; open a run among its curves. */
  function go({ run, ...selection }) {
    if (run) {
      bridge.send("run-selected", run);
      commands.run("mode", "train");
      return;
    }
    const { doc, slice } = store.get();
    const [device] = selection.devices;
    const at = device ? doc.sliceOf(device) : slice;
    store.set({ selection, ...(at >= 0 && at !== slice ? { slice: at } : {}) });
    board.canvas?.fit(selection);
    board.canvas?.element.focus({ preventScroll: true });
  }

  return {
    refresh,
    go,
    /** @returns {Found[]} */
    find: (query) => [...foundRows(circuitRows(store.get().doc, store.get().registry), query), ...foundRows(store.get().doc ? runs : [], query)],
  };
}
