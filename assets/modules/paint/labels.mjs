/** The short numbers inside nodes, all of one lane in the same unit. Pure. */

const PREFIXES = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T"];
const BASE = 5; // index of the empty prefix

/** Prefix for numbers up to `size`: {symbol, factor}; none for 0.1 to 999. */
export function prefixFor(size) {
  if (!(size > 0) || !Number.isFinite(size) || (size >= 0.0995 && size < 999.5)) return { symbol: "", factor: 1 };
  const k = Math.min(PREFIXES.length - 1, Math.max(0, BASE + Math.floor(Math.log10(size * 1.0005) / 3)));
  return { symbol: PREFIXES[k], factor: 10 ** (3 * (k - BASE)) };
}

/** "−0.54", "12.3", "-" for what is not finite: at most four digits, sign always shown for negatives. */
export function shortNumber(value, digits = 3) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  const text = size.toFixed(Math.max(0, Math.min(decimals, digits - 1)));
  return value < 0 && Number(text) !== 0 ? `\u2212${text}` : text;
}

/** Node text on a lane whose largest value is `range`: "0.51", or "3.1m" where the range needs a prefix. */
export function nodeText(value, range) {
  const { symbol, factor } = prefixFor(range);
  const scaled = value / factor;
  if (Math.abs(scaled) >= 1e4) return value.toExponential(0).replace("e+", "e").replace("-", "\u2212"); // a circuit that diverges
  if (!symbol) return shortNumber(scaled);
  return `${shortNumber(scaled, Math.abs(scaled) >= 10 ? 1 : 2)}${symbol}`;
}
