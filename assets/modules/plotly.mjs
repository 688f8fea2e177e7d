/** Waits for plotly, which Dash loads for its graphs after the page stands; nothing else waits for it. */

const LOOK_MS = 60;
let waiting = null;

/** Resolves to the global Plotly once Dash has loaded it. */
export function loadPlotly() {
  waiting ??= new Promise((resolve) => {
    const look = () => (globalThis.Plotly ? resolve(globalThis.Plotly) : setTimeout(look, LOOK_MS));
    look();
  });
  return waiting;
}
