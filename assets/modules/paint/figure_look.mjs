/** The look that all plots share: fine lines, no boxes, the page's colours. Pure. */

/** Fine lines, no boxes, the studio's font and colours. */
export function dressed(layout, look) {
  const clear = "rgba(0,0,0,0)";
  const base = {
    gridcolor: look.grid, zeroline: false, linecolor: look.line, tickfont: { color: look.muted }, showline: true, ticks: "", automargin: false,
  };
  const axis = (own) => ({ ...base, ...own, title: { ...own.title, font: { size: 11 }, standoff: 6 } });
  const dressedAxes = Object.fromEntries(Object.entries(layout).map(([key, own]) => [key, /^[xy]axis/.test(key) ? axis(own) : own]));
  return {
    paper_bgcolor: clear, plot_bgcolor: clear, margin: { l: 52, r: 14, t: 22, b: 36 },
    font: { family: look.font, size: 11, color: look.muted },
    hoverlabel: { bgcolor: look.surface, bordercolor: look.line, font: { family: look.font, size: 12, color: look.text } },
    legend: { orientation: "h", x: 0, y: 1.02, xanchor: "left", yanchor: "bottom", bgcolor: clear, font: { size: 11, color: look.muted } },
    ...dressedAxes,
  };
}

/** Colours of the style sheets, which plotly cannot read by itself. */
export function figureLook(style, series) {
  const get = (name) => style.getPropertyValue(name).trim();
  return {
    text: get("--text"), muted: get("--muted"), grid: get("--line"), line: get("--line-strong"), surface: get("--surface"),
    accent: get("--accent"), warm: get("--positive"), font: get("--font"), series,
  };
}
