/** The read-out that follows the pointer: what the hovered node or device carries now. */

import { el } from "../lib/dom.mjs";
import { NODE_RADIUS, pointOn, toScreen } from "../paint/geometry.mjs";
import { quantity } from "../lib/numbers.mjs";

/** Lines of the read-out of a hovered element: [title, value, detail]. Pure. */
export function readoutOf(scene, frame, { lane, hover, registry, hasSim }) {
  if (hover?.type === "node") {
    const n = scene.nodeIndex.get(hover.id);
    if (n === undefined) return null;
    const adjoint = lane === "adjoint";
    const name = scene.names[n] === hover.id ? hover.id : `${scene.names[n]} (${hover.id})`;
    const value = adjoint ? `∂L/∂v ${quantity(frame.v[n])}` : quantity(frame.v[n], "V");
    if (scene.drive[n]) {
      const title = registry?.waveforms?.[scene.drive[n]]?.title ?? scene.drive[n];
      const given = frame.given?.[n];
      return [`${name} · ${title}`, value, Number.isFinite(given) ? `source gives ${quantity(given, "A")}` : "held by a source"];
    }
    return [name, value, hasSim ? "" : "start voltage"];
  }
  const e = hover ? scene.deviceIndex.get(hover.id) : undefined;
  if (e === undefined) return null;
  const end = (n) => (n < 0 ? "ground" : scene.names[n]);
  const title = registry?.devices?.[scene.kinds[e]]?.title ?? scene.kinds[e];
  const way = `${end(scene.source[e])} → ${end(scene.target[e])}`;
  if (!hasSim || !Number.isFinite(frame.i[e])) return [`${hover.id} · ${title}`, way, ""];
  const leaving = quantity(frame.i[e], "A");
  if (lane !== "adjoint") return [`${hover.id} · ${title}`, leaving, way];
  const current = frame.iTarget ? `${quantity(frame.i[e])} out, ${quantity(frame.iTarget[e])} in` : quantity(frame.i[e]);
  const gradient = frame.g ? `|∂L/∂θ| ${quantity(frame.g[e])} so far` : way;
  return [`${hover.id} · ${title}`, current, gradient];
}

export function createReadout({ container, store, canvas }) {
  const title = el("strong", {});
  const value = el("span", { class: "tip-value" });
  const detail = el("span", { class: "tip-detail" });
  const tip = el("div", { class: "board-tip", "aria-hidden": "true" }, title, value, detail);
  tip.hidden = true;
  container.append(tip);

  function placeOf(scene, hover) {
    const n = scene.nodeIndex.get(hover.id);
    const away = NODE_RADIUS + 8;
    if (hover.type === "node") return { x: scene.x[n] + away * 0.75, y: scene.y[n] + away * 0.75 };
    const e = scene.deviceIndex.get(hover.id);
    const p = pointOn(scene.curves, e, scene.anchor[e]);
    return { x: p.x + 20, y: p.y + 16 };
  }

  function update(scene, frame, options) {
    const { hover, registry, sim } = store.get();
    const lines = hover && !canvas.marks.ghost && !canvas.isRenaming() ? readoutOf(scene, frame, { lane: options.lane, hover, registry, hasSim: Boolean(sim) }) : null;
    tip.hidden = !lines;
    if (!lines) return;
    [title.textContent, value.textContent, detail.textContent] = lines;
    const board = placeOf(scene, hover);
    const at = toScreen(options.viewport, board.x, board.y);
    const x = Math.min(at.x, options.width - 180);
    const y = Math.min(at.y, options.height - 70);
    tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }

  store.on(["hover"], ({ hover }) => { if (!hover) tip.hidden = true; });
  return { update };
}
