/** Draws the figures that Python makes into their boxes once they are seen, and keeps them as large as the boxes. */

import { loadPlotly } from "../lib/plotly.mjs";

const CONFIG = { displayModeBar: false, doubleClick: "reset", responsive: false };
const places = new Map(); // box id -> {box, plot, figure: the one sent last, drawn: the one on show}

/**
 * Show a figure; of several sent while plotly loads or draws, or while the box is hidden, only the newest is drawn.
 * @param {string} id  of the box
 * @param {{data: object[], layout: object}} figure
 */
export async function showFigure(id, figure) {
  if (!places.has(id)) places.set(id, createPlace(document.getElementById(id)));
  const place = places.get(id);
  place.figure = figure;
  await bring(place);
}

const LEAST_ROOM = 64; // pixels; where margins take all of it plotly writes places that are no numbers

/** In sight, and with room for more than the margins. */
const isSeen = (box) => box.getClientRects().length > 0 && Math.min(box.clientWidth, box.clientHeight) >= LEAST_ROOM;

/** A figure that nobody sees waits, and plotly's 4.8 MB with it. */
async function bring(place) {
  const { box, plot, figure } = place;
  if (!isSeen(box)) return;
  const plotly = await loadPlotly();
  if (place.figure !== figure || place.drawn === figure) return;
  place.drawn = figure;
  await plotly.react(plot, figure.data, { ...figure.layout, autosize: true }, CONFIG);
}

function createPlace(box) {
  const plot = document.createElement("div");
  plot.className = "figure";
  box.append(plot);
  const place = { box, plot, figure: null, drawn: null };
  new ResizeObserver(() => follow(place)).observe(box);
  return place;
}

/** The box came into sight, or has another size. */
async function follow(place) {
  const { box, plot, figure, drawn } = place;
  if (drawn !== figure) await bring(place).catch(() => {}); // the server was away; the next look asks again
  else if (isSeen(box) && plot.classList.contains("js-plotly-plot")) {
    (await loadPlotly()).Plots.resize(plot);
  }
}
