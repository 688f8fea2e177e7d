/** Lines nodes up and spreads them evenly. Pure. */

/** What can be done with chosen nodes, by name: its words, and how many nodes it takes at least. */
export const ALIGNMENTS = Object.freeze({
  left: { title: "Align left", least: 2 },
  centre: { title: "Align on one upright line", least: 2 },
  right: { title: "Align right", least: 2 },
  top: { title: "Align top", least: 2 },
  middle: { title: "Align on one level line", least: 2 },
  bottom: { title: "Align bottom", least: 2 },
  across: { title: "Distribute across", least: 3 },
  down: { title: "Distribute down", least: 3 },
});

const LINES = {
  left: ["x", Math.min], right: ["x", Math.max], centre: ["x", half],
  top: ["y", Math.min], bottom: ["y", Math.max], middle: ["y", half],
};

function half(...values) {
  return (Math.min(...values) + Math.max(...values)) / 2;
}

/**
 * The places of nodes after an alignment.
 * @param {{id: string, x: number, y: number}[]} nodes
 * @param {string} how  one of ALIGNMENTS
 * @returns {{id: string, x: number, y: number}[]}  whole board units; as they are where there are too few
 */
export function aligned(nodes, how) {
  const places = nodes.map(({ id, x, y }) => ({ id, x, y }));
  if (!(nodes.length >= ALIGNMENTS[how]?.least)) return places;
  const line = LINES[how];
  if (line) {
    const [axis, pick] = line;
    const at = Math.round(pick(...places.map((place) => place[axis])));
    return places.map((place) => ({ ...place, [axis]: at }));
  }
  return spread(places, how === "across" ? "x" : "y");
}

/** Equal distances between the outermost two; nodes at one place keep their order. */
function spread(places, axis) {
  const order = [...places.keys()].sort((a, b) => places[a][axis] - places[b][axis] || a - b);
  const [first, last] = [places[order[0]][axis], places[order.at(-1) ?? 0][axis]];
  order.forEach((k, rank) => {
    places[k] = { ...places[k], [axis]: Math.round(first + ((last - first) * rank) / (order.length - 1)) };
  });
  return places;
}
