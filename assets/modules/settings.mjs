/** Solver, loss and target settings of one circuit: kept in the browser, never in the circuit file. */

export const DEFAULTS = Object.freeze({
  solver: "dopri5",
  steps: 200,
  rtol: 1e-6,
  atol: 1e-8,
  outputs: 201,
  adjoint: true,
  loss: "sum",
  targets: {},
  gradient: "discrete",
});

const KEY = (id) => `kd-settings-${id}`;
const STIFF_KINDS = new Set(["diode"]);

/** Settings stored for a circuit over the defaults; broken storage counts as none. */
export function loadSettings(id, storage = globalThis.localStorage) {
  try {
    const stored = JSON.parse(storage?.getItem(KEY(id)) ?? "{}");
    return { ...DEFAULTS, ...(stored && typeof stored === "object" ? stored : {}) };
  } catch {
    return { ...DEFAULTS };
  }
}

export function saveSettings(id, settings, storage = globalThis.localStorage) {
  const changed = Object.fromEntries(
    Object.entries(settings).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(DEFAULTS[key])),
  );
  try {
    storage?.setItem(KEY(id), JSON.stringify(changed));
  } catch {
    // a full or forbidden storage only loses the settings, never the circuit
  }
}

/**
 * What is sent with a request: the options this solver knows, targets of existing outputs only,
 * and a gradient method that the solver has.
 */
export function requestSettings(settings, circuit, registry) {
  const known = registry?.solvers?.[settings.solver];
  const solver = known ? settings.solver : DEFAULTS.solver;
  const names = (known?.params ?? []).map((param) => param.name);
  const outputs = circuit.nodes.filter((node) => node.role === "output" || node.role === "both").map((node) => node.id);
  const result = { solver, outputs: settings.outputs, adjoint: settings.adjoint && outputs.length > 0, loss: settings.loss };
  for (const name of names) if (settings[name] !== undefined) result[name] = settings[name];
  result.gradient = gradientOf(settings, registry);
  result.targets =
    settings.loss === "mse" ? Object.fromEntries(outputs.map((id) => [id, settings.targets[id] ?? 0])) : {};
  return result;
}

/** The chosen gradient method, or the first one that the solver has. */
export function gradientOf(settings, registry) {
  const able = registry?.solvers?.[settings.solver]?.gradients ?? [settings.gradient];
  return able.includes(settings.gradient) ? settings.gradient : able[0];
}

/** A circuit of stiff devices deserves an implicit solver when the user has not chosen one. */
export function suggestedSolver(circuit, registry) {
  const stiff = circuit.slices.some((slice) => slice.devices.some((device) => STIFF_KINDS.has(device.kind)));
  if (!stiff) return DEFAULTS.solver;
  return Object.entries(registry?.solvers ?? {}).find(([, solver]) => solver.implicit)?.[0] ?? DEFAULTS.solver;
}
