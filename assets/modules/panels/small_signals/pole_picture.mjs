/** The complex plane with the poles of a circuit: crosses, left of the vertical axis where they fade. */

import { put, svg } from "../../lib/dom.mjs";
import { planeOf } from "./pole_plane.mjs";
import { poleSentence, poleText } from "./words.mjs";

const WIDTH = 300;
const HEIGHT = 150;
const EDGE = { left: 44, right: 8, top: 8, bottom: 30 };
const INNER = { width: WIDTH - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
const BOTTOM = HEIGHT - EDGE.bottom;
const ARM = 4.5;

const left = (share) => EDGE.left + share * INNER.width;
const top = (share) => BOTTOM - share * INNER.height;

export function createPolePicture() {
  const root = svg("svg", { class: "curve poles", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "Poles in the complex plane" });
  let shown = null;

  /** @param {object[]} poles */
  function show(poles) {
    if (shown === poles) return;
    shown = poles;
    root.toggleAttribute("hidden", poles.length === 0);
    const { marks, zero, xTicks, yTicks, linear } = planeOf(poles);
    put(root,
      svg("rect", { class: "poles-growing", x: left(zero), y: EDGE.top, width: left(1) - left(zero), height: INNER.height }),
      yTicks.map(({ at, text }) => tick(`M${EDGE.left} ${top(at)}H${left(1)}`, { x: EDGE.left - 5, y: top(at) + 3.5, "text-anchor": "end", text })),
      xTicks.map(({ at, text }) => tick(`M${left(at)} ${EDGE.top}V${BOTTOM}`, { x: left(at), y: BOTTOM + 12, "text-anchor": "middle", text })),
      marks.map((mark) => cross(mark, poles[mark.place])),
      svg("text", { class: "curve-caption", x: left(0.5), y: HEIGHT - 3, "text-anchor": "middle", text: `real and imaginary part (1/s)${linear ? "" : ", logarithmic"}` }),
    );
  }

  return { root, show };
}

/** A line of the grid and its number; those of 0 are the axes. */
const tick = (d, label) => [svg("path", { class: label.text === "0" ? "axis" : "rule", d }), svg("text", label)];

function cross({ x, y }, pole) {
  const [a, b] = [left(x), top(y)];
  return svg("path", { class: pole.real > 0 ? "pole grows" : "pole", d: `M${a - ARM} ${b - ARM}l${2 * ARM} ${2 * ARM}m0 ${-2 * ARM}l${-2 * ARM} ${2 * ARM}` },
    svg("title", { text: `${poleText(pole)} 1/s: ${poleSentence(pole)}` }));
}
