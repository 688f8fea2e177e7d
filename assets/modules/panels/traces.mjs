/** Chooses what the scope shows and makes its figures from a trajectory. Pure. */

export const MOST_TRACES = 50;
const ACTIVE_TRACES = 5;

/** Ten hues that stay apart on light and dark grounds. */
export const TRACE_COLOURS = {
  light: ["#4560e6", "#d9480f", "#12875c", "#9c36b5", "#b8860b", "#0c8599", "#d6336c", "#5c7a17", "#7048e8", "#6b7280"],
  dark: ["#8ea2ff", "#ff922b", "#4cc38f", "#da77f2", "#e8c14a", "#4dd0e1", "#f783ac", "#a9d156", "#b197fc", "#aab2bf"],
};

/**
 * Nodes or devices to draw: what is pinned and selected, else what moves most.
 * @returns {{what: "nodes"|"devices", ids: string[], chosen: boolean}}
 */
export function chooseTraces({ sim, lane, selection, probes, doc }) {
  const knownNode = (id) => sim.nodeIndex.has(id);
  const knownDevice = (id) => sim.deviceIndex.has(id);
  const pinned = probes.filter(knownNode);
  const devices = selection.devices.filter(knownDevice);
  const nodes = selection.nodes.filter(knownNode);
  const unique = (ids) => [...new Set(ids)].slice(0, MOST_TRACES);
  if (lane === "currents") {
    const wanted = devices.length > 0 ? devices : attached(doc, nodes).filter(knownDevice);
    if (wanted.length > 0) return { what: "devices", ids: unique(wanted), chosen: true };
    return { what: "devices", ids: sim.mostActive("devices", lane, ACTIVE_TRACES).map((k) => sim.deviceIds[k]), chosen: false };
  }
  const ends = nodes.length === 0 && pinned.length === 0 ? endsOf(doc, devices).filter(knownNode) : [];
  const wanted = unique([...pinned, ...nodes, ...ends]);
  if (wanted.length > 0) return { what: "nodes", ids: wanted, chosen: true };
  return { what: "nodes", ids: sim.mostActive("nodes", lane, ACTIVE_TRACES).map((k) => sim.nodeIds[k]), chosen: false };
}

function attached(doc, nodes) {
  return doc ? nodes.flatMap((id) => doc.devicesAt(id).map((device) => device.id)) : [];
}

function endsOf(doc, devices) {
  if (!doc) return [];
  return devices.flatMap((id) => {
    const device = doc.device(id);
    return device ? [device.source, device.target] : [];
  });
}

/** Axis title and unit of a lane. dL/dv of a summed voltage has no unit; of a squared error it is a voltage. */
export function axisOf(lane, what, loss = "sum") {
  if (lane === "adjoint") {
    const unit = loss === "mse" ? "V" : "";
    return what === "devices"
      ? { title: "Adjoint current", unit }
      : { title: unit ? `∂L/∂v (${unit})` : "∂L/∂v", unit, name: "λ" };
  }
  return what === "devices" ? { title: "Current (A)", unit: "A" } : { title: "Voltage (V)", unit: "V" };
}

/** A colour for every id that an id keeps as long as it is shown. */
export function createColours() {
  const slots = new Map();
  return function assign(ids, theme) {
    for (const id of [...slots.keys()]) if (!ids.includes(id)) slots.delete(id);
    const used = new Set(slots.values());
    let next = 0;
    for (const id of ids) {
      if (slots.has(id)) continue;
      while (used.has(next) && used.size < TRACE_COLOURS.light.length) next += 1;
      const slot = used.has(next) ? slots.size : next;
      slots.set(id, slot);
      used.add(slot);
    }
    const palette = TRACE_COLOURS[theme] ?? TRACE_COLOURS.light;
    return new Map(ids.map((id) => [id, palette[slots.get(id) % palette.length]]));
  };
}

