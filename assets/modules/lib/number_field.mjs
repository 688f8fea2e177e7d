/** A number to be typed, with unit and prefix, and moved by a slider where its range is known. */

import { el, setText } from "./dom.mjs";
import { editable, parse, refusal } from "./numbers.mjs";
import { SEVERAL } from "./shared.mjs";

export { refusal };

const SLIDER_STEPS = 1000;
const LOG_DECADES = 3;

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

/** Step of the arrow keys: a tenth of the leading digit's place, at least 0.01 around zero. */
export function arrowStep(value, integer = false) {
  if (integer) return 1;
  const size = Math.abs(value);
  return size > 0 ? 10 ** (Math.floor(Math.log10(size) + 1e-9) - 1) : 0.01;
}

/** The slider over a range [low, high]; `onInput(value)` while it moves, `onRelease()` after it. */
function createSlider({ label, range: [low, high], integer, onInput, onRelease }) {
  const scale = sliderScale(low, high);
  const root = el("input", { type: "range", class: "field-slider", min: 0, max: SLIDER_STEPS, step: 1, "aria-label": label });
  let held = false;
  const paintShare = () => root.style.setProperty("--share", `${(100 * Number(root.value)) / SLIDER_STEPS}%`);

  root.addEventListener("pointerdown", () => { held = true; });
  root.addEventListener("pointerup", () => root.blur()); // keys go back to the board
  root.addEventListener("input", () => {
    const value = scale.toValue(Number(root.value));
    paintShare();
    onInput(integer ? Math.round(value) : value);
  });
  root.addEventListener("change", () => {
    held = false;
    onRelease();
  });

  return {
    root,
    get held() { return held; },
    show(value) {
      const differ = value === undefined;
      root.value = String(differ ? SLIDER_STEPS / 2 : scale.toPosition(value));
      root.toggleAttribute("data-several", differ);
      paintShare();
    },
  };
}

/** Enter takes what is typed, Escape forgets it, the arrows step, by ten with Shift. */
function attachKeys(input, { take, forget, stepBy }) {
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      forget();
      input.blur();
      event.stopPropagation();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      stepBy((event.shiftKey ? 10 : 1) * (event.key === "ArrowUp" ? 1 : -1));
      event.preventDefault();
    } else if (event.key === "Enter") {
      take();
      input.select();
    }
  });
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
  const range = slider ? createSlider({ label, range: slider, integer, onInput: drag, onRelease }) : null;
  const root = el("label", { class: "field" }, el("span", { class: "field-row" }, name, box), range?.root, problem);

  function drag(next) {
    value = next;
    input.value = editable(next);
    (onDrag ?? onCommit)(next);
  }

  function take() {
    if (value === undefined && input.value.trim() === "") return forget();
    const next = parse(input.value);
    const why = refusal(next, { low, high, integer });
    setText(problem, why);
    input.setAttribute("aria-invalid", String(why !== ""));
    if (why === "" && next !== value) onCommit(next);
    if (why === "") input.value = editable(next);
  }

  function forget() {
    input.value = editable(value);
    setText(problem, "");
    input.setAttribute("aria-invalid", "false");
  }

  function stepBy(count) {
    if (value === undefined) return; // there is no one number to go up from
    input.value = editable((Number.isFinite(value) ? value : 0) + count * arrowStep(value, integer));
    take();
  }

  input.addEventListener("change", take);
  input.addEventListener("focus", () => input.select());
  attachKeys(input, { take, forget, stepBy });

  /** Show a value that came from the document, `undefined` for several that differ; a field being edited is left alone. */
  function set(next) {
    if (Object.is(next, value) || range?.held) return;
    value = next;
    input.placeholder = next === undefined ? SEVERAL : "";
    range?.show(next);
    if (document.activeElement !== input || input.getAttribute("aria-invalid") !== "true") forget();
  }

  return { root, set, focus: () => input.focus() };
}
