/** Functions have at most 60 lines, classes as many as a file. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../assets/modules");
const MOST_LINES = 60;
const MOST_OF_A_CLASS = 200;

const OPENINGS = [
  /^( *)(?:export )?(?:async )?function\*? (\w+)\(/,
  /^( *)(?:export )?class (\w+)/,
  /^( *)(?:export )?const (\w+) = [^;]*=> \{$/,
  /^( {2})(?:static |async |get |set |\*)*(#?(?!if\b|for\b|while\b|switch\b)\w+)\(.*\) \{$/,
];

/** Name and length of every function and class; they end where a line closes the brace at the same indent. */
export function lengthsOf(text) {
  const lines = text.split("\n");
  return lines.flatMap((line, first) => {
    const match = OPENINGS.map((pattern) => pattern.exec(line)).find(Boolean);
    if (!match || /\}[;,]?$/.test(line)) return [];
    const [, indent, name] = match;
    const last = lines.findIndex((other, k) => k > first && other.startsWith(`${indent}}`) && /^\s*\}[;,)]*$/.test(other));
    return [{ name, lines: last - first + 1, most: /^(export )?class/.test(line) ? MOST_OF_A_CLASS : MOST_LINES }];
  });
}

test("lengths are counted as an editor shows them", () => {
  const text = ["export function f({", "  a,", "}) {", "  const g = () => {", "    h();", "  };", "}", "const one = () => { h(); };", "class C {", "  #m(x) {", "    if (x) {", "    }", "  }", "}"];
  assert.deepEqual(lengthsOf(text.join("\n")).map(({ name, lines }) => [name, lines]), [["f", 7], ["g", 3], ["C", 6], ["#m", 4]]);
});

test("no function is longer than it may be", () => {
  const files = readdirSync(ROOT, { recursive: true }).map((name) => name.replaceAll("\\", "/")).filter((name) => name.endsWith(".mjs"));
  const all = files.flatMap((file) => lengthsOf(readFileSync(join(ROOT, file), "utf-8")).map((one) => ({ ...one, place: `${file} ${one.name}` })));
  assert.ok(all.length > 800, `${all.length} functions`);
  const long = all.filter(({ lines, most }) => lines > most).map(({ place, lines }) => `${place} has ${lines} lines`);
  assert.deepEqual(long, [], "split them");
});
