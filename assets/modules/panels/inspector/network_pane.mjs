/** Inspector tab of a large network: what it is made of, how well it does, how it is solved. */

import { errorFigure, residual, secondsText, whole } from "./accuracy.mjs";
import { blockTitle } from "../../views/blocks.mjs";
import { el, put, setText } from "../../lib/dom.mjs";
import { figures, heading, numberField, selectField } from "../../lib/fields.mjs";
import { count, power } from "../../lib/numbers.mjs";
import { networkSettings } from "../../play/network_sim.mjs";

/** The solvers that a network can have: those with fixed steps, as their classes say. Pure. */
export function fixedMethods(registry) {
  return Object.entries(registry?.solvers ?? {})
    .filter(([, solver]) => solver.fixed_steps)
    .map(([value, solver]) => ({ value, text: solver.title || value }));
}

/** Lines on what joins what: [text, devices], slice by slice. Pure. */
export function linkLines({ blocks, links, slices }) {
  const name = (end) => (end === null ? "ground" : blocks[end].name);
  return links.map(({ slice, ends: [one, two], devices }) => {
    const where = slices.length > 1 ? `Slice ${slice + 1}: ` : "";
    const text = one === two ? `within ${name(one)}` : `${name(one)} – ${name(two)}`;
    return [`${where}${text}`, devices];
  });
}

/** "300 of 171,124 devices drawn" and the like. Pure. */
export function summaryText({ nodes, devices, slices }) {
  const parts = [count(nodes, "node"), count(devices, "device")];
  if (slices.length > 1) parts.push(count(slices.length, "slice"));
  return parts.join(", ");
}

function factsOf({ score, kinds, parallel }) {
  const shown = figures([
    { key: "score", label: score?.title ?? "Test score", doc: "As stated in the file" },
    { key: "kinds", label: "Kinds of devices", term: "device", doc: "Which laws its devices follow" },
    { key: "parallel", label: "Parallel devices", doc: "They share source and target with another device of their slice" },
  ]);
  shown.set("score", score?.text ?? "–");
  shown.set("kinds", Object.keys(kinds).map((kind) => kind.replaceAll("_", " ")).join(", ") || "–");
  shown.set("parallel", parallel.toLocaleString("en"));
  return shown.root;
}

/** What a network is made of; written once, when it opens. */
function createFacts() {
  const counts = el("p", { class: "muted circuit-counts" });
  const drawn = el("p", { class: "muted small" });
  const facts = el("div", {});
  const blocks = el("ul", { class: "network-list" });
  const links = el("ul", { class: "network-list" });

  function show(network) {
    setText(counts, summaryText(network));
    setText(drawn, `The ${count(network.shown, "strongest device")} drawn on the board; every device computes.`);
    put(facts, factsOf(network));
    put(blocks, network.blocks.map((block) => el("li", { text: blockTitle(block) })));
    put(links, linkLines(network).map(([text, devices]) => el("li", {}, el("span", { text }), el("span", { class: "muted", text: devices.toLocaleString("en") }))));
  }

  return { head: [counts, drawn, facts], parts: [heading("Nodes"), blocks, heading("Devices between them"), links], show };
}

/** @param {{store, saveSettings: (settings: object) => void}} context */
export function createNetworkPane({ store, saveSettings }) {
  const root = el("div", {});
  const name = el("h2", { class: "network-name" });
  const facts = createFacts();
  const honesty = figures([
    { key: "error", label: "Estimated error", term: "error", doc: "Of the solver's steps, as a share of the largest voltage" },
    { key: "kcl", label: "KCL residual", term: "kcl-residual", doc: "Largest violation of Kirchhoff's current law, relative to the largest current" },
    { key: "steps", label: "Solver steps", term: "step", doc: "Stretches of time that the solver took at once" },
    { key: "evaluations", label: "Field evaluations", term: "evaluations", doc: "How often the solver asked which currents flow" },
    { key: "seconds", label: "Computed in", term: "seconds", doc: "On the server" },
  ]);
  const set = (patch) => saveSettings({ ...store.get().settings, ...patch });
  const methodBox = el("div", {});
  const steps = numberField({ label: "Steps a slice", integer: true, low: 1, high: 1000, onCommit: (value) => set({ networkSteps: value }) });
  put(root, name, facts.head, heading("Accuracy"), honesty.root, heading("Solver"), methodBox, steps.root, facts.parts);
  let shown = null;
  let method = null;
  let offered = null;

  function offer(registry) {
    if (offered === registry) return;
    offered = registry;
    method = selectField({ label: "Method", options: fixedMethods(registry), onCommit: (value) => set({ networkSolver: value }) });
    put(methodBox, method.root);
  }

  function sync({ doc, network, settings, sim, registry }) {
    if (!network) return;
    if (shown !== network) facts.show(network);
    shown = network;
    setText(name, doc.name || "Untitled network");
    const now = networkSettings(settings ?? {}, network);
    offer(registry);
    method.set(now.solver);
    steps.set(now.steps);
    const kcl = residual(sim);
    honesty.set("error", ...errorFigure(sim));
    honesty.set("kcl", kcl === null ? "–" : kcl === 0 ? "0" : power(kcl));
    honesty.set("steps", whole(sim?.stats.steps));
    honesty.set("evaluations", whole(sim?.stats.evaluations));
    honesty.set("seconds", secondsText(sim));
  }

  return { root, sync, tick: () => {} };
}
