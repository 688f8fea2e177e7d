import assert from "node:assert/strict";
import { test } from "node:test";
import { fixedMethods } from "../../../assets/modules/panels/inspector/network_pane.mjs";
import { quantity } from "../../../assets/modules/lib/numbers.mjs";
import { createAsking } from "../../../assets/modules/play/asking.mjs";
import { createStore } from "../../../assets/modules/lib/store.mjs";
import { initialState } from "../../../assets/modules/document/state.mjs";
import { adjointRefusal, doubtSentence, doubtfulNode, gapOf, share, stateOf, statusSentence } from "../../../assets/modules/play/trust.mjs";
import { rcPair } from "../container.mjs";

const INACCURATE = { ok: false, state: "inaccurate", message: "The steps are too coarse; choose auto", node: "n2", time: null, error: 0.034 };
const STOPPED = { ok: false, state: "stopped", message: "Diverged", node: "n2", time: 0.42, error: null };

test("every answer is right, inaccurate, or stopped; answers of older servers too", () => {
  assert.deepEqual([INACCURATE, STOPPED, { ok: true }, { ok: false }, null].map(stateOf), ["inaccurate", "stopped", "ok", "stopped", "ok"]);
});

test("an inaccurate result is named with node and size, once", () => {
  assert.equal(doubtSentence(INACCURATE), "The steps are too coarse; choose auto at node n2, off by about 3.4 % of the largest voltage.");
  const whole = { ...INACCURATE, message: "node n2 is off by 3.4 % of the largest voltage; choose auto." };
  assert.equal(doubtSentence(whole), whole.message);
  assert.match(doubtSentence({ state: "inaccurate", ok: false }), /inaccurate/);
  assert.equal(doubtSentence(STOPPED), "");
  assert.equal(doubtSentence({ ok: true, state: "ok", error: 1e-9 }), "");
});

test("it is no stop: the whole of it is shown", () => {
  assert.equal(statusSentence(INACCURATE, quantity), "");
  assert.equal(statusSentence(STOPPED, quantity), "Diverged at node n2 (t = 0.420 s). Shown up to there.");
  assert.equal(doubtfulNode({ status: INACCURATE }), "n2");
  assert.equal(doubtfulNode({ status: STOPPED }), null);
  assert.equal(doubtfulNode(null), null);
});

test("an inaccurate answer is fresh in the store and keeps its status", async () => {
  const store = createStore({ ...initialState() });
  const asking = createAsking({ store, api: { binary: async () => rcPair() }, quantity, onAgain: () => {} });
  await asking.ask(async () => ({ hash: "h", url: "", status: INACCURATE }), () => true);
  assert.equal(store.get("simState"), "fresh");
  assert.equal(store.get("simError"), null);
  assert.equal(store.get("sim").status.error, 0.034);
});

test("the gap between two gradients has sensible digits and is doubted above 1 %", () => {
  assert.deepEqual(gapOf(2.04e-6), { text: "The gradient of these steps differs from the circuit's by 2e-6.", doubt: false });
  assert.equal(gapOf(0.34).doubt, true);
  assert.equal(gapOf(0.0034).doubt, false);
  assert.equal(gapOf(0).doubt, false);
  assert.equal(gapOf(null), null);
  assert.equal(gapOf(undefined), null);
  assert.deepEqual([0.0034, 0.123, 3.4, 12678].map(share), ["0.34 %", "12 %", "340 %", "1,300,000 %"]);
});

test("networks offer what solves with fixed steps, as the classes say", () => {
  const solvers = { heun: { title: "Heun", fixed_steps: true }, rk4: { title: "Runge-Kutta", fixed_steps: true }, auto: { adaptive: true } };
  assert.deepEqual(fixedMethods({ solvers }).map(({ value }) => value), ["heun", "rk4"]);
  assert.deepEqual(fixedMethods(null), []);
});

test("why there is no adjoint is said as a sentence", () => {
  assert.equal(adjointRefusal(null), "");
  assert.equal(adjointRefusal({ header: { no_adjoint: "" } }), "");
  assert.equal(adjointRefusal({ header: { no_adjoint: "the circuit has an inductor, 'L'" } }), "The circuit has an inductor, 'L'.");
});
