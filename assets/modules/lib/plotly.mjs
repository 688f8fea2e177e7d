/** Loads plotly when the first figure needs it: its 4.8 MB would delay everything else. */

import { lateScript } from "./late.mjs";

/** Resolves to the global Plotly; the page says in a meta element where it lies. */
export const loadPlotly = lateScript(
  () => document.querySelector('meta[name="plotly"]')?.getAttribute("content") ?? "",
  () => globalThis.Plotly,
  "The plots could not be loaded.",
);
