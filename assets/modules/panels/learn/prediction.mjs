/** The question of a step before its answer is seen: choices or a number, then what the model says. */

import { el, put, setText } from "../../lib/dom.mjs";
import { typedNumber } from "./course.mjs";
import { shownValue } from "./words.mjs";

let made = 0; // radio buttons need names of their own

/** The sentence about an answer. Pure. */
export function verdictWords({ predict }, { answer, right, shown }, rightPlace) {
  if (right === undefined) return predict.choices ? "Noted. Now see." : `Noted: ${shownValue(answer, predict.unit)}. Now see.`;
  if (predict.choices) {
    if (right) return "As you predicted.";
    return rightPlace >= 0 ? "Not as you predicted: the marked answer is what the model does." : "Not as you predicted.";
  }
  const model = shownValue(shown, predict.unit);
  return right ? `You said ${shownValue(answer, predict.unit)}, the model says ${model}. Well predicted.` : `You said ${shownValue(answer, predict.unit)}, the model says ${model}.`;
}

/**
 * @param {{step: any, text: {words: (list: any[]) => any[]}, onAnswer: (answer: number) => void}} parts
 * @returns {{root: HTMLElement, show: (record: any, rightPlace: number) => void}}
 */
export function createPrediction({ step, text, onAnswer }) {
  const { predict } = step;
  const name = `lesson-choice-${(made += 1)}`;
  const note = el("p", { class: "lesson-note", role: "status" });
  const options = (predict.choices ?? []).map((choice, k) => {
    const input = /** @type {HTMLInputElement} */ (el("input", { type: "radio", name, value: String(k) }));
    return { input, root: el("label", { class: "lesson-choice" }, input, el("span", {}, text.words(choice.text))) };
  });
  const field = predict.choices ? null : /** @type {HTMLInputElement} */ (el("input", { type: "text", class: "lesson-field", inputmode: "decimal", autocomplete: "off", "aria-label": "Your prediction" }));
  const commit = el("button", { type: "submit", class: "button primary small", text: "That is my prediction" });
  const fields = /** @type {HTMLFieldSetElement} */ (el("fieldset", { class: "lesson-fields" },
    el("legend", {}, text.words(predict.ask)),
    options.map(({ root }) => root),
    field ? el("div", { class: "lesson-field-row" }, field, el("span", { class: "muted", text: predict.unit })) : null,
    commit));

  function submit(event) {
    event.preventDefault();
    if (field) {
      const value = typedNumber(field.value, predict.unit);
      if (value === null) setText(note, "Type a number, such as 0.5.");
      else onAnswer(value);
      return;
    }
    const chosen = options.findIndex(({ input }) => input.checked);
    if (chosen < 0) setText(note, "Choose one first; a wrong guess costs nothing.");
    else onAnswer(chosen);
  }

  const root = el("form", { class: "lesson-box lesson-predict", novalidate: true, on: { submit } }, el("h3", { class: "lesson-kicker", text: "Predict" }), fields, note);

  function show(record, rightPlace) {
    const answered = record.answer !== undefined;
    fields.disabled = answered;
    commit.hidden = answered;
    if (field && answered && field.value === "") field.value = String(record.answer);
    options.forEach(({ input, root: row }, k) => {
      if (answered) input.checked = k === record.answer;
      row.dataset.mark = record.right === undefined ? "" : k === rightPlace ? "right" : k === record.answer ? "wrong" : "";
    });
    if (!answered) return put(note);
    setText(note, verdictWords(step, record, rightPlace));
    note.dataset.tone = record.right === undefined ? "" : record.right ? "ok" : "off";
  }

  return { root, show };
}
