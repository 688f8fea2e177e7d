/** Asks for one draw after the other and paints what is left as a strip. */

import { el, put, setText } from "../../lib/dom.mjs";
import { DRAWS, dotsOf, drawsWords, isDrawn, ofDraw } from "./draws.mjs";

const SVG = "http://www.w3.org/2000/svg";

function pictureOf(values) {
  const { width, height, dots } = dotsOf(values);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `-4 -2 ${width + 8} ${height + 4}`);
  svg.setAttribute("aria-hidden", "true");
  for (const { x, y } of dots) {
    const dot = document.createElementNS(SVG, "circle");
    for (const [name, value] of Object.entries({ cx: x, cy: y, r: 2.2 })) dot.setAttribute(name, String(value));
    svg.append(dot);
  }
  return svg;
}

/** @param {{ask: (body: object, signal: AbortSignal) => Promise<any>, onError: (error: Error) => void}} parts */
export function createStrip({ ask, onError }) {
  const button = el("button", { type: "button", class: "button small", text: `Draw ${DRAWS} times`, on: { click: () => draw() } });
  const picture = el("div", { class: "draws-picture" });
  const words = el("p", { class: "note", role: "status" });
  const root = el("div", { class: "draws" }, button, picture, words);
  let wanted = null; // {epoch, faults, changes}
  let request = null;

  function stop() {
    request?.abort();
    request = null;
    button.disabled = false;
    put(picture);
    setText(words, "");
  }

  async function draw() {
    stop();
    const mine = (request = new AbortController());
    const { epoch, faults, changes } = wanted;
    const found = [];
    button.disabled = true;
    try {
      for (let k = 0; k < DRAWS; k++) {
        const answer = await ask({ epoch, faults: ofDraw(faults, changes, k) }, mine.signal);
        if (request !== mine) return;
        found.push({ value: answer.figures[answer.score], text: answer.after });
        put(picture, pictureOf(found.map(({ value }) => value)));
        setText(words, found.length < DRAWS ? `Draw ${found.length} of ${DRAWS}` : drawsWords(found));
      }
    } catch (error) {
      if (request === mine && error.name !== "AbortError") onError(error);
    } finally {
      if (request === mine) button.disabled = false;
    }
  }

  return {
    root,
    /** What would be drawn; other faults end what is under way. */
    show(body, changes) {
      const key = JSON.stringify(body);
      if (key === JSON.stringify(wanted && { epoch: wanted.epoch, faults: wanted.faults })) return;
      stop();
      wanted = { ...body, changes };
      root.hidden = !isDrawn(body.faults, changes);
    },
  };
}
