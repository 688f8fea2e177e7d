/** The sum of the currents at a node and what it does to the capacitor's charge, below the list of its devices. */

import { el, setText } from "../../lib/dom.mjs";
import { quantity } from "../../lib/numbers.mjs";
import { arrowOf, largestCurrent, sumSentence } from "./kcl.mjs";
import { extent, netCurrent } from "../inspector/values.mjs";

/** An arrow that is moved by `point`. */
export function createArrow() {
  const root = el("span", { class: "kcl-arrow", "aria-hidden": "true" });
  return {
    root,
    point(current, most) {
      const { way, share } = arrowOf(current, most);
      if (root.dataset.way !== way) root.dataset.way = way;
      root.style.setProperty("--share", share.toFixed(3));
    },
  };
}

/** @param {string} id  of the node */
export function createKclView(id) {
  const arrow = createArrow();
  const value = el("span", { class: "device-current" });
  const gauge = el("span", { class: "kcl-gauge", "aria-hidden": "true" }, el("span", { class: "kcl-charge" }));
  const words = el("p", { class: "muted small kcl-words" });
  const sum = el("div", { class: "kcl-sum" }, el("span", { class: "device-id", text: "Sum" }), arrow.root, value);
  const root = el("div", { class: "kcl" }, sum, gauge, words);
  let known = { sim: null, doc: null, most: 0, range: [0, 0] };

  function learn(doc, sim, laws) {
    if (known.sim === sim && known.doc === doc) return;
    known = { sim, doc, most: sim ? largestCurrent(doc, sim, id, laws) : 0, range: sim ? extent(sim, id) : [] };
  }

  return {
    root,
    /** The largest current here over the simulation, after `tick` [A]. */
    most: () => known.most,
    tick({ doc, sim, time, registry }) {
      const laws = registry?.devices;
      learn(doc, sim, laws);
      const node = doc.node(id);
      const net = sim ? netCurrent(doc, sim, id, time, laws) : NaN;
      const v = sim ? sim.valueAt(id, time) : NaN;
      arrow.point(net, known.most);
      setText(value, quantity(net, "A"));
      setText(words, sumSentence({ net, charge: v * node.capacitance, capacitance: node.capacitance, driven: Boolean(node.drive) }));
      const [low, high] = known.range;
      gauge.hidden = Boolean(node.drive) || node.capacitance === 0 || !(high > low);
      if (!gauge.hidden) gauge.style.setProperty("--share", ((v - low) / (high - low)).toFixed(3));
    },
  };
}
