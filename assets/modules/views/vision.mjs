/** The card beside a circuit that looks at pictures: the image as voltages, and the answers as racing bars. */

import { answerNames } from "./blocks.mjs";
import { RAMP_HALF, rampOf } from "../paint/colours.mjs";
import { reveal } from "./card.mjs";
import { createPad } from "./pad.mjs";
import { gridOf, inputPicture, rampWords } from "./pictures.mjs";
import { visionCard } from "./vision_card.mjs";

const MOST_ANSWERS = 20;

/** What there is to show of a circuit: {picture, outputs, names, drawn}, or null. Pure. */
export function visionOf(scene, network) {
  const outputs = network ? network.outputs : [];
  if (!network) for (let n = 0; n < scene.N; n++) if (scene.role[n] === 2) outputs.push(n);
  const picture = network ? gridOf(scene, network.inputs) : inputPicture(scene);
  if (!picture || outputs.length < 2 || outputs.length > MOST_ANSWERS) return null;
  const drawn = Boolean(network?.id) && picture.rows === picture.columns && picture.rows >= 8;
  return { picture, outputs, names: answerNames(scene, outputs, network?.classes), drawn };
}

/** Largest magnitude of some nodes over all times, and whether any of them is ever below zero. Pure. */
export function reachOf(sim, ids) {
  if (!sim) return { range: 0, signed: false };
  let range = 0;
  let least = 0;
  for (const id of ids) {
    for (const value of sim.nodeSeries(id)) {
      if (Math.abs(value) > range && Math.abs(value) < Infinity) range = Math.abs(value);
      if (value < least) least = value;
    }
  }
  return { range, signed: least < -0.02 * range };
}

/** A network opens with the picture in its file; where that is blank it gets an example. */
function greet(pad, scene, cells) {
  const start = Float32Array.from(cells, (n) => scene.voltage[n]);
  if (start.some((value) => value !== 0)) pad.show(start);
  else pad.example(3);
}

/** @param {{container: HTMLElement, store, theme: function, onShown: (card: HTMLElement) => void}} parts */
export function createVision({ container, store, theme, onShown }) {
  const pad = createPad({ theme, onImage: (image) => store.set({ drawn: image }) });
  const { card, picture, answers, paintHead: writeHead } = visionCard(pad.element, pad.clear);
  container.append(card);
  let known = { scene: null, network: null, vision: null };
  let named = null; // the names that stand beside the bars, as text
  let reach = { sim: null, range: 0, signed: false };
  let words = { ramp: null, list: null };
  let shownKey = "";

  function prepare(scene) {
    const { network } = store.get();
    if (known.scene === scene && known.network === network) return;
    known = { scene, network, vision: visionOf(scene, network) };
    const { vision } = known;
    reach = { sim: null, range: 0, signed: false };
    if (!vision) return;
    picture.resize(vision.picture);
    pad.setSide(vision.picture.rows);
    if (vision.drawn) greet(pad, scene, vision.picture.cells);
    const names = JSON.stringify(vision.names);
    if (names !== named) answers.name(vision.names);
    named = names;
  }

  /** Called after each painted frame. */
  function update(scene, frame, { lane, range }) {
    prepare(scene);
    const { vision } = known;
    const { mode, network, sim } = store.get();
    if (!reveal(card, Boolean(vision) && (Boolean(network) || mode !== "build") && lane !== "adjoint", onShown)) return;
    paintHead(range, lane);
    if (!vision.drawn) picture.paint(vision.picture.cells, frame.v, range, words.list);
    paintAnswers(scene, frame, sim);
  }

  function paintHead(range, lane) {
    const { drawn, outputs } = known.vision;
    const ramp = rampOf(theme(), lane);
    if (words.ramp !== ramp) {
      words = { ramp, list: rampWords(ramp) };
      pad.paint();
    }
    const key = `${drawn}/${outputs.length}/${range}/${theme().name}`;
    if (key === shownKey) return;
    shownKey = key;
    const stops = [0, 0.25, 0.5, 0.75, 1].map((u) => ramp.fill[Math.round(u * 2 * RAMP_HALF)]);
    writeHead({ drawn, answers: outputs.length, range, stops });
  }

  function paintAnswers(scene, frame, sim) {
    const { outputs } = known.vision;
    if (reach.sim !== sim) reach = { sim, ...reachOf(sim, outputs.map((n) => scene.nodeIds[n])) };
    answers.paint(outputs.map((n) => frame.v[n]), reach);
  }

  return { update, element: card };
}
