/** Functions have at most 60 lines, classes as many as a file; those that had more when this was written may only shrink. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../assets/modules");
const MOST_LINES = 60;
const MOST_OF_A_CLASS = 200;
const TOO_LONG = {
  "board/overlay.mjs createOverlay": 166,
  "studio.mjs start": 159,
  "document/autosave.mjs createAutosave": 153,
  "workspace.mjs createWorkspace": 151,
  "panels/run_follow.mjs createFollow": 154,
  "panels/inspector/curve.mjs createCurve": 148,
  "panels/data_panel.mjs createDataPanel": 153,
  "panels/inspector/circuit_pane.mjs createCircuitPane": 146,
  "panels/gallery.mjs createGallery": 141,
  "views/plane.mjs createPlane": 139,
  "panels/inspector/node_pane.mjs createNodePane": 130,
  "views/vision.mjs createVision": 109,
  "pages.mjs createPages": 108,
  "views/stage.mjs createStage": 103,
  "panels/transport.mjs createTransport": 102,
  "panels/runs_list.mjs createRunsList": 99,
  "views/pad.mjs createPad": 99,
  "panels/inspector/node_pane.mjs build": 97,
  "panels/inspector/inspector.mjs createInspector": 95,
  "play/clock.mjs createClock": 93,
  "panels/data_choice.mjs createDataChoice": 102,
  "panels/data_preview.mjs createDataPreview": 86,
  "views/blocks.mjs createBlockPainter": 85,
  "lib/api.mjs createApi": 84,
  "lib/fields.mjs numberField": 83,
  "board/rename.mjs createRename": 82,
  "play/simulation.mjs createSimulation": 82,
  "play/playback.mjs createPlayback": 80,
  "frame.mjs bindFrame": 76,
  "play/replay.mjs createReplay": 71,
  "board/edits.mjs createEdits": 68,
  "actions.mjs registerDocumentCommands": 66,
  "panels/palette.mjs createPalette": 63,
  "panels/files.mjs createFiles": 61,
};

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
  const long = new Map(all.filter(({ lines, most }) => lines > most).map(({ place, lines }) => [place, lines]));
  for (const [place, lines] of long) {
    assert.ok(lines <= (TOO_LONG[place] ?? 0), `${place} has ${lines} lines: split it${TOO_LONG[place] ? `, it had ${TOO_LONG[place]}` : ""}`);
  }
  assert.deepEqual(Object.keys(TOO_LONG).filter((place) => !long.has(place)), [], "short by now: take them off the list");
});
