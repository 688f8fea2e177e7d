/** The board as SVG text, from the same geometry, colours and levels of detail as the painters. Pure. */

import { capacitorsSVG } from "./capacitors.mjs";
import { rampLevel, rampOf } from "./colours.mjs";
import { GROUND_BARS, NODE_RADIUS, SYMBOL_LENGTH, arrowHead, pointOn } from "./geometry.mjs";
import { nodeText } from "./labels.mjs";
import { namePlace } from "./places/names.mjs";
import { sourcesSVG } from "./source_shape.mjs";
import { strength } from "./phases.mjs";
import { terminalsSVG } from "./terminals.mjs";
import { sliceRange } from "./scene.mjs";
import { BARE_DASH, MOST, SYMBOL_BODY, detail, hasSymbol, paintOptions, shownGrounds } from "./view.mjs";

const n = (value) => String(Math.round(value * 100) / 100);

/** Text made safe for XML; control characters are dropped. */
export function escapeXML(text) {
  const signs = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };
  // eslint-disable-next-line no-control-regex
  return String(text).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "").replace(/[&<>"']/g, (c) => signs[c]);
}

function curvePath(scene, e) {
  const c = Array.from(scene.curves.subarray(6 * e, 6 * e + 6), n);
  return scene.bent[e] ? `M${c[0]} ${c[1]}Q${c[2]} ${c[3]} ${c[4]} ${c[5]}` : `M${c[0]} ${c[1]}L${c[4]} ${c[5]}`;
}

function edges(scene, frame, o) {
  const { theme, lane, gain } = o;
  const [first, last] = sliceRange(scene, o.slice);
  const lines = [];
  const flows = [];
  const heads = [];
  for (let e = first; e < last; e++) {
    const path = curvePath(scene, e);
    lines.push(path);
    const u = frame?.i ? strength(frame.i[e], gain) : 0;
    if (u > 0.02) flows.push(`<path d="${path}" stroke-width="${n(1.6 + 3.4 * u)}" stroke-opacity="${n(0.15 + 0.6 * u)}"/>`);
    if (scene.target[e] < 0) continue;
    const tip = pointOn(scene.curves, e, 1);
    const [ax, ay, bx, by, cx, cy] = arrowHead(tip.x, tip.y, tip.angle, 8).map(n);
    heads.push(`M${ax} ${ay}L${bx} ${by}L${cx} ${cy}z`);
  }
  return [
    `<path d="${lines.join("")}" fill="none" stroke="${theme.edge}" stroke-width="1.6" stroke-linecap="round"/>`,
    `<g fill="none" stroke="${theme.flow[lane]}" stroke-linecap="round">${flows.join("")}</g>`,
    `<path d="${heads.join("")}" fill="${theme.edgeStrong}"/>`,
  ];
}

function grounds(scene, { theme, slice }) {
  let path = "";
  for (const k of shownGrounds(scene, slice)) {
    const cos = Math.cos(scene.groundAngle[k]);
    const sin = Math.sin(scene.groundAngle[k]);
    for (const [out, half] of GROUND_BARS) {
      const x = scene.groundX[k] + out * cos;
      const y = scene.groundY[k] + out * sin;
      path += `M${n(x - half * sin)} ${n(y + half * cos)}L${n(x + half * sin)} ${n(y - half * cos)}`;
    }
  }
  return path ? [`<path d="${path}" stroke="${theme.muted}" stroke-width="2" stroke-linecap="round"/>`] : [];
}

function symbols(scene, { theme, symbols: paths, slice, viewport }) {
  const [first, last] = sliceRange(scene, slice);
  const parts = [];
  for (let e = first; e < last; e++) {
    const path = paths[scene.kinds[e]];
    if (!path || !hasSymbol(scene, e, viewport.zoom)) continue;
    const { x, y, angle } = pointOn(scene.curves, e, scene.anchor[e]);
    const half = SYMBOL_BODY - 0.04;
    parts.push(
      `<g transform="translate(${n(x)} ${n(y)}) rotate(${n((angle * 180) / Math.PI)}) scale(${SYMBOL_LENGTH}${scene.flip[e] < 0 ? ` ${-SYMBOL_LENGTH}` : ""}) translate(-0.5 0)">` +
        `<rect x="${n(0.5 - half)}" y="-0.27" width="${n(2 * half)}" height="0.54" fill="${theme.board}"/>` +
        `<path d="${escapeXML(path)}" fill="none" stroke="${theme.edgeStrong}" stroke-width="0.036"/></g>`,
    );
  }
  return parts;
}

function nodes(scene, frame, o, level) {
  const { theme, lane, range } = o;
  const ramp = rampOf(theme, lane);
  const parts = [];
  for (let k = 0; k < scene.N; k++) {
    const at = rampLevel(frame.v[k], range);
    const [x, y] = [n(scene.x[k]), n(scene.y[k])];
    parts.push(`<circle cx="${x}" cy="${y}" r="${NODE_RADIUS}" fill="${ramp.fill[at]}" stroke-width="1.5" stroke="${scene.bare[k] ? `${theme.edgeStrong}" stroke-dasharray="${BARE_DASH.join(" ")}` : ramp.rim[at]}"/>`);
    if (level.numbers && scene.N <= MOST.numbers) {
      parts.push(`<text x="${x}" y="${n(scene.y[k] + 4)}" font-size="11" font-weight="600" text-anchor="middle" fill="${ramp.text[at]}">${nodeText(frame.v[k], range)}</text>`);
    }
  }
  return parts;
}

function names(scene, { theme }) {
  const parts = [];
  const anchors = { left: "start", right: "end", center: "middle" };
  for (let k = 0; k < scene.N; k++) {
    if (!scene.nameFree[k]) continue;
    const { x, y, align } = namePlace(scene, k);
    parts.push(
      `<text x="${n(x)}" y="${n(y + 4)}" font-size="11.5" text-anchor="${anchors[align]}" ` +
        `fill="${theme.muted}" stroke="${theme.board}" stroke-width="4" stroke-linejoin="round" paint-order="stroke">${escapeXML(scene.names[k])}</text>`,
    );
  }
  return parts;
}

function roles(scene, { theme }) {
  let path = "";
  const add = (k, angle, distance, inwards) => {
    const tip = [scene.x[k] + distance * Math.cos(angle), scene.y[k] + distance * Math.sin(angle)];
    const [ax, ay, bx, by, cx, cy] = arrowHead(...tip, inwards ? angle + Math.PI : angle, 12).map(n);
    path += `M${ax} ${ay}L${bx} ${by}L${cx} ${cy}z`;
  };
  for (let k = 0; k < scene.N; k++) {
    if (scene.role[k] & 1) add(k, scene.inputAngle[k], NODE_RADIUS + 4, true);
    if (scene.role[k] & 2) add(k, scene.outputAngle[k], NODE_RADIUS + 15, false);
  }
  return path ? [`<path d="${path}" fill="${theme.edgeStrong}"/>`] : [];
}

/**
 * A complete SVG file.
 *
 * @param {object} scene
 * @param {{v: Float32Array, i?: Float32Array}} frame
 * @param {object} options  {width, height, viewport, theme, lane, range, gain, slice, symbols}
 */
export function boardSVG(scene, frame, options) {
  const o = paintOptions(options);
  const { width, height, viewport, theme } = o;
  const level = detail(scene, o);
  const body = [
    ...edges(scene, frame, o),
    ...terminalsSVG(scene, o, n),
    ...grounds(scene, o),
    ...sourcesSVG(scene, o, n, escapeXML),
    ...capacitorsSVG(scene, o, n),
    ...(level.symbols && level.edges <= MOST.symbols ? symbols(scene, o) : []),
    ...(level.names && scene.N <= MOST.names ? names(scene, o) : []),
    ...roles(scene, o),
    ...nodes(scene, frame, o, level),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escapeXML(theme.font)}">`,
    `<rect width="100%" height="100%" fill="${theme.board}"/>`,
    `<g transform="translate(${n(viewport.x)} ${n(viewport.y)}) scale(${n(viewport.zoom)})">`,
    ...body,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}
