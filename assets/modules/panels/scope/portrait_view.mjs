/** The phase portrait in the place of the curves: which two nodes, and where they are now. */

import { brushOf, el, put } from "../../lib/dom.mjs";
import { paintPortrait } from "./portrait.mjs";

/** The two nodes of a portrait: those asked for while they are there, else the first two curves, else any two. Pure. */
export function pairOf(sim, asked, ids) {
  const known = [...asked, ...ids, ...sim.nodeIds].filter((id) => id && sim.nodeIndex.has(id));
  const [first] = known;
  return [first, known.find((id) => id !== first) ?? first];
}

/** @param {{store, shown: () => any}} parts  shown: of scope.mjs */
export function createPortrait({ store, shown }) {
  const canvas = el("canvas", { class: "portrait-canvas", role: "img" });
  const root = el("div", { class: "portrait", hidden: true }, canvas), asked = /** @type {(string|null)[]} */ ([null, null]);
  const menus = ["Across", "Up"].map((name, k) => el("select", { "aria-label": name, on: { change: () => { asked[k] = menus[k].value; draw(); } } }));
  const choice = el("div", { class: "portrait-choice", hidden: true }, menus.map((menu, k) => el("label", {}, el("span", { text: ["Across", "Up"][k] }), menu)));
  let offered = { sim: null, nodes: null };
  let kept = { sim: null, lane: "", pair: "", x: new Float32Array(0), y: new Float32Array(0) };

  const nameOf = (id) => store.get().doc?.nameOf(id) ?? id;

  function offer(sim, pair) {
    const before = offered;
    offered = { sim, nodes: store.get().doc?.nodes };
    const again = before.sim !== sim || before.nodes !== offered.nodes;
    menus.forEach((menu, k) => {
      if (again) put(menu, sim.nodeIds.map((id) => el("option", { value: id, text: nameOf(id) })));
      if (menu.value !== pair[k]) menu.value = pair[k];
    });
  }

  function seriesOf(sim, lane, pair) {
    const key = pair.join(" ");
    if (kept.sim !== sim || kept.lane !== lane || kept.pair !== key) kept = { sim, lane, pair: key, x: sim.nodeSeries(pair[0], lane), y: sim.nodeSeries(pair[1], lane) };
    return kept;
  }

  function draw() {
    const now = shown();
    if (root.hidden || !now || root.clientWidth === 0) return;
    const { sim, lane: shownLane, choice: { what, ids } } = now;
    const lane = shownLane === "adjoint" ? "adjoint" : "voltages";
    const pair = pairOf(sim, asked, what === "nodes" ? ids : sim.mostActive("nodes", lane, 2).map((k) => sim.nodeIds[k]));
    offer(sim, pair);
    const { x, y } = seriesOf(sim, lane, pair);
    const size = { width: root.clientWidth, height: root.clientHeight };
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    const style = getComputedStyle(document.documentElement);
    const get = (name) => style.getPropertyValue(name).trim();
    const ctx = brushOf(canvas);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { time } = store.get();
    const symbol = lane === "adjoint" ? "∂L/∂v" : "v";
    canvas.setAttribute("aria-label", `Phase portrait: ${nameOf(pair[1])} over ${nameOf(pair[0])}`);
    paintPortrait(ctx, {
      size, x, y, names: /** @type {[string, string]} */ (pair.map((id) => `${symbol} of ${nameOf(id)}`)), unit: lane === "adjoint" ? "" : "V",
      now: [sim.valueAt(pair[0], time, lane), sim.valueAt(pair[1], time, lane)], colour: get("--accent"), accent: get(lane === "adjoint" ? "--adjoint" : "--current"),
      look: { line: get("--line"), strong: get("--line-strong"), muted: get("--muted"), font: get("--font") },
    });
  }

  return {
    root, choice, draw,
    show(on) {
      root.hidden = choice.hidden = !on;
      draw();
    },
  };
}
