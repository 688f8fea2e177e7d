/** One step of a lesson on the page: text, prediction, task, and what is revealed. */

import { el } from "../../lib/dom.mjs";
import { phaseOf } from "./course.mjs";
import { createPrediction } from "./prediction.mjs";
import { createTask } from "./task.mjs";
import { createWords } from "./words.mjs";

/**
 * @param {{step: any, pictures: (name: string) => string, onAnswer: (answer: number) => void, onHint: () => void}} parts
 */
export function createStepView({ step, pictures, onAnswer, onHint }) {
  const text = createWords({ pictures });
  const title = el("h2", { class: "lesson-step-title", tabindex: -1, text: step.title });
  const prediction = step.predict ? createPrediction({ step, text, onAnswer }) : null;
  const task = step.task ? createTask({ step, text, onHint }) : null;
  const reveal = el("div", { class: "lesson-box lesson-reveal", hidden: true, tabindex: -1 },
    el("h3", { class: "lesson-kicker", text: "Seen" }), step.reveal ? text.blocks(step.reveal) : null);
  const root = el("article", { class: "lesson-step" }, title, text.blocks(step.text), prediction?.root, task?.root, step.reveal ? reveal : null);
  let phase = "";

  /**
   * @param {{record: any, held: boolean[], rightPlace: number}} now
   * @returns {boolean} whether another part of the step was opened
   */
  function show({ record, held, rightPlace }) {
    const next = phaseOf(step, record);
    prediction?.show(record, rightPlace);
    if (task) {
      task.root.hidden = next === "predict";
      task.show(record, held);
    }
    reveal.hidden = next !== "reveal";
    const opened = phase !== "" && phase !== next;
    phase = next;
    return opened;
  }

  /** Where to go on reading after a part was opened. */
  function opened() {
    const part = phase === "task" ? task?.root : step.reveal ? reveal : title;
    return part ?? title;
  }

  return { root, title, show, opened, update: text.update };
}
