/** Loads plotly when the first plot needs it: its 4.8 MB would delay the first picture of the gallery. */

let waiting = null;

/** Resolves to the global Plotly; the page says in a meta element where it lies. */
export function loadPlotly() {
  waiting ??= new Promise((resolve, reject) => {
    if (globalThis.Plotly) return resolve(globalThis.Plotly);
    const script = document.createElement("script");
    script.src = document.querySelector('meta[name="plotly"]')?.getAttribute("content") ?? "";
    script.addEventListener("load", () => resolve(globalThis.Plotly));
    script.addEventListener("error", () => {
      waiting = null; // the server was away; the next plot asks again
      reject(new Error("The plots could not be loaded."));
    });
    document.head.append(script);
  });
  return waiting;
}