/** Plotly traces of the chosen nodes or devices. */
export function lineTraces(sim, lane, choice, colours) {
  const x = Array.from(sim.t);
  return choice.ids.map((id) => ({
    type: "scatter",
    mode: "lines",
    name: id,
    x,
    y: Array.from(choice.what === "nodes" ? sim.nodeSeries(id, lane) : sim.deviceSeries(id, lane)),
    line: { color: colours.get(id), width: 1.8 },
    hoverinfo: "skip",
    connectgaps: false,
  }));
}

/** Plotly heat map of every node (or device) over time, neutral exactly at zero. */
export function heatTraces(sim, lane, what, { negative, neutral, positive }) {
  const width = what === "nodes" ? sim.N : sim.E;
  const ids = what === "nodes" ? sim.nodeIds : sim.deviceIds;
  const name = what === "nodes" ? (lane === "adjoint" ? "adjoint_voltages" : "voltages") : lane === "adjoint" ? "adjoint_currents" : "currents";
  const data = sim.array(name);
  const z = [];
  let most = 0;
  for (let j = 0; j < width; j += 1) {
    const row = new Float32Array(sim.T);
    for (let k = 0; k < sim.T; k += 1) {
      const value = data[k * width + j];
      row[k] = value;
      const size = Math.abs(value);
      if (size > most && size < Infinity) most = size;
    }
    z.push(row);
  }
  const limit = most || 1;
  return {
    limit,
    ids,
    traces: [
      {
        type: "heatmap",
        x: Array.from(sim.t),
        y: ids.map((_, k) => k),
        z,
        zmin: -limit,
        zmax: limit,
        zmid: 0,
        colorscale: [[0, negative], [0.5, neutral], [1, positive]],
        showscale: false,
        hoverinfo: "skip",
      },
    ],
  };
}

/** Plotly layout shared by both views; `colours` are read from the style sheet. */
export function scopeLayout({ axis, duration, range, colours, heat }) {
  const grid = { gridcolor: colours.line, linecolor: colours.line, tickcolor: colours.line, zerolinecolor: colours.strong, tickfont: { size: 11, color: colours.muted } };
  const title = (text) => ({ text, font: { size: 11, color: colours.muted }, standoff: 6 });
  /** @type {Record<string, any>} */
  const layout = {
    autosize: true,
    showlegend: false,
    margin: { l: 64, r: 10, t: 8, b: 38 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: colours.font, color: colours.muted, size: 11 },
    dragmode: false,
    xaxis: { ...grid, title: title("Time (s)"), range: range ?? [0, duration], zeroline: false, nticks: 9, exponentformat: "SI" },
    yaxis: { ...grid, title: title(axis.title), autorange: true, zeroline: true, nticks: 6, exponentformat: "SI" },
  };
  if (heat) {
    const every = Math.max(1, Math.ceil(heat.ids.length / 12));
    const shown = heat.ids.map((_, k) => k).filter((k) => k % every === 0);
    Object.assign(layout.yaxis, { autorange: false, range: [heat.ids.length - 0.5, -0.5], zeroline: false, showgrid: false, tickvals: shown, ticktext: shown.map((k) => heat.ids[k]), title: title("") });
    layout.xaxis.showgrid = false;
  }
  return layout;
}

/** CSV text: one line a sample, units in the head. */
export function tracesCsv(sim, lane, choice, axis) {
  const unit = axis.unit ? ` [${axis.unit}]` : "";
  const columns = choice.ids.map((id) => (choice.what === "nodes" ? sim.nodeSeries(id, lane) : sim.deviceSeries(id, lane)));
  const lines = [["t [s]", ...choice.ids.map((id) => `${id}${unit}`)].map(quote).join(",")];
  for (let k = 0; k < sim.T; k += 1) {
    lines.push([sim.t[k], ...columns.map((column) => column[k])].map((value) => (Number.isFinite(value) ? Number(value.toPrecision(7)) : "")).join(","));
  }
  return `${lines.join("\n")}\n`;
}

/** Ids may start with a character that a spreadsheet takes for a formula. */
function quote(text) {
  const safe = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
