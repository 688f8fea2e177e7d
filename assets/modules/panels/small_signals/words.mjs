/** Poles, operating points and responses in words and numbers. Pure. */

import { number, quantity } from "../../lib/numbers.mjs";
import { quoted } from "../traces.mjs";

/** A number with three digits and a prefix that stands at it: "−9.95k". */
const short = (value) => quantity(value, " ").trim().replace(/\s+/g, "");

/** "−1.00k ± 9.95kj" */
export function poleText({ real, imaginary }) {
  if (real === 0 && imaginary === 0) return "0";
  if (imaginary === 0) return short(real);
  return `${real === 0 ? "" : `${short(real)} `}± ${short(imaginary)}j`;
}

/** What a pole does, in one sentence. */
export function poleSentence({ real, imaginary, frequency, time_constant: tau }) {
  const swing = imaginary > 0 ? `swings at ${quantity(imaginary / (2 * Math.PI), "Hz")} and ` : "";
  if (real === 0) return imaginary > 0 ? `swings at ${quantity(frequency, "Hz")} for ever` : "stays as it is";
  return `${swing}${real < 0 ? "fades" : "grows"} e-fold in ${quantity(tau, "s")}`;
}

/** Texts of a row of the table: pole, frequency, time constant, damping. */
export function poleRow(pole) {
  return [poleText(pole), quantity(pole.frequency, "Hz"), pole.time_constant === null ? "∞" : quantity(pole.time_constant, "s"), number(pole.damping)];
}

/** The first letter large, a full stop at the end. */
export const sentence = (text) => (text ? `${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, "")}.` : "");

/** Title of the axis of magnitudes. */
export const magnitudeTitle = (unit) => (unit === "V/A" ? "Magnitude (dB of 1 Ω)" : "Magnitude (dB)");

/** CSV text: one line a frequency; a node that does not answer has no decibels. */
export function responseCsv({ frequencies, nodes, decibels, degrees }) {
  const cell = (value) => (Number.isFinite(value) ? Number(value.toPrecision(10)) : "");
  const head = ["f [Hz]", ...nodes.flatMap((id) => [`${id} [dB]`, `${id} [deg]`])].map(quoted).join(",");
  const lines = frequencies.map((f, k) => [f, ...nodes.flatMap((_, n) => [decibels[n][k], degrees[n][k]])].map(cell).join(","));
  return `${[head, ...lines].join("\n")}\n`;
}
