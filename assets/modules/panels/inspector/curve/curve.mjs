/** The current-voltage curve of one device, with the operating point that moves in playback. */

import { CurveFamily } from "./curve_family.mjs";
import { CurvePicture } from "./curve_picture.mjs";
import { quantity } from "../../../lib/numbers.mjs";

const POINTS = 121;

/** What the curve is over. */
function captionOf({ difference, source, target, grounded, vd }, operating) {
  if (difference) return `voltage from ${source} to ${target} (V)`;
  const held = grounded ? "" : ` while ${target} is at ${quantity(operating?.vd ?? vd[0], "V", 2)}`;
  return `voltage at ${source} (V)${held}`;
}

/** One curve of a law over the voltage of its source; the interface counts voltages from the target on. */
async function fetchCurve(api, { kind, params, range: [low, high] }, vd) {
  const { v, i } = await api.curve({ kind, params, low: low - vd, high: high - vd, points: POINTS, v_d: vd });
  return { v: v.map((value) => value + vd), i };
}

/** Where an operating point stands over a law's voltage, null where it is not known. */
function placed({ difference }, at) {
  if (!at || ![at.i, at.vs, at.vd].every(Number.isFinite)) return null;
  return { v: difference ? at.vs - at.vd : at.vs, i: at.i };
}

/** @param {{api}} parts */
export function createCurve({ api }) {
  const picture = new CurvePicture();
  let law = null; // {kind, params, difference, range, vd: [low, high], source, target, grounded, key}
  let family = null;
  let asking = false;
  let operating = null;

  /** Show another device or other parameters. */
  function show(next) {
    const key = JSON.stringify([next.kind, next.params, next.range, next.vd]);
    if (law && key === law.key) {
      law = { ...next, key };
      if (family.curves.size > 0) drawLine(); // an end may be called otherwise
      return;
    }
    law = { ...next, key };
    family = new CurveFamily(law);
    ask();
  }

  /** Fetch the missing curves one after the other, nearest to the present voltage first. */
  async function ask() {
    if (asking) return;
    asking = true;
    while (family && !family.complete) {
      const mine = family;
      const level = mine.nearestMissing(operating?.vd);
      try {
        mine.add(level, await fetchCurve(api, law, mine.voltageOf(level)));
        if (family === mine) draw();
      } catch {
        if (family === mine) break; // the last curve stays; the next change asks again
      }
    }
    asking = false;
  }

  function draw() {
    picture.drawAxes(family.extent());
    drawLine();
    drawPoint();
  }

  const drawLine = () => picture.drawLine(family.at(operating?.vd), captionOf(law, operating));
  const drawPoint = () => picture.drawPoint(law && placed(law, operating));

  /** @param {{vs: number, vd: number, i: number}|null} at  the present state of the device */
  function operate(at) {
    operating = at;
    if (law && !law.difference && family.curves.size > 0) drawLine();
    drawPoint();
  }

  return { root: picture.root, show, operate };
}
