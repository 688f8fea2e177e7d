/** The frame around the steps of a lesson: its name, where one is, back and next. */

import { byId, el, iconButton, put, setText } from "../../lib/dom.mjs";

/**
 * @param {{onBack: () => void, onNext: () => void, onAgain: () => void, onLeave: () => void, onStep: (k: number) => void}} parts
 */
export function createFrame({ onBack, onNext, onAgain, onLeave, onStep }) {
  const root = byId("lesson");
  const name = el("span", { class: "lesson-name" });
  const place = el("span", { class: "lesson-place muted" });
  const dots = el("div", { class: "lesson-dots", role: "group", "aria-label": "Steps" });
  const body = el("div", { class: "lesson-body" });
  const button = (text, run, css = "button small") => /** @type {HTMLButtonElement} */ (el("button", { type: "button", class: css, text, on: { click: run } }));
  const back = button("Back", onBack);
  const next = button("Next", onNext);
  const again = button("Set up again", onAgain, "link small");
  put(root,
    el("header", { class: "lesson-head" }, el("div", { class: "lesson-titles" }, name, place), iconButton("close", "Leave the lesson", { dataset: { key: "Esc" }, on: { click: onLeave } })),
    dots, body, el("footer", { class: "lesson-foot" }, back, again, next));

  root.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement;
    if (event.key === "Escape") onLeave();
    else if (!typing && event.key === "ArrowRight" && !next.disabled) onNext();
    else if (!typing && event.key === "ArrowLeft" && !back.disabled) onBack();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  function show(lesson, k) {
    setText(name, lesson.title);
    setText(place, `Step ${k + 1} of ${lesson.steps.length}`);
    put(dots, lesson.steps.map((step, j) => el("button", {
      type: "button", class: "lesson-dot", title: step.title, "aria-label": `Step ${j + 1}: ${step.title}`,
      "aria-current": j === k ? "step" : null, on: { click: () => onStep(j) },
    })));
    back.disabled = k === 0;
    setText(next, k + 1 < lesson.steps.length ? "Next" : "Finish");
  }

  /** @param {{done: boolean[], ready: boolean}} now  `ready`: the step is done, so that Next is what to press */
  function mark({ done, ready }) {
    [...dots.children].forEach((dot, k) => dot.setAttribute("data-done", String(Boolean(done[k]))));
    next.classList.toggle("primary", ready);
  }

  return { root, body, show, mark };
}
