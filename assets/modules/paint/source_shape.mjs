/** Where the symbol of a driven node lies: a lead, a circle with the form of its waveform, ground behind it. Pure. */

import { GROUND_BARS, NODE_RADIUS } from "./geometry.mjs";

export const SOURCE_RADIUS = 13; // of the circle, in board units
const SOURCE_DISTANCE = 48; // from the node's centre to the circle's
const GROUND_AWAY = SOURCE_DISTANCE + SOURCE_RADIUS + 9;
export const FORM = 0.95 * SOURCE_RADIUS; // a waveform's symbol fills the circle of radius 1

/** Name of a waveform's path among the symbols. */
export const symbolOf = (drive) => `waveform:${drive}`;

/**
 * The parts of a node's source, lines as [x, y, x, y].
 * @param {object} scene
 * @param {number} n  the node
 */
export function sourceAt({ x, y, sourceAngle }, n) {
  const [cos, sin] = [Math.cos(sourceAngle[n]), Math.sin(sourceAngle[n])];
  const at = (away) => [x[n] + away * cos, y[n] + away * sin];
  const bars = GROUND_BARS.map(([out, half]) => {
    const [px, py] = at(GROUND_AWAY + out);
    return [px - half * 0.8 * sin, py + half * 0.8 * cos, px + half * 0.8 * sin, py - half * 0.8 * cos];
  });
  return {
    centre: at(SOURCE_DISTANCE),
    leads: [[...at(NODE_RADIUS), ...at(SOURCE_DISTANCE - SOURCE_RADIUS)], [...at(SOURCE_DISTANCE + SOURCE_RADIUS), ...at(GROUND_AWAY)]],
    bars,
  };
}

/** As SVG; `write` rounds a coordinate, `escape` makes text safe. */
export function sourcesSVG(scene, { theme, symbols }, write, escape) {
  return scene.driven.flatMap((n) => {
    const { centre: [cx, cy], leads, bars } = sourceAt(scene, n);
    const lines = [...leads, ...bars].map(([ax, ay, bx, by]) => `M${write(ax)} ${write(ay)}L${write(bx)} ${write(by)}`).join("");
    const form = symbols[symbolOf(scene.drive[n])];
    const stroke = `fill="none" stroke="${theme.edgeStrong}" stroke-linecap="round" stroke-linejoin="round"`;
    return [
      `<path d="${lines}" stroke="${theme.muted}" stroke-width="1.6" stroke-linecap="round"/>`,
      `<circle cx="${write(cx)}" cy="${write(cy)}" r="${SOURCE_RADIUS}" ${stroke} stroke-width="1.6"/>`,
      ...(form ? [`<path transform="translate(${write(cx)} ${write(cy)}) scale(${write(FORM)})" d="${escape(form)}" ${stroke} stroke-width="${write(1.6 / FORM)}"/>`] : []),
    ];
  });
}
