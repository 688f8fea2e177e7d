/** What an expression of a device names: terminals and parameters. The server alone reads the rest of it. Pure. */

import { GROUND } from "./records.mjs";

const PROBE = /\bv\(\s*([^(),\s]+)\s*(?:,\s*([^(),\s]+)\s*)?\)/gi;
const NAME = /[a-z_]\w*(?!\w|\s*\()/gi;
const ENDS = new Set(["source", "target", "0", GROUND]);

/**
 * Names in the order in which they appear.
 * @param {string} text
 * @param {readonly string[]} known  names that mean numbers, and time
 * @returns {{terminals: string[], params: string[]}}
 */
export function namesIn(text, known = []) {
  const terminals = [...text.matchAll(PROBE)].flatMap(([, one, two]) => [one, two]).filter((name) => name && !ENDS.has(name.toLowerCase()));
  // A digit within a name is no number.
  const words = text.replace(PROBE, " ").replace(/[a-z_]\w*|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?[a-zµμ]*/gi, (word) => (/^[\d.]/.test(word) ? " " : word));
  const params = [...words.matchAll(NAME)].map(([name]) => name.toLowerCase()).filter((name) => !known.includes(name));
  return { terminals: [...new Set(terminals)], params: [...new Set(params)] };
}

/**
 * What a device becomes with another expression: terminals and parameters that it names keep their values, new ones are
 * at ground and 1, and those it names no more are gone.
 * @param {any} device
 * @param {string} expression
 * @param {readonly string[]} known
 */
export function rewritten(device, expression, known) {
  const { terminals, params } = namesIn(expression, known);
  return {
    expression,
    terminals: terminals.length > 0 ? Object.fromEntries(terminals.map((name) => [name, device.terminals?.[name] ?? GROUND])) : undefined,
    params: Object.fromEntries(params.map((name) => [name, device.params?.[name] ?? 1])),
  };
}

/** What is wrong with an expression at first sight, in words; "" for nothing. */
export function flawOf(text) {
  if (text.trim() === "") return "an expression is needed, such as g*V(source,target)";
  let open = 0;
  for (const letter of text) {
    open += Number("({".includes(letter)) - Number(")}".includes(letter));
    if (open < 0) return "a bracket closes that was not opened";
  }
  return open > 0 ? "a bracket is not closed" : "";
}

/** The law of a device's kind; of one with an expression with the terminals and parameters of the device itself. */
export function lawOf(registry, device) {
  const law = registry.devices[device.kind];
  if (!law?.expressed) return law;
  const params = Object.keys(device.params ?? {}).map((name) => ({
    name, default: law.expressed.params[name] ?? 1, unit: "", low: null, high: null, slider: null, integer: false, choices: [], doc: "Named in the expression.",
  }));
  return { ...law, params, terminals: Object.keys(device.terminals ?? {}) };
}
