/** How far the numbers of a simulation can be trusted, and what they cost: figures of the inspector. */

import { el, setText } from "../../lib/dom.mjs";
import { figures } from "../../lib/fields.mjs";
import { number, power, quantity, span } from "../../lib/numbers.mjs";
import { balanceOf, boundText, share, stateOf } from "../../play/trust.mjs";

const KCL_GOOD = 1e-5;

/** Text and class of the estimated error of a simulation. */
export function errorFigure(sim) {
  const state = stateOf(sim?.status);
  if (!Number.isFinite(sim?.status?.error)) return ["–", ""];
  return [share(sim.status.error), state === "ok" ? "ok" : "warn"];
}

/** Largest relative violation of the current law over all samples, or null without a simulation. */
export function residual(sim) {
  if (!sim) return null;
  const data = sim.array("kcl");
  if (!data) return Number.isFinite(sim.header.kcl_residual) ? sim.header.kcl_residual : null;
  let most = 0;
  for (const value of data) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
}

/** Text and class of the violation of the current law. */
export function residualFigure(sim) {
  const most = residual(sim);
  if (most === null) return ["–", ""];
  const good = most < KCL_GOOD;
  return [`${most === 0 ? "0" : power(most)}${good ? " ✓" : ""}`, good ? "ok" : "warn"];
}

/** Text and class of the energy balance. */
export function energyFigure(sim) {
  const found = sim?.header?.energy;
  if (!found) return ["–", ""];
  if (found.state === "undecided") return ["not decided", "warn"];
  if (found.state === "off") return [`off by ${share(found.off)}`, "warn"];
  return [`${boundText(found.bound)} ✓`, "ok"];
}

/** How long the server took. */
export function secondsText(sim) {
  if (!Number.isFinite(sim?.seconds)) return "–";
  return sim.seconds < 1 ? quantity(sim.seconds, "s", 2) : span(sim.seconds);
}

/** A whole number, or a dash where there is none. */
export const whole = (value) => (Number.isFinite(value) ? value.toLocaleString("en") : "–");

/** The figures of a drawn circuit. */
export function createAccuracy() {
  const shown = figures([
    { key: "error", label: "Estimated error", term: "error", doc: "Of the solver's steps, as a share of the largest voltage" },
    { key: "kcl", label: "KCL residual", term: "kcl-residual", doc: "Largest violation of Kirchhoff's current law, relative to the currents at the node" },
    { key: "energy", label: "Energy balance", term: "energy-balance", doc: "Stored, injected and dissipated energy add up to this share of the largest of them" },
    { key: "loss", label: "Loss", term: "loss", doc: "Of the outputs at the end; training makes it small" },
    { key: "steps", label: "Solver steps", term: "step", doc: "Stretches of time that the solver took at once" },
    { key: "rejected", label: "Rejected steps", term: "rejected", doc: "Taken again, shorter, because their error was too large" },
    { key: "evaluations", label: "Field evaluations", term: "evaluations", doc: "How often the solver asked which currents flow" },
    { key: "smallest", label: "Smallest step", term: "step", doc: "Where the voltages bend most" },
    { key: "largest", label: "Largest step", term: "step", doc: "Where the voltages bend least" },
    { key: "seconds", label: "Computed in", term: "seconds", doc: "On the server" },
  ]);
  const note = el("p", { class: "muted small accuracy-note", hidden: true });

  function sync({ sim }) {
    const stats = sim?.stats ?? {};
    shown.set("error", ...errorFigure(sim));
    shown.set("kcl", ...residualFigure(sim));
    shown.set("energy", ...energyFigure(sim));
    const notes = [balanceOf(sim)?.doubt ? balanceOf(sim).text : "", sim?.header.addition ?? ""].filter(Boolean);
    setText(note, notes.join(" "));
    note.hidden = notes.length === 0;
    shown.set("loss", sim?.hasAdjoint && Number.isFinite(sim.header.loss) ? number(sim.header.loss, 4) : "–");
    for (const key of ["steps", "rejected", "evaluations"]) shown.set(key, whole(stats[key]));
    shown.set("smallest", quantity(stats.smallest_step, "s"));
    shown.set("largest", quantity(stats.largest_step, "s"));
    shown.set("seconds", secondsText(sim));
  }

  return { root: el("div", {}, shown.root, note), sync };
}
