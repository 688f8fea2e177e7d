/** What the store of a workspace holds: the only thing its parts share. */

/** What a question to the server is before it is asked. */
export const UNASKED = Object.freeze({ state: "none", answer: null, message: "", key: "" });

/** What a response is asked for: a source (else one that moves), nodes (else the outputs), a range [Hz] (else by the poles). */
export const ANY_RESPONSE = Object.freeze({ source: null, nodes: null, low: null, high: null });

/** The state a workspace starts with. */
export function initialState() {
  return {
    doc: null,
    circuitId: null,
    revision: 0,
    selection: { nodes: [], devices: [] },
    hover: null,
    tool: "select",
    mode: "build",
    theme: "light",
    lane: "voltages",
    sim: null,
    simState: "none",
    simError: null,
    time: 0,
    playing: false,
    direction: 1,
    speed: 1,
    loop: true,
    probes: [],
    currentGain: 1,
    capacitors: false, // those of nodes to ground are drawn
    plots: false, // small plots beside nodes
    portraits: false, // voltages of nodes over the plane of two inputs, beside them
    inputPlane: null, // those voltages, a decoded container
    voltageRange: null,
    run: null,
    readOnly: false,
    saved: "saved",
    server: "ready",
    registry: null,
    slice: 0,
    problems: [],
    network: null,
    drawn: null,
    plane: null,
    settings: null,
    broken: null, // {run, devices, nodes}: what is broken of the circuit of a run
    dockView: "time", // or "frequency", "table"
    looksAtRest: false,
    rest: UNASKED,
    response: UNASKED,
    sweep: ANY_RESPONSE,
  };
}
