/** What the store of a workspace holds: the only thing its parts share. */

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
  };
}
