/** The lessons as cards, on the page of lessons and on the front page. */

import { byId, el, put } from "../../lib/dom.mjs";
import { count } from "../../lib/numbers.mjs";

/** How far somebody has come in a lesson, in words. Pure. */
export function progressWords({ steps, minutes }, done) {
  if (done === 0) return `${count(steps, "step")}, about ${Math.round(minutes)} min`;
  return done >= steps ? "Done" : `${done} of ${count(steps, "step")} done`;
}

function cardOf(lesson, done, open) {
  if (lesson.error) {
    return el("div", { class: "lesson-card lesson-broken", role: "note" },
      el("span", { class: "card-title", text: lesson.title }), el("span", { class: "card-text", text: lesson.error }));
  }
  const share = Math.min(done / lesson.steps, 1);
  return el(
    "button",
    { type: "button", class: "lesson-card", dataset: { lesson: lesson.id, done: String(share === 1) }, on: { click: () => open(lesson.id) } },
    el("span", { class: "card-title", text: lesson.title }),
    el("span", { class: "card-text", text: lesson.summary }),
    el("span", { class: "card-size", text: progressWords(lesson, done) }),
    el("span", { class: "lesson-bar", "aria-hidden": "true" }, el("span", { class: "lesson-bar-fill", style: { width: `${100 * share}%` } })),
  );
}

/**
 * @param {{api, progress, open: (id: string) => void}} parts
 * @returns {{fill: (root: string) => Promise<void>}}  fills the element of that id, anew each time
 */
export function createLessonList({ api, progress, open }) {
  let asked = null;

  async function fill(root) {
    asked ??= api.lessons();
    try {
      const lessons = await asked;
      put(byId(root), lessons.map((lesson) => cardOf(lesson, progress.doneCount(lesson.id, lesson.steps ?? 0), open)));
    } catch (error) {
      put(byId(root), el("p", { class: "muted", text: error.message }));
    } finally {
      asked = null; // a teacher's folder may hold another one next time
    }
  }

  return { fill };
}
