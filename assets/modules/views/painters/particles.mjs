/** Paints the gas of a KITINet: one collision of a layer as a film, and what it kept. */

import { createPlaces } from "../../lib/choices.mjs";
import { el, setText } from "../../lib/dom.mjs";
import { number } from "../../lib/numbers.mjs";
import { gasOf, wayAt } from "../runs/film.mjs";
import { paintFilm } from "../runs/film_paint.mjs";
import { PlayedPicture } from "../runs/played_picture.mjs";
import { standing } from "../runs/standing.mjs";

export const roomy = true;

const RULES = { matched: "disjoint pairs", allpairs: "all pairs", mean_field: "the mean of all", published: "the published rule" };

/** "24 particles of 16 coordinates, seen along two axes (78.0 % of it); 9 of 12 pairs collide" */
export function gasWords({ particles, coordinates, groups, explained, pairs }) {
  const met = pairs.filter(({ accepted }) => accepted).length;
  const seen = coordinates > 2 ? `, seen along two axes (${number(100 * explained)} % of it)` : "";
  const first = groups > 1 ? ` in the first of ${groups} groups` : "";
  return `${particles} particles of ${coordinates} coordinates${first}${seen}; ${met} of ${pairs.length} pairs collide`;
}

/** What the rule of the training keeps, beside the published one. */
export function bookWords({ rule, coll, motion, books }) {
  const own = `Training: ${RULES[rule] ?? rule}, c = ${number(coll)}${motion === "gradients" ? ", of gradients" : ""}`;
  return [
    `${own}: energy × ${books.energy.toFixed(4)}, momentum off by ${number(books.momentum)}`,
    `Published rule, c = 0.9: energy × ${number(books.publishedEnergy)}, momentum off by ${number(books.publishedMomentum)}`,
    "The film shows one round of disjoint pairs. Rings: where evaluation leads, without collisions.",
  ];
}

function create(host, { theme, look }) {
  let [view, layer] = [null, 0];
  const film = new PlayedPicture({
    label: "Particles of a layer that pair, collide and drift", what: "the film", seconds: 9, wayAt,
    paint: (brush, gas, size, way) => paintFilm(brush, gas, size, way, { theme: theme(), series: look().series }),
  });
  const layers = createPlaces("Layer", (next) => {
    layer = next;
    show();
  });
  const words = el("span", { class: "muted small view-words" });
  const books = el("p", { class: "muted small film-books" });
  const controls = el("div", { class: "view-controls" }, film.button, layers.root, words);
  host.replaceChildren(controls, el("div", { class: "film" }, film.canvas, books));

  function show() {
    const count = view.header.particles.length;
    layer = Math.min(layer, count - 1);
    const gas = gasOf(view, layer);
    layers.show(layer, count, `Layer ${layer + 1} of ${count}`);
    setText(words, gasWords(gas));
    books.replaceChildren(...bookWords(gas).map((text) => el("span", { text })));
    film.show(gas);
  }

  return {
    /** @param {{header: object, arrays: object}} next */
    show(next) {
      view = next;
      show();
    },
  };
}

/**
 * @param {Element} host
 * @param {{header: object, arrays: object}} view
 * @param {object} tools
 */
export function paint(host, view, tools) {
  standing(host, () => create(host, tools)).show(view);
}
