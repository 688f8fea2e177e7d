/** Points of a waveform as text: a line a point, its time and its voltage. */

import { el, setText } from "../../lib/dom.mjs";
import { parse } from "../../lib/numbers.mjs";

const MOST_ROWS = 8;

/** "0 0.5\n1m 2": a line a point, one column for every list. Pure. */
export function pointsText(lists) {
  const count = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: count }, (_, k) => lists.map((list) => String(list[k] ?? 0)).join("  ")).join("\n");
}

/**
 * The columns of such a text, or why it is none. Pure.
 * @param {string} text
 * @param {string[]} names  of the columns
 * @returns {{lists: number[][], problem: string}}
 */
export function readPoints(text, names) {
  const lists = names.map(() => /** @type {number[]} */ ([]));
  const lines = text.split("\n").map((line) => line.trim());
  for (const [row, line] of lines.entries()) {
    if (line === "") continue;
    const words = line.split(/[\s;,]+/).filter(Boolean);
    const values = words.map((word) => parse(word));
    if (words.length !== names.length || values.some((value) => value === null)) {
      return { lists, problem: `Line ${row + 1}: expected ${names.join(" and ")}, such as “0 ${"1 ".repeat(names.length - 1).trim()}”, got “${line.slice(0, 30)}”.` };
    }
    values.forEach((value, k) => lists[k].push(/** @type {number} */ (value)));
  }
  return lists[0].length > 0 ? { lists, problem: "" } : { lists, problem: `Give at least one line with ${names.join(" and ")}.` };
}

/**
 * @param {{names: string[], units: string[], onCommit: (lists: number[][]) => void}} options  of the columns
 */
export function pointsField({ names, units, onCommit }) {
  const title = names.map((name, k) => `${name} (${units[k]})`).join(", ");
  const area = el("textarea", { class: "field-points", rows: 3, spellcheck: "false", autocomplete: "off", "aria-label": `${title}, a line a point` });
  const problem = el("span", { class: "field-problem", role: "alert" });
  const root = el("label", { class: "field" }, el("span", { class: "field-label", text: title, title: "A line a point" }), area, problem);
  let shown = "";

  area.addEventListener("change", () => {
    const { lists, problem: why } = readPoints(area.value, names);
    setText(problem, why);
    area.setAttribute("aria-invalid", String(why !== ""));
    if (why === "") onCommit(lists);
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      area.value = shown;
      setText(problem, "");
      area.blur();
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) area.blur();
    event.stopPropagation();
  });

  return {
    root,
    /** @param {ArrayLike<number>[]} lists */
    set(lists) {
      const text = pointsText(lists.map((list) => Array.from(list)));
      if (text === shown) return;
      shown = area.value = text;
      area.rows = Math.min(MOST_ROWS, Math.max(2, lists[0]?.length ?? 2));
      setText(problem, "");
      area.setAttribute("aria-invalid", "false");
    },
  };
}
