/** Where the thin lines from devices to the nodes of their further terminals lie, and to devices that control them. Pure. */

import { GROUND_BARS, NODE_RADIUS, SYMBOL_LENGTH, pointOn } from "./geometry.mjs";

/** Shares of a symbol's length: how far out its lead reaches, where its body begins, how far beside it the second one is. */
const [LEAD, BODY, BESIDE] = [0.5, 0.28, 0.2];
const CONTROL_GAP = 15; // board units between the middle of a symbol and the line that controls it

/**
 * Adds to the scene: `flip` (-1 where a symbol is mirrored so that its first lead points to its node) and `links`, each
 * {path: [x, y, x, y, ...], dashed}.
 * @param {any} scene  with `terminals`: {e, order, node, control} by number; node -1 is ground, control -1 is none
 */
export function placeTerminals(scene) {
  scene.flip = new Int8Array(scene.E).fill(1);
  scene.links = [];
  for (const terminal of scene.terminals) {
    const { e, order, node, control } = terminal;
    const middle = pointOn(scene.curves, e, scene.anchor[e]);
    const [cos, sin] = [Math.cos(middle.angle), Math.sin(middle.angle)];
    if (control >= 0) {
      scene.links.push({ path: between(middle, pointOn(scene.curves, control, scene.anchor[control])), dashed: true });
      continue;
    }
    const side = node < 0 ? 1 : Math.sign((scene.x[node] - middle.x) * sin - (scene.y[node] - middle.y) * cos) || 1;
    if (order === 0) scene.flip[e] = side;
    const own = node === scene.source[e] || node === scene.target[e];
    if (order > 0 && (node < 0 || own)) continue; // a second line to an end of its own says nothing
    const up = order === 0 ? scene.flip[e] : side;
    const at = (out, along) => [
      middle.x + SYMBOL_LENGTH * (along * cos + up * out * sin), middle.y + SYMBOL_LENGTH * (along * sin - up * out * cos),
    ];
    const along = order === 0 ? 0 : BESIDE * order;
    const [ax, ay] = at(LEAD, along);
    const lead = [...at(order === 0 ? BODY : BODY / 2, along), ax, ay];
    if (node < 0) scene.links.push(...grounded(lead, up * sin, -up * cos));
    else scene.links.push({ path: [...lead, ...rimOf(scene, node, ax, ay)], dashed: false });
  }
}

/** The point of a node's rim that is nearest to (x, y). */
function rimOf(scene, node, x, y) {
  const away = Math.hypot(x - scene.x[node], y - scene.y[node]) || 1;
  const share = Math.min(1, NODE_RADIUS / away);
  return [scene.x[node] + share * (x - scene.x[node]), scene.y[node] + share * (y - scene.y[node])];
}

/** A lead that ends at a small ground symbol, outwards along (ux, uy). */
function grounded(lead, ux, uy) {
  const [x, y] = lead.slice(-2);
  const bars = GROUND_BARS.map(([out, half]) => {
    const [px, py, w] = [x + 0.6 * out * ux, y + 0.6 * out * uy, 0.55 * half];
    return { path: [px - w * uy, py + w * ux, px + w * uy, py - w * ux], dashed: false };
  });
  return [{ path: lead, dashed: false }, ...bars];
}

function between(a, b) {
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const share = Math.min(0.45, CONTROL_GAP / length);
  const [dx, dy] = [share * (b.x - a.x), share * (b.y - a.y)];
  return [a.x + dx, a.y + dy, b.x - dx, b.y - dy];
}

/** Paints the lines; the context draws in board units. */
export function paintTerminals(ctx, scene, { theme, viewport }) {
  if (scene.links.length === 0 || viewport.zoom < 0.2) return;
  ctx.strokeStyle = theme.muted;
  ctx.lineWidth = Math.max(1, 0.7 / viewport.zoom);
  for (const dashed of [false, true]) {
    ctx.setLineDash(dashed ? [4, 4] : []);
    ctx.beginPath();
    for (const link of scene.links) if (link.dashed === dashed) trace(ctx, link.path);
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

function trace(ctx, path) {
  ctx.moveTo(path[0], path[1]);
  for (let k = 2; k < path.length; k += 2) ctx.lineTo(path[k], path[k + 1]);
}

/** As SVG; `write` rounds a coordinate. */
export function terminalsSVG(scene, { theme }, write) {
  return scene.links.map(({ path, dashed }) => {
    const points = [];
    for (let k = 0; k < path.length; k += 2) points.push(`${write(path[k])} ${write(path[k + 1])}`);
    const dash = dashed ? ' stroke-dasharray="4 4"' : "";
    return `<path d="M${points.join("L")}" fill="none" stroke="${theme.muted}" stroke-width="1"${dash} stroke-linecap="round"/>`;
  });
}
