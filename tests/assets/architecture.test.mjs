/** Who may import whom among the browser's modules, read from their source. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../assets/modules");
/** Each folder knows only itself and what stands before it; "" is the page that puts all together. */
const ORDER = ["lib", "document", "play", "paint", "views", "board", "panels", "player", ""];
const MOST_FILES = 25;
const DOM_WORDS = new RegExp(
  String.raw`\b(window|localStorage|sessionStorage|navigator|location|getComputedStyle|matchMedia|requestAnimationFrame|` +
    String.raw`MutationObserver|ResizeObserver|OffscreenCanvas|Path2D|HTML\w*Element|fetch|XMLHttpRequest)\b|` +
    String.raw`\bdocument\.(createElement\w*|documentElement|getElementById|querySelector\w*|body|head|addEventListener|activeElement|hidden)\b`,
);

const MODULES = readdirSync(ROOT, { recursive: true }).map((name) => name.replaceAll("\\", "/")).filter((name) => name.endsWith(".mjs")).sort();
const source = (name) => readFileSync(join(ROOT, name), "utf-8");
const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
const folderOf = (name) => (name.includes("/") ? name.slice(0, name.indexOf("/")) : "");

/** Paths of the modules that a module imports, also inside functions. */
function importsOf(name) {
  const found = withoutComments(source(name)).matchAll(/^(?:import|export)\b(?:[^;()=]*?\bfrom)?\s*"([^"]+)"|\bimport\("([^"]+)"/gm);
  return [...found].map(([, fixed, late]) => fixed ?? late).map((path) => {
    assert.match(path, /^\.\.?\//, `${name} imports ${path}: only own modules are there without a build step`);
    return relative(ROOT, resolve(ROOT, dirname(name), path)).replaceAll("\\", "/");
  });
}

const GRAPH = new Map(MODULES.map((name) => [name, importsOf(name)]));
/** Modules that say "Pure." in their first comment, and the whole folder of the document. */
const DOM_FREE = MODULES.filter((name) => folderOf(name) === "document" || source(name).split("*/", 1)[0].includes("Pure"));

test("every import leads to a module", () => {
  assert.ok(MODULES.length > 90);
  assert.ok([...GRAPH.values()].flat().length > 200);
  for (const [name, imports] of GRAPH) {
    for (const other of imports) assert.ok(GRAPH.has(other), `${name} imports ${other}, which is not there`);
  }
});

test("folders know only what stands before them", () => {
  assert.deepEqual(new Set(MODULES.map(folderOf)), new Set(ORDER));
  for (const [name, imports] of GRAPH) {
    for (const other of imports) {
      assert.ok(ORDER.indexOf(folderOf(other)) <= ORDER.indexOf(folderOf(name)), `${name} imports ${other}, which stands after it`);
    }
  }
});

test("there are no circles", () => {
  const state = new Map();
  const visit = (name, path) => {
    if (state.get(name) === "left") return;
    assert.notEqual(state.get(name), "open", [...path, name].join(" -> "));
    state.set(name, "open");
    for (const other of GRAPH.get(name)) visit(other, [...path, name]);
    state.set(name, "left");
  };
  for (const name of MODULES) visit(name, []);
});

test("every module is reached from a page's entry", () => {
  // Named by preload.py, by bridge.js, by designer/player/page.py and, as kinds of views, by designer/views.py.
  const painters = MODULES.filter((name) => dirname(name) === "views/painters");
  const reached = new Set(["first.mjs", "studio.mjs", "panels/figures.mjs", "player/page.mjs", "player/loader.mjs", ...painters]);
  for (const name of reached) for (const other of GRAPH.get(name)) reached.add(other);
  assert.deepEqual(MODULES.filter((name) => !reached.has(name)), []);
});

test("only the canvas knows cytoscape", () => {
  const knowing = MODULES.filter((name) => /\b(_cyreg|cytoscape)\b/.test(withoutComments(source(name))));
  assert.deepEqual(knowing, ["board/canvas.mjs"]);
});

test("only the scope's chart knows uPlot, and the scope needs no plotly", () => {
  const knowing = MODULES.filter((name) => /\buPlot\b/.test(withoutComments(source(name))));
  assert.deepEqual(knowing, ["panels/scope/chart.mjs"]);
  const needed = new Set(["panels/scope/scope.mjs"]);
  for (const name of needed) for (const other of GRAPH.get(name)) needed.add(other);
  assert.ok(needed.size > 10);
  assert.ok(!needed.has("lib/plotly.mjs"));
});

test("the document and whatever calls itself pure need no page", () => {
  assert.ok(DOM_FREE.length > 20);
  for (const name of DOM_FREE) {
    const word = DOM_WORDS.exec(withoutComments(source(name)))?.[0];
    assert.equal(word, undefined, `${name} speaks of ${word}`);
    for (const other of GRAPH.get(name)) {
      assert.ok(!DOM_WORDS.test(withoutComments(source(other))), `${name} imports ${other}, which needs a page`);
    }
  }
});

test("no folder is a heap", () => {
  for (const folder of new Set(MODULES.map(dirname))) {
    const files = MODULES.filter((name) => dirname(name) === folder);
    assert.ok(files.length <= MOST_FILES, `${folder} has ${files.length} files`);
  }
});
