/** Crosses through what is broken: devices at their middle, nodes over their disc. */

import { NODE_RADIUS, pointOn } from "./geometry.mjs";

const ARM = 9; // half the width of a cross, in board units

/** Where crosses stand: {x, y} of every broken device of the slice on show and of every broken node. Pure. */
export function crossesOf(scene, { devices, nodes }, slice) {
  const crosses = [];
  for (const id of devices) {
    const e = scene.deviceIndex.get(id);
    if (e === undefined || (slice >= 0 && scene.sliceCount > 1 && scene.slice[e] !== slice)) continue;
    const { x, y } = pointOn(scene.curves, e, scene.anchor[e]);
    crosses.push({ x, y, arm: ARM });
  }
  for (const id of nodes) {
    const n = scene.nodeIndex.get(id);
    if (n !== undefined) crosses.push({ x: scene.x[n], y: scene.y[n], arm: NODE_RADIUS + 3 });
  }
  return crosses;
}

/** The crosses, with a halo of the board's colour so that they are seen on any line. */
export function paintBroken(ctx, scene, { broken, slice, theme, viewport }) {
  if (!broken) return;
  const crosses = crossesOf(scene, broken, slice);
  const width = Math.max(3, 2 / viewport.zoom);
  for (const [colour, wide] of [[theme.board, 2.2 * width], [theme.error, width]]) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = wide;
    ctx.beginPath();
    for (const { x, y, arm } of crosses) {
      ctx.moveTo(x - arm, y - arm);
      ctx.lineTo(x + arm, y + arm);
      ctx.moveTo(x + arm, y - arm);
      ctx.lineTo(x - arm, y + arm);
    }
    ctx.stroke();
  }
}
