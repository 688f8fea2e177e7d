/** The task of a step: what to do, which checks hold, and hints. */

import { el, glyph, put, setText } from "../../lib/dom.mjs";
import { hintsOpen } from "./course.mjs";

/**
 * @param {{step: any, text: {words: (list: any[]) => any[]}, onHint: () => void}} parts
 * @returns {{root: HTMLElement, show: (record: any, held: boolean[]) => void}}
 */
export function createTask({ step, text, onHint }) {
  const { task } = step;
  const rows = task.checks.filter((check) => check.text).map((check) => {
    const tick = el("span", { class: "lesson-tick", "aria-hidden": "true" });
    const said = el("span", { class: "visually-hidden" });
    return { place: task.checks.indexOf(check), tick, said, root: el("li", { class: "lesson-check" }, tick, el("span", {}, text.words(check.text)), said) };
  });
  const hints = task.hints.map((hint) => el("li", { class: "lesson-hint", hidden: true }, text.words(hint)));
  const ask = el("button", { type: "button", class: "link small", on: { click: onHint } });
  const state = el("p", { class: "lesson-note", role: "status" });
  const root = el("div", { class: "lesson-box lesson-task", tabindex: -1 },
    el("h3", { class: "lesson-kicker", text: "Do it" }),
    el("p", { class: "lesson-do" }, text.words(task.do)),
    rows.length > 0 ? el("ul", { class: "lesson-checks" }, rows.map((row) => row.root)) : null,
    hints.length > 0 ? el("ul", { class: "lesson-hints" }, hints) : null,
    ask, state);

  function show(record, held) {
    const open = hintsOpen(step, record);
    const left = hints.length - open;
    hints.forEach((hint, k) => { hint.hidden = k >= open; });
    ask.hidden = Boolean(record.done) || left === 0;
    setText(ask, open === 0 ? "A hint" : "One more hint");
    for (const { place, tick, said, root: row } of rows) {
      const done = Boolean(record.done) || held[place];
      if (row.dataset.done === String(done)) continue;
      row.dataset.done = String(done);
      put(tick, done ? glyph("check", 14) : null);
      setText(said, done ? "done" : "not yet");
    }
    root.dataset.done = String(Boolean(record.done));
    setText(state, record.done ? "Done." : "");
  }

  return { root, show };
}
