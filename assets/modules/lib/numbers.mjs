/** Numbers for people: sensible digits, SI prefixes, and the way back from typed text. Pure. */

/** @type {[number, string][]} */
const PREFIXES = [
  [1e-15, "f"], [1e-12, "p"], [1e-9, "n"], [1e-6, "µ"], [1e-3, "m"],
  [1, ""], [1e3, "k"], [1e6, "M"], [1e9, "G"], [1e12, "T"],
];
const EXPONENTS = { f: -15, p: -12, n: -9, u: -6, µ: -6, μ: -6, m: -3, k: 3, K: 3, M: 6, G: 9, T: 12 };
const UNITS = "V|A|S|F|s|Ω|W|J|Hz";
const MINUS = "−";

/**
 * "1.30 mA": `digits` significant digits and an SI prefix. Volts between 0.1 and 1 keep their unit
 * ("0.214 V"), because node voltages are compared with each other all the time.
 */
export function quantity(value, unit = "", digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  if (!unit) return number(value, digits);
  const size = Math.abs(value);
  if (size < 1e-15) return `0 ${unit}`;
  const rounding = Number(size.toPrecision(digits));
  if (rounding >= 1e15) return `${power(value, digits)} ${unit}`;
  if (rounding >= 0.1 && rounding < 1) return join(rounded(value, digits), "", unit);
  let chosen = PREFIXES[0];
  for (const prefix of PREFIXES) if (rounding >= prefix[0]) chosen = prefix;
  return join(rounded(value / chosen[0], digits), chosen[1], unit);
}

/** A bare number with `digits` significant digits; powers of ten only where zeros would mislead. */
export function number(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return power(value, digits);
  return sign(rounded(value, digits));
}

/** "1.3e-7" as people write it: "1.3 × 10⁻⁷". */
export function power(value, digits = 2) {
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  return `${sign(mantissa)} × 10${superscript(Number(exponent))}`;
}

/** An energy; on a chip it may lie below every prefix: "3.21 × 10⁻¹⁹ J". */
export function joules(value, digits = 3) {
  return Math.abs(value) > 0 && Math.abs(value) < PREFIXES[0][0] ? `${power(value, digits)} J` : quantity(value, "J", digits);
}

/** Elapsed or remaining wall time: "0.8 s", "42 s", "3 min 20 s", "2 h 5 min". */
export function span(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A time on the ruler, all with the same unit and decimals: clockTime(0.15, 1) is "0.150 s". */
export function clockTime(time, duration) {
  const top = duration > 0 ? duration : 1;
  let [factor, prefix] = PREFIXES[5];
  if (top < 0.5) for (const [f, p] of PREFIXES) if (f <= 1 && top >= f) [factor, prefix] = [f, p];
  const decimals = Math.min(Math.max(3 - Math.floor(Math.log10(top / factor) + 1e-9), 0), 3);
  return `${(time / factor).toFixed(decimals)} ${prefix}s`;
}

/**
 * Labels of the ticks of an axis, all with the prefix of the largest: "0", "0.5", "1" or "−20m", "0", "20m".
 * @param {number[]} ticks
 * @param {number} step  between two of them
 */
export function tickLabels(ticks, step) {
  const most = Math.max(...ticks.map(Math.abs));
  let [factor, prefix] = PREFIXES[5];
  if (most < 0.1 || most >= 1e3) for (const [f, p] of PREFIXES) if (most >= f * (1 - 1e-9)) [factor, prefix] = [f, p];
  if (most < PREFIXES[0][0] || most >= 1e15) return ticks.map((tick) => (Math.abs(tick) < step / 2 ? "0" : power(tick)));
  const unit = step / factor;
  let decimals = 0;
  while (decimals < 9 && !isWhole(unit * 10 ** decimals)) decimals += 1;
  return ticks.map((tick) => {
    const value = Number((tick / factor).toFixed(decimals));
    return value === 0 ? "0" : sign(`${value}${prefix}`);
  });
}

/** The number to put into an input field: short, exact enough to come back as the same value. */
export function editable(value) {
  if (!Number.isFinite(value)) return "";
  const short = Number(value.toPrecision(7));
  const size = Math.abs(short);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? short.toExponential().replace("e+", "e") : String(short);
}

/**
 * Number typed by a person: "1.3", "1,3", "2.2k", "-5 mV", "1e-3", "1.3 × 10⁻⁷".
 * @returns {number|null} null when it is not a number
 */
export function parse(text) {
  let clean = String(text).trim().replace(/[−–]/g, "-").replace(",", ".");
  clean = clean.replace(/\s*[×x]\s*10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/, (_, digits) => `e${fromSuperscript(digits)}`);
  const match = clean.match(new RegExp(`^([-+]?(?:\\d+\\.?\\d*|\\.\\d+))(?:[eE]([-+]?\\d+))?\\s*([fpnuµμmkKMGT]?)(?:${UNITS})?$`));
  if (!match) return null;
  const exponent = Number(match[2] ?? 0) + (EXPONENTS[match[3]] ?? 0);
  const value = Number(`${match[1]}e${exponent}`); // exact: 10 u is 1e-5, not 9.999…e-6
  return Number.isFinite(value) ? value : null;
}

/** Why a typed number is not taken, "" where it is. */
export function refusal(value, { low = null, high = null, integer = false } = {}) {
  if (value === null) return "Not a number.";
  if (integer && !Number.isInteger(value)) return "A whole number, please.";
  if (low !== null && value < low) return `At least ${number(low)}.`;
  if (high !== null && value > high) return `At most ${number(high)}.`;
  return "";
}

/** "3 nodes", "1 node" */
export function count(amount, noun, plural = `${noun}s`) {
  return `${amount.toLocaleString("en")} ${amount === 1 ? noun : plural}`;
}

/** "just now", "5 min ago", "yesterday", or the date. */
export function ago(seconds, now = Date.now() / 1000) {
  const passed = now - seconds;
  if (passed < 60) return "just now";
  if (passed < 3600) return `${Math.floor(passed / 60)} min ago`;
  if (passed < 86400) return `${Math.floor(passed / 3600)} h ago`;
  if (passed < 172800) return "yesterday";
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

const isWhole = (value) => Math.round(value) >= 1 && Math.abs(value - Math.round(value)) < 1e-6;

function rounded(value, digits) {
  const size = Math.abs(value);
  const exponent = size === 0 ? 0 : Math.floor(Math.log10(Number(size.toPrecision(digits))));
  return value.toFixed(Math.max(digits - 1 - exponent, 0));
}

function sign(text) {
  return text.replace("-", MINUS);
}

function join(text, prefix, unit) {
  return `${sign(text)} ${prefix}${unit}`;
}

function superscript(exponent) {
  return String(exponent).replace("-", "⁻").replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]);
}

function fromSuperscript(text) {
  return text.replace("⁻", "-").replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(d));
}
