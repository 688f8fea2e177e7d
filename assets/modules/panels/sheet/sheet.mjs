/** The circuit as two sheets, nodes and devices: what stands in their cells, and how a cell is written. Pure. */

import { lacksControl, outfitOf } from "../../document/kinds.mjs";
import { GROUND, ROLES } from "../../document/records.mjs";
import { editable, parse, refusal } from "../../lib/numbers.mjs";

/**
 * A column of a sheet.
 * @typedef {object} Column
 * @property {string} name
 * @property {string} title  with its unit
 * @property {"text"|"number"|"choice"|"check"|"now"} kind  now: a value that playback changes, never written
 * @property {(record: any) => string|boolean|null} read  null where the cell has no meaning
 * @property {(doc: any, record: any, value: any) => void} [write]  one change of the document; throws a sentence
 * @property {string[]} [choices]
 */

/** What the ends of devices are called in a cell, and back. */
const shownEnd = (id) => (id === GROUND ? "ground" : id);
const writtenEnd = (text) => (text.toLowerCase() === "ground" ? GROUND : text);

/** A typed number. @throws {Error} one sentence */
function numberOf(text, title, limits = {}) {
  const value = parse(text);
  const why = refusal(value, limits);
  if (why) throw new Error(`${title}: “${text}” cannot be taken. ${why}`);
  return /** @type {number} */ (value);
}

/** @returns {Column} */
const nodeNumber = (name, title, limits = {}) => ({
  name, title, kind: "number", read: (node) => (node.drive ? null : editable(node[name])),
  write: (doc, { id }, text) => doc.setNode(id, { [name]: numberOf(text, title, limits) }),
});

/** @returns {Column[]} */
export function nodeColumns() {
  return [
    { name: "id", title: "Node", kind: "text", read: ({ id }) => id, write: (doc, { id }, text) => doc.renameNode(id, text.trim()) },
    { name: "label", title: "Label", kind: "text", read: ({ label }) => label, write: (doc, { id }, text) => doc.setNode(id, { label: text }) },
    nodeNumber("voltage", "Start (V)"),
    nodeNumber("capacitance", "Capacitance (F)", { low: 0 }),
    { name: "role", title: "Role", kind: "choice", choices: [...ROLES], read: ({ role, drive }) => (drive ? null : role), write: (doc, { id }, role) => doc.setNode(id, { role }) },
    { name: "drive", title: "Source", kind: "now", read: ({ drive }) => (drive ? drive.kind.replaceAll("_", " ") : "") },
    { name: "now", title: "Now (V)", kind: "now", read: () => "" },
  ];
}

/** @returns {Column} */
const endColumn = (name, title) => ({
  name, title, kind: "text", read: (device) => shownEnd(device[name]),
  write: (doc, { id }, text) => doc.setDevice(id, { [name]: writtenEnd(text.trim()) }),
});

/** The parameters of the devices that are there, each once, in the order of their laws. */
function paramColumns(devices, registry) {
  const names = new Set();
  for (const kind of new Set(devices.map((device) => device.kind))) for (const { name } of registry?.devices?.[kind]?.params ?? []) names.add(name);
  for (const { params } of devices) for (const name of Object.keys(params)) names.add(name);
  const specOf = (kind, name) => registry?.devices?.[kind]?.params?.find((param) => param.name === name);
  return [...names].map((name) => {
    const units = new Set(devices.map(({ kind }) => specOf(kind, name)).filter(Boolean).map(({ unit }) => unit || ""));
    const title = units.size === 1 && [...units][0] ? `${name} (${[...units][0]})` : name;
    return /** @type {Column} */ ({
      name: `param ${name}`, title, kind: "number",
      read: ({ kind, params }) => {
        const value = params[name] ?? specOf(kind, name)?.default;
        return typeof value === "number" ? editable(value) : null;
      },
      write: (doc, { id, kind }, text) => {
        const { low, high, integer } = specOf(kind, name) ?? {};
        doc.setParams(id, { [name]: numberOf(text, name, { low, high, integer }) });
      },
    });
  });
}

/** @returns {Column[]} */
export function deviceColumns(doc, registry) {
  const kinds = Object.keys(registry?.devices ?? {}).filter((kind) => !lacksControl(registry, kind, doc.devices));
  return [
    { name: "id", title: "Device", kind: "text", read: ({ id }) => id, write: (doc_, { id }, text) => doc_.renameDevice(id, text.trim()) },
    {
      name: "kind", title: "Kind", kind: "choice", choices: kinds, read: ({ kind }) => kind,
      write: (doc_, { id }, kind) => {
        const { format, ...outfit } = outfitOf(registry, kind, doc_.devices.filter((device) => device.id !== id));
        doc_.setDevice(id, { kind, ...outfit }, { format });
      },
    },
    endColumn("source", "From"),
    endColumn("target", "To"),
    ...paramColumns(doc.devices, registry),
    { name: "trainable", title: "Trainable", kind: "check", read: ({ trainable }) => trainable, write: (doc_, { id }, trainable) => doc_.setDevice(id, { trainable }) },
    ...(doc.slices.length > 1 ? [/** @type {Column} */ ({ name: "slice", title: "Slice", kind: "now", read: ({ id }) => String(doc.sliceOf(id) + 1) })] : []),
    { name: "now", title: "Now (A)", kind: "now", read: () => "" },
  ];
}

/** Records whose cells hold what is typed, all without. */
export function filtered(records, columns, query) {
  const wanted = query.trim().toLowerCase();
  if (!wanted) return [...records];
  const texts = columns.filter(({ kind }) => kind === "text" || kind === "choice");
  return records.filter((record) => texts.some(({ read }) => String(read(record) ?? "").toLowerCase().includes(wanted)));
}

/** Lines and cells of a text as spreadsheets copy it. */
export const cellsOf = (text) => text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));

/**
 * Writes a block of cells from a place on; one undo step, all of it or nothing.
 * @param {object} doc
 * @param {{records: any[], columns: Column[]}} sheet
 * @param {number} row
 * @param {number} column
 * @param {string[][]} cells
 * @returns {number} cells written
 */
export function writeBlock(doc, { records, columns }, row, column, cells) {
  let written = 0;
  const ids = records.map(({ id }) => id);
  const lookUp = (id) => doc.node(id) ?? doc.device(id);
  doc.group(() => cells.forEach((line, i) => line.forEach((text, j) => {
    const at = columns[column + j];
    const id = ids[row + i];
    if (!at?.write || id === undefined) return;
    const record = lookUp(id);
    if (!record || at.read(record) === null) return;
    at.write(doc, record, at.kind === "check" ? /^(true|yes|1|✓)$/i.test(text.trim()) : text);
    if (at.name === "id") ids[row + i] = text.trim();
    written += 1;
  })));
  return written;
}
