/** Paints a layer's particles as a film: accelerate, candidate pairs, collisions, drift. */

import { createPlaces } from "../../lib/choices.mjs";
import { el, setText } from "../../lib/dom.mjs";
import { filmOf } from "../gas/film.mjs";
import { FilmPicture } from "../gas/film_picture.mjs";
import { booksOf, layerWords, planeWords, ruleWords, stageWords } from "../gas/words.mjs";
import { standing } from "../runs/standing.mjs";

export const roomy = true;

const MOST_PAIRS = 400; // that are stored of a round
const NONE = { place_0: { shape: [1, 0, 4], data: new Float32Array(0) }, motion_0: { shape: [1, 1, 0, 2], data: new Float32Array(0) } };

function createFilm(host, theme) {
  const chosen = { layer: 0, example: 0 };
  let view = null;
  let film = filmOf(NONE, 0, 0);
  const picture = new FilmPicture(theme, (round, { name }) => tell(round, name));
  const choose = (change) => {
    Object.assign(chosen, change);
    show();
  };
  const layers = createPlaces("Layer", (layer) => choose({ layer }));
  const examples = createPlaces("Example", (example) => choose({ example }));
  const [about, books] = [el("p", { class: "muted small view-note" }), el("p", { class: "muted small view-note" })];
  host.replaceChildren(el("div", { class: "view-controls" }, layers.root, examples.root, picture.button, picture.root), picture.canvas, books, about);

  function tell(round, name) {
    if (!view) return;
    const known = view.arrays.ledger ? booksOf(view.arrays.ledger, chosen.layer, round) : null;
    setText(books, stageWords({ round, name, rule: view.header.rule, pairs: film.rounds[round - 1], known }));
  }

  function show() {
    const { header, arrays } = view;
    const [layer, example] = [Math.min(chosen.layer, header.layers.length - 1), Math.min(chosen.example, header.examples - 1)];
    Object.assign(chosen, { layer, example });
    const own = header.layers[layer];
    layers.show(layer, header.layers.length, layerWords(layer, header.layers));
    examples.show(example, header.examples, `Example ${example + 1} of ${header.examples}`);
    film = filmOf(arrays, layer, example);
    const thinned = film.rounds.some(({ length }) => length === MOST_PAIRS) ? `, of the candidate pairs ${MOST_PAIRS} are shown` : "";
    setText(about, `${own.particles} particles of ${own.coordinates} ${own.coordinates === 1 ? "coordinate" : "coordinates"}, ${planeWords(own)}${thinned} · ${ruleWords(header)}`);
    picture.show(film);
  }

  return {
    /** @param {{header: any, arrays: any}} next */
    show(next) {
      view = next;
      show();
    },
  };
}

/**
 * @param {Element} host
 * @param {{header: object, arrays: object}} view
 * @param {{theme: () => object}} tools
 */
export function paint(host, view, { theme }) {
  standing(host, () => createFilm(host, theme)).show(view);
}
