/** What stands on the scope in words: what is missing, what is wrong, how far the gradient can be trusted. */

import { el, setText } from "../../lib/dom.mjs";
import { hasEnergy } from "../../play/energy.mjs";
import { balanceOf, doubtSentence, gapOf, gradientMissing } from "../../play/trust.mjs";

/** What is missing when the curves say nothing. */
function hintFor(state) {
  const { sim, lane, simState, readOnly, run } = state;
  if (!sim || sim.T < 2) return "";
  if (lane === "adjoint" && !sim.hasAdjoint) {
    return gradientMissing(state) || (simState === "running" ? "" : "The adjoint circuit is computed next.");
  }
  if (lane === "energy") {
    if (hasEnergy(sim)) return "";
    return readOnly && !run ? "A network of this size is computed without its energies." : "A replay holds voltages and currents, no energies.";
  }
  return sim.ranges("voltages").v === 0 ? "Every node stays at 0 V. Give one of them a start voltage to see something move." : "";
}

/** What the ticks on the lower edge of the curves are, "" where there are none. Pure. */
export function stepsNote(sim) {
  const count = sim?.array("step_times")?.length ?? 0;
  return count > 0 ? `${count.toLocaleString("en")} accepted steps of the solver` : "";
}

/** @param {{store}} parts */
export function createScopeWords({ store }) {
  const hint = el("p", { class: "scope-hint", hidden: true });
  const alert = el("p", { class: "scope-alert", role: "alert", hidden: true });
  const gap = el("p", { class: "scope-gap", hidden: true });
  const steps = el("p", { class: "scope-steps", hidden: true });
  const empty = el("p", { class: "scope-empty", text: "Curves appear here as soon as the circuit has been simulated." });

  function paintHint(state) {
    setText(hint, hintFor(state));
    hint.hidden = hint.textContent === "";
    empty.hidden = Boolean(state.sim) && state.sim.T >= 2;
  }

  /** What is wrong stays above the curves, whatever is played: no simulation, or one that is not right. */
  function paintAlert({ sim, simState, simError }) {
    const failure = simState !== "error" || !simError ? ""
      : simError.offline ? "The server does not answer; what you see is the last simulation." : simError.message;
    const doubt = doubtSentence(sim?.status);
    setText(alert, failure || doubt);
    alert.hidden = alert.textContent === "";
    alert.classList.toggle("doubt", !failure && doubt !== "");
  }

  function paintGap({ sim, lane }) {
    const found = lane === "adjoint" && sim?.hasAdjoint ? gapOf(sim.header.gradient_gap)
      : lane === "energy" ? balanceOf(sim) : null;
    gap.hidden = !found;
    setText(gap, found?.text ?? "");
    gap.classList.toggle("doubt", Boolean(found?.doubt));
  }

  function paintSteps({ sim }) {
    setText(steps, stepsNote(sim));
    steps.hidden = steps.textContent === "";
  }

  store.on(["sim"], paintSteps);
  store.on(["sim", "simState", "simError"], paintAlert);
  store.on(["sim", "lane"], paintGap);
  return { hint, alert, gap, steps, empty, paintHint };
}
