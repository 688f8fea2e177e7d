/** Colours of the board: the page's tokens, and diverging ramps that are exactly neutral at zero. */

export const RAMP_HALF = 48; // levels on either side of zero
const RIM_INK = [13, 17, 24];

const TOKENS = {
  light: {
    board: "#fbfcfd", dot: "#d9dee6", surface: "#ffffff", line: "#cbd1da", text: "#19202b", muted: "#5a6373",
    faint: "#939cab", accent: "#3f59dd", positive: "#d64d45", negative: "#3b72d4", neutral: "#d3d7de",
    current: "#eda11c", adjoint: "#8a4fd0", adjointNegative: "#14937f", warn: "#9a6200", error: "#c62f35",
  },
  dark: {
    board: "#12161b", dot: "#2a313b", surface: "#181c22", line: "#424b58", text: "#e9ecf1", muted: "#a0a9b7",
    faint: "#737d8c", accent: "#8ea2ff", positive: "#f2766c", negative: "#6c9dfb", neutral: "#59626f",
    current: "#ffb83d", adjoint: "#b98af2", adjointNegative: "#35c3a6", warn: "#e2b04a", error: "#f58185",
  },
};
const VARIABLES = { dot: "--board-dot", line: "--line-strong", adjointNegative: "--adjoint-negative" };

/** [r, g, b] in 0..255 of "#rgb", "#rrggbb" or "rgb(...)"; null when it is something else. */
export function parseColour(text) {
  const value = String(text).trim();
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(value)?.[1];
  if (hex) {
    const full = hex.length === 3 ? [...hex].map((c) => c + c).join("") : hex;
    return [0, 2, 4].map((k) => parseInt(full.slice(k, k + 2), 16));
  }
  const numbers = /^rgba?\(([^)]+)\)$/i.exec(value)?.[1].split(/[\s,/]+/).filter(Boolean).slice(0, 3).map(Number);
  return numbers?.length === 3 && numbers.every(Number.isFinite) ? numbers : null;
}

const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const gamma = (c) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);

/** sRGB to OKLab (B. Ottosson, 2020), where equal steps look equal. */
function toLab(rgb) {
  const [r, g, b] = rgb.map((c) => linear(c / 255));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** @param {number[]} lab */
function fromLab([L, a, b]) {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((c) => Math.round(255 * gamma(Math.min(1, Math.max(0, c)))));
}

/** The colour a share `u` of the way from `a` to `b`, mixed in OKLab. */
export function mixRGB(a, b, u) {
  if (u <= 0) return a;
  if (u >= 1) return b;
  const from = toLab(a);
  const to = toLab(b);
  return fromLab(from.map((value, k) => value + (to[k] - value) * u));
}

/** @type {(rgb: number[], alpha?: number) => string} */
export const css = ([r, g, b], alpha = 1) => (alpha >= 1 ? `rgb(${r} ${g} ${b})` : `rgb(${r} ${g} ${b} / ${alpha})`);

/** WCAG relative luminance. */
const luminance = (rgb) => {
  const [r, g, b] = rgb.map((c) => linear(c / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

/**
 * Fill, text and rim colours for -1..+1; entry RAMP_HALF is `neutral` itself.
 * `power` below 1 lets small values show; the legend is painted with the same ramp and so stays true.
 */
export function divergingRamp(negative, neutral, positive, power = 0.9) {
  const [ink, paper] = [[0, 0, 0], [255, 255, 255]]; // one of them has contrast 4.5 with any colour
  /** @type {{rgb: number[][], fill: string[], text: string[], rim: string[], rimRGB: number[][]}} */
  const ramp = { rgb: [], fill: [], text: [], rim: [], rimRGB: [] };
  for (let k = -RAMP_HALF; k <= RAMP_HALF; k++) {
    const u = Math.abs(k) / RAMP_HALF;
    const rgb = mixRGB(neutral, k < 0 ? negative : positive, u ** power);
    const light = luminance(rgb);
    const inkRatio = (light + 0.05) / (luminance(ink) + 0.05);
    const paperRatio = (luminance(paper) + 0.05) / (light + 0.05);
    ramp.rgb.push(rgb);
    ramp.fill.push(css(rgb));
    ramp.text.push(css(inkRatio >= paperRatio ? ink : paper));
    const rim = mixRGB(rgb, RIM_INK, 0.34);
    ramp.rimRGB.push(rim);
    ramp.rim.push(css(rim));
  }
  return ramp;
}

/** Ramp entry of `value` on a symmetric range; not-a-number and an empty range are neutral. */
export function rampLevel(value, range) {
  const u = range > 0 ? value / range : 0;
  if (!(u > -1)) return u <= -1 ? 0 : RAMP_HALF;
  if (u >= 1) return 2 * RAMP_HALF;
  return RAMP_HALF + Math.round(u * RAMP_HALF);
}

/**
 * Everything a painter needs to know about colours.
 *
 * @param {string} name  "light" or "dark"
 * @param {CSSStyleDeclaration} [style]  computed style that has the page's tokens; without it the built-in ones
 */
export function themeColours(name = "light", style = undefined) {
  const raw = { ...TOKENS[name === "dark" ? "dark" : "light"] };
  for (const key of Object.keys(raw)) {
    const value = style?.getPropertyValue(VARIABLES[key] ?? `--${key}`).trim() ?? "";
    if (parseColour(value)) raw[key] = value;
  }
  const rgb = Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, parseColour(value)]));
  const dark = name === "dark";
  return {
    ...raw,
    name: dark ? "dark" : "light",
    dark,
    rgb,
    edge: css(mixRGB(rgb.board, rgb.muted, dark ? 0.58 : 0.68)), // 3:1 on the board, as a drawing needs
    edgeStrong: css(mixRGB(rgb.board, rgb.muted, 0.85)),
    font: style?.getPropertyValue("--font").trim() || "system-ui, sans-serif",
    ramps: {
      voltages: divergingRamp(rgb.negative, rgb.neutral, rgb.positive),
      adjoint: divergingRamp(rgb.adjointNegative, rgb.neutral, rgb.adjoint, 0.55),
    },
    flowRGB: { voltages: rgb.current, currents: rgb.current, adjoint: rgb.adjoint, energy: rgb.current },
    flow: { voltages: raw.current, currents: raw.current, adjoint: raw.adjoint, energy: raw.current },
  };
}

/** The node ramp of a lane; only the adjoint lane has colours of its own. */
export const rampOf = (theme, lane) => theme.ramps[lane === "adjoint" ? "adjoint" : "voltages"];
