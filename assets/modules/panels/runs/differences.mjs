/** Runs that are compared: the settings in which they differ, beside their curves. */

import { byId, el, put } from "../../lib/dom.mjs";
import { number } from "../../lib/numbers.mjs";
import { MOST_RUNS } from "../run_curves.mjs";
import { TRACE_COLOURS } from "../traces.mjs";

const SAME_FOR_ALL = new Set(["name"]); // says nothing of how a run was made

/** A spec as one level: {"options.width": 32, ...}. Pure. */
export function flattened(spec, before = "") {
  return Object.entries(spec).reduce((found, [key, value]) => {
    const nested = value !== null && typeof value === "object" && !Array.isArray(value);
    return { ...found, ...(nested ? flattened(value, `${before}${key}.`) : { [before + key]: value }) };
  }, {});
}

function written(value) {
  if (value === undefined || value === null || value === "") return "–";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : number(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/**
 * The settings that are not the same in all of some runs. Pure.
 * @param {object[]} specs
 * @returns {{name: string, values: string[]}[]}
 */
export function differing(specs) {
  const flat = specs.map((spec) => flattened(spec));
  const keys = [...new Set(flat.flatMap(Object.keys))].filter((key) => !SAME_FOR_ALL.has(key));
  return keys
    .filter((key) => new Set(flat.map((one) => JSON.stringify(one[key] ?? null))).size > 1)
    .map((key) => ({ name: key.split(".").at(-1).replaceAll("_", " "), values: flat.map((one) => written(one[key])) }));
}

/** What every comparison says first. Pure. */
const figuresOf = (runs) => [
  { name: "best", values: runs.map(({ card: { stats } }) => stats.best || "–") },
  { name: "training loss", values: runs.map(({ card: { stats } }) => stats.loss || "–") },
  { name: "time", values: runs.map(({ card: { stats } }) => stats.time || "–") },
];

function tableOf(runs, specs, theme) {
  const colours = TRACE_COLOURS[theme] ?? TRACE_COLOURS.light;
  const head = runs.map(({ card: { title } }, k) => el("th", { scope: "col", title }, el("span", { class: "scope-swatch", style: { background: colours[k % colours.length] } }), el("span", { text: title })));
  const rowOf = ({ name, values }) => el("tr", {}, el("th", { scope: "row", text: name }), values.map((text) => el("td", { text })));
  const settings = specs.length === runs.length ? differing(specs) : null;
  return el("table", {},
    el("thead", {}, el("tr", {}, el("th", {}), head)),
    el("tbody", {}, figuresOf(runs).map(rowOf)),
    el("tbody", {},
      el("tr", { class: "differences-head" }, el("th", { scope: "rowgroup", colspan: runs.length + 1, text: settings === null ? "Reading the settings …" : settings.length > 0 ? "Settings that differ" : "All settings are the same" })),
      (settings ?? []).map(rowOf)));
}

/**
 * @param {{api}} parts
 * @returns {(runs: any[], comparing: boolean, theme: string) => void}
 */
export function createDifferences({ api }) {
  const box = byId("runs-differences");
  const specs = new Map(); // of a run, which never changes
  let drawn = "";
  let last = { runs: /** @type {any[]} */ ([]), comparing: false, theme: "light" };

  async function fetchSpec(id) {
    specs.set(id, null);
    try {
      specs.set(id, (await api.run(id)).spec);
      paint();
    } catch {
      specs.delete(id); // asked for again with the next news
    }
  }

  function paint() {
    const { comparing, theme } = last;
    const runs = last.runs.slice(0, MOST_RUNS);
    box.classList.toggle("off", !comparing);
    if (!comparing) return;
    for (const { id } of runs) if (!specs.has(id)) fetchSpec(id);
    const known = runs.map(({ id }) => specs.get(id)).filter(Boolean);
    const key = JSON.stringify([theme, known.length, runs.map(({ id, card: { title, stats } }) => [id, title, stats])]);
    if (key === drawn) return;
    drawn = key;
    put(box, tableOf(runs, known, theme));
  }

  return function show(runs, comparing, theme) {
    last = { runs, comparing, theme };
    paint();
  };
}
