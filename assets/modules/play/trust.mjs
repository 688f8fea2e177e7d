/** How far a simulation can be trusted, in words: right, inaccurate, stopped early; and its gradient. Pure. */

/** Above this the gradient of the steps is another one than the circuit's. */
const GAP_DOUBT = 0.01;

/** Why there is no adjoint although it was asked for, a sentence of the server; "" where nothing stands against one. */
export function adjointRefusal(sim) {
  const said = sim?.header?.no_adjoint ?? "";
  return said && `${said[0].toUpperCase()}${said.slice(1).replace(/\.$/, "")}.`;
}

/**
 * Why there is no gradient to be shown, and what to do; "" where there is one or it is on its way.
 * @param {{sim: any, settings: any, doc: any, readOnly?: boolean, run?: any}} state
 */
export function gradientMissing({ sim, settings, doc, readOnly, run }) {
  if (sim?.hasAdjoint) return "";
  if (readOnly) return run ? "A replay holds voltages and currents, no adjoint." : "A network of this size is computed forwards only, without its adjoint.";
  if (doc && doc.outputs.length === 0) return "There is no loss yet: select a node and press O to mark it as output.";
  if (settings?.adjoint === false) return "The adjoint circuit is switched off: tick “Compute the adjoint circuit” in the tab Circuit.";
  return adjointRefusal(sim);
}

/** "ok" | "inaccurate" | "stopped". */
export function stateOf(status) {
  if (!status) return "ok";
  return status.state ?? (status.ok ? "ok" : "stopped");
}

/** The sentence a person reads when a solve stopped early; empty when it reached its end. */
export function statusSentence(status, quantity) {
  if (stateOf(status) !== "stopped") return "";
  const said = status.message || "The simulation stopped early";
  const when = Number.isFinite(status.time) && !/\bt\s*=|\bs\b/.test(said) ? ` (t = ${quantity(status.time, "s")})` : "";
  return `${placed(status, said)}${when}. Shown up to there.`;
}

/** The sentence a person reads of a result that is shown whole but is not right; empty for one that is. */
export function doubtSentence(status) {
  if (stateOf(status) !== "inaccurate") return "";
  const said = status.message || "These voltages are inaccurate; use a solver with error control or more steps";
  const size = Number.isFinite(status.error) && !/\d\s?%|\d\s?V\b/.test(said) ? `, off by about ${share(status.error)} of the largest voltage` : "";
  return `${placed(status, said)}${size}.`;
}

/** The node whose voltage is furthest from the truth, for a mark on the board; null where none is. */
export function doubtfulNode(sim) {
  return stateOf(sim?.status) === "inaccurate" ? sim.status.node ?? null : null;
}

/** A message with the node it speaks of, unless it names it itself. */
function placed(status, said) {
  const named = status.node && !said.includes(status.node) ? ` at node ${status.node}` : "";
  return `${said.replace(/\.$/, "")}${named}`;
}

/** How far the gradient of the solver's steps is from that of the circuit: {text, doubt} or null when nobody knows. */
export function gapOf(gap) {
  if (!Number.isFinite(gap)) return null;
  if (gap === 0) return { text: "The gradient of these steps is the circuit's.", doubt: false };
  return { text: `The gradient of these steps differs from the circuit's by ${share(gap)}.`, doubt: gap > GAP_DOUBT };
}

/** Whether the energies of a simulation add up: {text, doubt}, null where nobody knows. */
export function balanceOf(sim) {
  const found = sim?.header?.energy;
  if (!found) return null;
  return { text: `${found.sentence[0].toUpperCase()}${found.sentence.slice(1)}.`, doubt: found.state !== "balanced" };
}

/** A share as a bound, one digit, rounded up as in the sentence beside it: 0.0000321 is "4e-5". */
export function boundText(share) {
  if (!(share >= 1e-15)) return "1e-15";
  const unit = 10 ** Math.floor(Math.log10(share));
  return (Math.ceil((share / unit) * (1 - 1e-9)) * unit).toExponential(0);
}

/** A share with two digits: 2e-6, 0.34 %, 12 %, 340 %. */
export function share(value) {
  if (value === 0) return "0";
  if (value < 1e-3) return value.toExponential(0);
  return `${Number((100 * value).toPrecision(2)).toLocaleString("en", { maximumFractionDigits: 2 })} %`;
}
