/** Input fields of the inspector: number, choice, text, segmented switch, read-only figures. */

import { el, setText } from "./dom.mjs";

export { numberField } from "./number_field.mjs";

const PARAMETER_NAMES = { rtol: "Relative tolerance", atol: "Absolute tolerance", max_steps: "Most steps", steps: "Steps in a slice" };

/** Words for a parameter's name; single letters are symbols and stay as they are. */
export function parameterName(name) {
  if (PARAMETER_NAMES[name]) return PARAMETER_NAMES[name];
  const words = name.replaceAll("_", " ");
  return words.length === 1 ? words : words[0].toUpperCase() + words.slice(1);
}

/** A choice; `options` are {value, text, group}. */
export function selectField({ label, options, onCommit, doc = "" }) {
  const select = el("select", { class: "field-select", "aria-label": label });
  const groups = new Map();
  for (const option of options) {
    const group = option.group ?? "";
    if (!groups.has(group)) groups.set(group, group ? el("optgroup", { label: group }) : select);
    groups.get(group).append(el("option", { value: option.value, text: option.text }));
  }
  for (const group of groups.values()) if (group !== select) select.append(group);
  select.addEventListener("change", () => onCommit(select.value));
  const root = el("label", { class: "field" }, el("span", { class: "field-row" }, el("span", { class: "field-label", text: label, title: doc }), select));
  return { root, set: (value) => { if (select.value !== String(value)) select.value = String(value); } };
}

/** A line of text; a refusal of `onCommit` (a thrown error) is shown beneath. */
export function textField({ label, onCommit, placeholder = "", large = false, maxlength = 80, doc = "" }) {
  let value = "";
  const input = el("input", { type: "text", class: large ? "field-title" : "field-text", "aria-label": label, placeholder, spellcheck: "false", autocomplete: "off", maxlength });
  const problem = el("span", { class: "field-problem", role: "alert" });
  const take = () => {
    if (input.value === value) {
      setText(problem, "");
      return;
    }
    try {
      onCommit(input.value.trim());
      setText(problem, "");
    } catch (error) {
      setText(problem, error.message);
    }
  };
  input.addEventListener("change", take);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") input.blur();
    if (event.key === "Escape") {
      input.value = value;
      input.blur();
      event.stopPropagation();
    }
  });
  const root = large
    ? el("div", { class: "field field-large" }, input, problem)
    : el("label", { class: "field" }, el("span", { class: "field-row" }, el("span", { class: "field-label", text: label, title: doc }), input), problem);
  return {
    root,
    set: (next) => {
      if (next === value) return;
      value = next;
      input.value = next;
    },
  };
}

/** A few exclusive choices side by side. */
export function segmentField({ label, options, onCommit }) {
  const buttons = options.map(({ value, text, doc }) =>
    el("button", { type: "button", class: "segment", text, title: doc, dataset: { value }, on: { click: () => onCommit(value) } }));
  const root = el("div", { class: "field" }, el("span", { class: "field-label", text: label }), el("div", { class: "segments segments-wide", role: "group", "aria-label": label }, buttons));
  return { root, set: (value) => { for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.value === value)); } };
}

export function checkField({ label, onCommit, doc = "" }) {
  const input = el("input", { type: "checkbox" });
  input.addEventListener("change", () => onCommit(input.checked));
  const root = el("label", { class: "field-check", title: doc }, input, el("span", { text: label }));
  return { root, set: (value) => { input.checked = value; } };
}

/** Read-only figures in two columns; `set(key, text, tone)` changes one. */
export function figures(entries) {
  const cells = new Map();
  const root = el(
    "dl",
    { class: "readings" },
    entries.map(({ key, label, doc }) => {
      const value = el("dd", { text: "–" });
      cells.set(key, value);
      return el("div", { class: "reading", title: doc ?? "" }, el("dt", { text: label }), value);
    }),
  );
  return {
    root,
    set: (key, text, tone = "") => {
      const cell = cells.get(key);
      if (!cell) return;
      setText(cell, text);
      if (cell.dataset.tone !== tone) cell.dataset.tone = tone;
    },
  };
}

export function heading(text, ...extra) {
  return el("h3", { class: "inspector-heading" }, el("span", { text }), ...extra);
}
