/** What a step asks next, and what the running model says of an answer. Pure. */

import { parse } from "../../lib/numbers.mjs";
import { evaluate, holds, isNear, isSimulated } from "./figures.mjs";

/** A failed try more than this many shows the next hint by itself. */
export const TRIES_A_HINT = 2;

/**
 * What a step is at: "predict" waits for an answer, "task" for something done, "reveal" for nothing.
 * @param {any} step  of designer/lessons/parsing.py
 * @param {import("./progress.mjs").StepRecord} record
 */
export function phaseOf(step, record) {
  if (step.predict && record.answer === undefined) return "predict";
  if (step.task && !record.done) return "task";
  return "reveal";
}

/** Which checks of a task hold now. */
export const checked = (step, world) => (step.task?.checks ?? []).map(({ when }) => holds(when, world));

/** Whether the model can judge: what is asked speaks of the circuit as it is solved now. */
export const judgeable = ({ predict }, { state }) =>
  state.simState === "fresh" || !(predict.choices ? predict.choices.some(({ right }) => typeof right === "object" && isSimulated(right)) : isSimulated(predict.number));

/**
 * What the model says of an answer: whether it was right, and the number it has itself.
 * @returns {{right: boolean, shown?: number}}
 */
export function verdictOf({ predict }, answer, world) {
  if (predict.choices) {
    const { right } = predict.choices[answer] ?? { right: false };
    return { right: typeof right === "boolean" ? right : holds(right, world) };
  }
  const shown = evaluate(predict.number, world);
  return { right: isNear(Number(answer), shown, { within: predict.share, share: true }), shown };
}

/** Place of the choice that the model finds right, -1 where it finds none. */
export const rightChoice = ({ predict }, world) =>
  predict.choices.findIndex(({ right }) => (typeof right === "boolean" ? right : holds(right, world)));

/** A number as a person types it, with or without its unit; null where it is none. */
export function typedNumber(text, unit) {
  const clean = String(text).trim();
  return parse(unit && clean.endsWith(unit) ? clean.slice(0, -unit.length).trim() : clean) ?? parse(clean);
}

/** How many hints are open: those asked for, and one for every few failed tries. */
export const hintsOpen = (step, { hints = 0, tries = 0 }) => Math.min(Math.max(hints, Math.floor(tries / TRIES_A_HINT)), step.task?.hints.length ?? 0);
