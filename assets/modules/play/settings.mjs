/** Solver, loss and target settings of one circuit: kept in the browser, never in the circuit file. */

/** Tolerances and steps are not among them: a solver's class states its own. */
export const DEFAULTS = Object.freeze({
  solver: "auto",
  outputs: 201,
  adjoint: true,
  loss: "sum",
  targets: {},
  gradient: "discrete",
});

const KEY = (id) => `kd-settings-${id}`;

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

/** The chosen solver, else the default, else the first that chooses its own steps. */
export function solverOf(settings, registry) {
  const known = registry?.solvers;
  if (!known || known[settings.solver]) return settings.solver;
  if (known[DEFAULTS.solver]) return DEFAULTS.solver;
  return Object.keys(known).find((name) => known[name].adaptive) ?? Object.keys(known)[0];
}

/**
 * What is sent with a request: the options this solver knows, targets of existing outputs only,
 * and a gradient method that the solver has.
 */
export function requestSettings(settings, circuit, registry) {
  const solver = solverOf(settings, registry);
  const names = (registry?.solvers?.[solver]?.params ?? []).map((param) => param.name);
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
  const able = registry?.solvers?.[solverOf(settings, registry)]?.gradients ?? [settings.gradient];
  return able.includes(settings.gradient) ? settings.gradient : able[0];
}
