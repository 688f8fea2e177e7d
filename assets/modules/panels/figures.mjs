/** Draws the figures that Python makes into their boxes, and keeps them as large as the boxes. */

import { loadPlotly } from "../lib/plotly.mjs";

const CONFIG = { displayModeBar: false, doubleClick: "reset", responsive: false };
const drawn = new Map(); // box id -> the element plotly draws into
const newest = new Map(); // box id -> the figure that was sent last

/**
 * Show a figure; of several sent while plotly loads or draws only the newest is drawn.
 * @param {string} id  of the box
 * @param {{data: object[], layout: object}} figure
 */
export async function showFigure(id, figure) {
  newest.set(id, figure);
  const plotly = await loadPlotly();
  if (newest.get(id) !== figure) return;
  await plotly.react(element(id, plotly), figure.data, { ...figure.layout, autosize: true }, CONFIG);
}

function element(id, plotly) {
  if (!drawn.has(id)) {
    const box = document.getElementById(id);
    const plot = document.createElement("div");
    plot.className = "figure";
    box.append(plot);
    drawn.set(id, plot);
    new ResizeObserver(() => {
      const visible = box.clientWidth > 0 && box.clientHeight > 0;
      if (visible && plot.classList.contains("js-plotly-plot")) plotly.Plots.resize(plot);
    }).observe(box);
  }
  return drawn.get(id);
}
