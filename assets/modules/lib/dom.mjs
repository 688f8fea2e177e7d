/** Builds elements without ever parsing text as markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {object} [props]  class, text, dataset {}, on {event: fn}, style {}, anything else is an attribute
 * @param {...any} children  nodes, texts, lists of them; null, undefined and false stand for none
 */
export function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.setAttribute("class", value);
    else if (name === "text") element.textContent = value;
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name === "style") for (const [key, v] of Object.entries(value)) element.style.setProperty(key, v);
    else if (name === "on") for (const [type, fn] of Object.entries(value)) element.addEventListener(type, fn);
    else if (name === "value" || name === "checked" || name === "disabled" || name === "hidden") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * Replace the children of `element`.
 * @param {...any} children  as those of `el`
 */
export function put(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
}

/** Write text only when it differs: cheap enough to call for every frame. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** An element that the layout has. */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element ${id}.`);
  return found;
}

/** What paints on a canvas. */
export const brushOf = (canvas) => /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));

/** Strokes of the transport and inspector icons on a 24 by 24 grid. */
const ICONS = {
  play: { d: "M8 5.5v13l11-6.5z", solid: true },
  pause: { d: "M7.5 5.5h3v13h-3zM13.5 5.5h3v13h-3z", solid: true },
  "step-back": { d: "M6.5 6v12M18 6.5v11L9.5 12z" },
  "step-forward": { d: "M17.5 6v12M6 6.5v11l8.5-5.5z" },
  start: { d: "M5 6v12M13 6.500v11L6.5 12zM20 6.500v11L13.5 12z" },
  reverse: { d: "M4 9h11a4.5 4.5 0 0 1 0 9H8M8 5 4 9l4 4" },
  loop: { d: "M5 11V9.500A3.5 3.5 0 0 1 8.5 6H18M15 3l3 3-3 3M19 13v1.500a3.5 3.5 0 0 1-3.5 3.500H6M9 21l-3-3 3-3" },
  lines: { d: "M3 17c4-12 7 6 11-2s5-8 7-8" },
  heat: { d: "M4 5h16v14H4zM4 9.700h16M4 14.300h16M9.3 5v14M14.6 5v14" },
  cursors: { d: "M8 4v16M16 4v16M8 12h8M10.500 9.500 8 12l2.500 2.500M13.500 9.500 16 12l-2.500 2.500" },
  portrait: { d: "M4 4v16h16M16.500 9a4.500 3 -35 1 1-7.400 5.200 4.500 3 -35 0 1 7.400-5.200z" },
  download: { d: "M12 4v10M8 10.500l4 4 4-4M5 19h14" },
  close: { d: "M7 7l10 10M17 7 7 17" },
  plus: { d: "M12 6v12M6 12h12" },
  swap: { d: "M5 9h13M15 6l3 3-3 3M19 15H6M9 12l-3 3 3 3" },
  pin: { d: "M12 15v5M8 15h8l-1.5-4V5h-5v6z" },
  bin: { d: "M5 7h14M9.5 7V5h5v2M7 7l1 12h8l1-12" },
  pen: { d: "M5 19l1-4.500L16.500 4 20 7.500 9.500 18z" },
  lock: { d: "M7 11h10v8H7zM9 11V8.500a3 3 0 0 1 6 0V11" },
  grow: { d: "M14 5h5v5M19 5l-6 6M10 19H5v-5M5 19l6-6" },
  shrink: { d: "M18 11h-5V6M13 11l6-6M6 13h5v5M11 13l-6 6" },
  check: { d: "M5.5 12.500l4.5 4.500L18.5 8" },
  warn: { d: "M12 5 3.5 19h17zM12 10v4.500M12 16.800v.2" },
  refresh: { d: "M19 12a7 7 0 1 1-2-4.900M19 4.500V8h-3.5" },
};

export function glyph(name, size = 18) {
  const { d, solid } = ICONS[name];
  return svg(
    "svg",
    { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true", class: "glyph" },
    svg("path", {
      d,
      fill: solid ? "currentColor" : "none",
      stroke: solid ? "none" : "currentColor",
      "stroke-width": 1.8,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
}

/** Change an icon button's drawing and name at once. */
export function setGlyph(button, name, label) {
  if (button.dataset.glyph === name && button.getAttribute("aria-label") === label) return;
  button.dataset.glyph = name;
  button.setAttribute("aria-label", label);
  button.dataset.tip = label;
  put(button, glyph(name));
}

export function iconButton(name, label, props = {}) {
  const { class: extra = "", dataset = {}, ...rest } = props;
  return el(
    "button",
    { type: "button", class: `icon-button ${extra}`.trim(), "aria-label": label, dataset: { tip: label, glyph: name, ...dataset }, ...rest },
    glyph(name),
  );
}
