/** The kinds of devices under the headings of menus. Pure. */

/** Kinds of no heading of their own stand under what they sense. @type {[string, (law) => boolean][]} */
const SENSING = [
  ["Activations of the difference", (law) => law.difference],
  ["Activations of each end", () => true],
];

/**
 * @param {any} registry
 * @returns {{group: string, kinds: {kind: string, title: string}[]}[]}  without empty headings
 */
export function kindMenu(registry) {
  const laws = Object.entries(registry?.devices ?? {}).map(([kind, law]) => ({ kind, law, title: law.title ?? kind }));
  const headings = [
    ...(registry?.device_groups ?? []).map((group) => [group, (law) => law.group === group]),
    ...SENSING,
  ];
  const placed = new Set();
  return headings.map(([group, belongs]) => {
    const kinds = laws.filter(({ kind, law }) => !placed.has(kind) && belongs(law));
    for (const { kind } of kinds) placed.add(kind);
    return { group, kinds: kinds.map(({ kind, title }) => ({ kind, title })) };
  }).filter(({ kinds }) => kinds.length > 0);
}
