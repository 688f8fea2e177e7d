/** The elements of a page that plays by itself, under the names that the studio's own parts look for. */

import { el } from "../lib/dom.mjs";

const LANES = [["voltages", "Voltages"], ["currents", "Currents"], ["adjoint", "Adjoint λ"]];
const CORNERS = [["legend", "bottom-left"], ["minimap", "top-right"]];

const board = () => el("div", { id: "board", role: "application", tabindex: "0", "aria-label": "Circuit board" },
  CORNERS.map(([name, place]) => el("div", { id: `board-${name}`, class: `board-corner ${place}` })));

/** Only lanes that were recorded are offered. */
function laneSwitch({ currents, adjoint }) {
  const known = LANES.filter(([lane]) => lane === "voltages" || (lane === "currents" && currents) || (lane === "adjoint" && adjoint));
  return el("div", { id: "lane-switch", class: "segments", role: "group", "aria-label": "Lane", hidden: known.length < 2 },
    known.map(([lane, text]) => el("button", { type: "button", class: "segment", text, "aria-pressed": "false", dataset: { command: "lane", argument: lane } })));
}

const figures = (rows) => el("dl", { class: "page-figures" },
  rows.map(({ title, text }) => el("div", {}, el("dt", { text: title }), el("dd", { text }))));

/**
 * @param {any} words  of the payload
 * @param {{currents: boolean, adjoint: boolean}} lanes  that are there
 */
export function skeleton(words, lanes) {
  const run = words.epochs?.length > 0;
  return el("div", { id: "page", dataset: { kind: words.kind } },
    el("header", { class: "page-head" },
      el("div", { class: "page-words" }, el("h1", { text: words.title }), el("p", { class: "muted", text: words.about })),
      figures(words.figures ?? []),
      el("div", { class: "page-tools" },
        el("button", { type: "button", class: "icon-button", "aria-label": "Fit to view", title: "Fit to view (F)", dataset: { command: "fit" } }, el("span", { class: "icon icon-fit", "aria-hidden": "true" })),
        el("button", { type: "button", class: "icon-button", "aria-label": "Light or dark", title: "Light or dark (T)", dataset: { command: "theme" } }, el("span", { class: "icon icon-theme", "aria-hidden": "true" })))),
    board(),
    el("footer", { id: "dock" },
      el("div", { id: "dock-bar" }, el("div", { id: "transport" }), laneSwitch(lanes)),
      run ? el("div", { id: "epoch-bar" }) : null,
      el("div", { class: "page-plots" }, el("div", { id: "scope" }), run ? el("div", { id: "run-plots" }) : null),
      words.note ? el("p", { class: "page-note doubt", text: words.note }) : null,
      el("p", { id: "toast", class: "page-note", role: "status" })),
  );
}
