/** Input fields of the inspector: number with unit and prefix, slider, choice, text, segmented switch. */

import { el, setText } from "./dom.mjs";
import { editable, number, parse } from "./numbers.mjs";

const SLIDER_STEPS = 1000;
const LOG_DECADES = 3;

const PARAMETER_NAMES = { rtol: "Relative tolerance", atol: "Absolute tolerance", max_steps: "Most steps", steps: "Steps in a slice" };

/** Words for a parameter's name; single letters are symbols and stay as they are. */
export function parameterName(name) {
  if (PARAMETER_NAMES[name]) return PARAMETER_NAMES[name];
  const words = name.replaceAll("_", " ");
  return words.length === 1 ? words : words[0].toUpperCase() + words.slice(1);
}

/** Value <-> slider position; logarithmic when the range is positive and spans three decades. */
export function sliderScale(low, high) {
  const log = low > 0 && high / low >= 10 ** LOG_DECADES;
  const clamp = (x) => Math.min(Math.max(x, 0), 1);
  return {
    log,
    toPosition: (value) => Math.round(SLIDER_STEPS * clamp(log ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value - low) / (high - low))),
    toValue: (position) => {
      const share = position / SLIDER_STEPS;
      const value = log ? low * (high / low) ** share : low + (high - low) * share;
      const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(log ? value : high - low) || 1)) - 1);
      return Number(value.toFixed(Math.min(digits, 20)));
    },
  };
}

/**
 * A labelled number: text field and, where a range is known, a slider.
 * @param {object} options  label, symbol, unit, doc, slider [lo, hi]|null, low, high, integer,
 *   onDrag(value) while the slider moves, onRelease() after it, onCommit(value) for typed values
 */
export function numberField({ label, unit = "", doc = "", slider = null, low = null, high = null, integer = false, onDrag, onRelease = () => {}, onCommit }) {
  let value = NaN;
  const input = el("input", { type: "text", inputmode: "decimal", class: "field-number", "aria-label": unit ? `${label} in ${unit}` : label, spellcheck: "false", autocomplete: "off" });
  const name = el("span", { class: "field-label", text: label, title: doc });
  const problem = el("span", { class: "field-problem", role: "alert" });
  const box = el("span", { class: "field-box" }, input, unit ? el("span", { class: "field-unit", text: unit }) : null);
  const root = el("label", { class: "field" }, el("span", { class: "field-row" }, name, box));
  let range = null;
  let scale = null;
  let held = false;
  if (slider) {
    scale = sliderScale(slider[0], slider[1]);
    range = el("input", { type: "range", class: "field-slider", min: 0, max: SLIDER_STEPS, step: 1, "aria-label": label });
    range.addEventListener("pointerdown", () => { held = true; });
    range.addEventListener("pointerup", () => range.blur()); // keys go back to the board
    range.addEventListener("input", () => {
      const next = integer ? Math.round(scale.toValue(Number(range.value))) : scale.toValue(Number(range.value));
      value = next;
      input.value = editable(next);
      paintShare();
      (onDrag ?? onCommit)(next);
    });
    range.addEventListener("change", () => {
      held = false;
      onRelease();
    });
    root.append(range);
  }
  root.append(problem);

  function paintShare() {
    range?.style.setProperty("--share", `${(100 * Number(range.value)) / SLIDER_STEPS}%`);
  }

  function reason(next) {
    if (next === null) return "Not a number.";
    if (integer && !Number.isInteger(next)) return "A whole number, please.";
    if (low !== null && next < low) return `At least ${number(low)}.`;
    if (high !== null && next > high) return `At most ${number(high)}.`;
    return "";
  }

  function take() {
    const next = parse(input.value);
    const why = reason(next);
    setText(problem, why);
    input.setAttribute("aria-invalid", String(why !== ""));
    if (why === "" && next !== value) onCommit(next);
    if (why === "") input.value = editable(next);
  }

  input.addEventListener("change", take);
  input.addEventListener("focus", () => input.select());
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      input.value = editable(value);
      setText(problem, "");
      input.blur();
      event.stopPropagation();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const size = step(value, integer) * (event.shiftKey ? 10 : 1) * (event.key === "ArrowUp" ? 1 : -1);
      input.value = editable((Number.isFinite(value) ? value : 0) + size);
      take();
      event.preventDefault();
    } else if (event.key === "Enter") {
      take();
      input.select();
    }
  });

  /** Show a value that came from the document; a field being edited is left alone. */
  function set(next) {
    if (Object.is(next, value) || held) return;
    value = next;
    if (document.activeElement !== input || input.getAttribute("aria-invalid") !== "true") input.value = editable(next);
    if (range) {
      range.value = String(scale.toPosition(next));
      paintShare();
    }
  }

  return { root, set, focus: () => input.focus() };
}

/** Step of the arrow keys: a tenth of the leading digit's place, at least 0.01 around zero. */
function step(value, integer) {
  if (integer) return 1;
  const size = Math.abs(value);
  return size > 0 ? 10 ** (Math.floor(Math.log10(size) + 1e-9) - 1) : 0.01;
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
