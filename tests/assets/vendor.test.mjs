/** The libraries under assets/vendor are the files their authors published, with their licences. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../assets/vendor");
const TOLD = new Map([...readFileSync(join(ROOT, "README.md"), "utf-8").matchAll(/\| `([^`]+)` \| `([0-9a-f]{64})` \|/g)].map(([, file, sum]) => [file, sum]));

test("every file is told with its sum", () => {
  const files = readdirSync(ROOT, { recursive: true }).map((name) => name.replaceAll("\\", "/")).filter((name) => statSync(join(ROOT, name)).isFile());
  assert.deepEqual(files.filter((name) => name !== "README.md").sort(), [...TOLD.keys()].sort());
  for (const [file, sum] of TOLD) assert.equal(createHash("sha256").update(readFileSync(join(ROOT, file))).digest("hex"), sum, file);
});

test("every library brings its licence", () => {
  const folders = readdirSync(ROOT).filter((name) => statSync(join(ROOT, name)).isDirectory());
  assert.ok(folders.length > 0);
  for (const folder of folders) assert.match(readFileSync(join(ROOT, folder, "LICENSE"), "utf-8"), /Copyright/);
});
