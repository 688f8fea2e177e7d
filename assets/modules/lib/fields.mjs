/** Input fields of the inspector: number, choice, text, segmented switch, read-only figures. */

import { el, setText } from "./dom.mjs";
import { SEVERAL } from "./shared.mjs";

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
  const differ = el("option", { value: "", text: SEVERAL, disabled: true, hidden: true });
  const root = el("label", { class: "field" }, el("span", { class: "field-row" }, el("span", { class: "field-label", text: label, title: doc }), select));

  /** Show a choice, `undefined` for several that differ. */
  function set(value) {
    if (value === undefined) {
      if (!differ.isConnected) select.prepend(differ);
      differ.selected = true;
    } else {
      differ.remove();
      if (select.value !== String(value)) select.value = String(value);
    }
  }

  return { root, set };
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
      setText(problem, "");
    },
  };
}

/** A few exclusive choices side by side. */
export function segmentField({ label, options, onCommit }) {
  const buttons = options.map(({ value, text, doc }) =>
    el("button", { type: "button", class: "segment", text, title: doc, dataset: { value }, on: { click: () => onCommit(value) } }));
  const differ = el("span", { class: "muted", text: ` · ${SEVERAL}`, hidden: true });
  const root = el("div", { class: "field" }, el("span", { class: "field-label" }, label, differ), el("div", { class: "segments segments-wide", role: "group", "aria-label": label }, buttons));

  /** Show a choice, `undefined` for several that differ. */
  function set(value) {
    differ.hidden = value !== undefined;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.value === value));
  }

  return { root, set };
}

export function checkField({ label, onCommit, doc = "" }) {
  const input = el("input", { type: "checkbox" });
  input.addEventListener("change", () => onCommit(input.checked));
  const root = el("label", { class: "field-check", title: doc }, input, el("span", { text: label }));
  return {
    root,
    /** Show a choice, `undefined` for several that differ. */
    set: (value) => {
      input.checked = value === true;
      input.indeterminate = value === undefined;
    },
  };
}

/** Read-only figures in two columns; `set(key, text, tone)` changes one, `name(key, label)` what it is called. */
export function figures(entries) {
  const cells = new Map();
  const names = new Map();
  const root = el(
    "dl",
    { class: "readings" },
    entries.map(({ key, label, doc, term }) => {
      const value = el("dd", { text: "–", dataset: doc ? { words: doc } : {} });
      const name = term ? termLink(label, term) : el("span", { text: label });
      cells.set(key, value);
      names.set(key, name);
      return el("div", { class: "reading", title: doc ?? "" }, el("dt", {}, name), value);
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
    name: (key, label) => setText(names.get(key), label),
  };
}

/** A word that leads to its formula in the help, see designer/help/help.json. */
export function termLink(text, term) {
  return el("button", { type: "button", class: "term", text, dataset: { command: "explain", argument: term } });
}

/** Switches the sentences under the numbers, see panels/explain/help.mjs. */
export const explainSwitch = () => el("button", {
  type: "button", class: "explain-switch", text: "Explain", title: "A sentence under every number, or none",
  "aria-pressed": String(document.documentElement.dataset.explain === "on"), dataset: { command: "explain-numbers" },
});

export function heading(text, ...extra) {
  return el("h3", { class: "inspector-heading" }, typeof text === "string" ? el("span", { text }) : text, ...extra);
}
