/** The examples of the front page: a card for each, with a drawing of it. */

import { createDigitPicture } from "../views/digit_picture.mjs";
import { byId, el, put } from "../lib/dom.mjs";
import { count } from "../lib/numbers.mjs";
import { createStage } from "../views/stage.mjs";

const WAITING = 4; // cards before it is known how many there are

/** Nodes, devices and, where a file states it, how well an example does. Pure. */
export const sizeText = ({ nodes, devices, score }) =>
  [count(nodes, "node"), count(devices, "device"), ...(score ? [score] : [])].join(", ");

function cardOf(item, thumbnail, open) {
  return el(
    "button",
    { type: "button", class: "card", on: { click: () => open(item) } },
    thumbnail,
    el("span", { class: "card-title", text: item.title }),
    el("span", { class: "card-text", text: item.text }),
    el("span", { class: "card-size", text: sizeText(item) }),
  );
}

/**
 * @param {{api, theme: () => string, symbols: () => object, openCircuit: (circuit: object, settings: object, exampleId: string) => void, openNetwork: (id: string) => void}} parts
 */
export function createExampleCards({ api, theme, symbols, openCircuit, openNetwork }) {
  const root = byId("gallery-list");
  const pictures = [];
  const known = new Map(); // answers with the circuit of an example, by its id

  /** Before the examples are known. */
  function wait() {
    put(root, Array.from({ length: WAITING }, () => el("div", { class: "card card-waiting", "aria-hidden": "true" })));
  }

  /** Shows a card for each example at once; what is returned draws the pictures on them. */
  function show(items) {
    const thumbnails = items.map(() => el("div", { class: "card-picture" }));
    put(root, items.map((item, k) => cardOf(item, thumbnails[k], open)));
    return () => Promise.all(items.map((item, k) => draw(item, thumbnails[k])));
  }

  async function draw(item, thumbnail) {
    if (item.network) {
      pictures.push(createDigitPicture(thumbnail, { theme }));
      return;
    }
    const answer = await api.galleryDrawing(item.id).catch(() => null);
    if (!answer) return;
    known.set(item.id, answer);
    const stage = createStage(thumbnail, { theme, symbols, margin: 16 });
    stage.show(answer.circuit);
    pictures.push(stage);
  }

  async function open(item) {
    if (item.network) return openNetwork(`example-${item.id}`);
    const { circuit, settings } = known.get(item.id) ?? (await api.galleryDrawing(item.id));
    return openCircuit(circuit, settings, item.id);
  }

  return { wait, show, repaint: () => pictures.forEach((picture) => picture.repaint()) };
}
