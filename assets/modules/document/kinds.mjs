/** What the server's registry says of the kinds of devices and of sources; nothing while it is not loaded. Pure. */

import { CONTROL, CircuitError, GROUND } from "./records.mjs";
import { terminalNames } from "./rules.mjs";

/** Default parameter values of a kind. */
export function defaultParams(registry, kind) {
  const law = registry?.devices?.[kind];
  if (law?.expressed) return { ...law.expressed.params };
  return Object.fromEntries((law?.params ?? []).map((p) => [p.name, p.default]));
}

/** Whether a kind follows the current of a device, and none is there whose current is known. */
export const lacksControl = (registry, kind, devices) =>
  Boolean(registry?.devices?.[kind]?.controlled) && !devices.some((device) => registry.devices[device.kind]?.measured);

/**
 * What a new device of a kind has: its parameters, its terminals at ground until they are chosen, the first device whose
 * current can control it, and the format of files that know it.
 * @param {any} registry
 * @param {string} kind
 * @param {readonly any[]} devices  that are there
 * @throws {CircuitError} where nothing can control it
 */
export function outfitOf(registry, kind, devices) {
  const law = registry?.devices?.[kind];
  const names = terminalNames(law);
  const measured = devices.find((device) => registry.devices[device.kind]?.measured);
  if (lacksControl(registry, kind, devices)) {
    throw new CircuitError(`a ${law.title.toLowerCase()} follows the current of a voltage source, and there is none yet: draw one first`);
  }
  const terminals = Object.fromEntries(names.map((name) => [name, name === CONTROL ? measured.id : GROUND]));
  return {
    params: defaultParams(registry, kind), terminals: names.length > 0 ? terminals : undefined, format: law?.format,
    ...(law?.expressed ? { expression: law.expressed.usual } : {}),
  };
}

/** Parameters that devices lack, by id: those that were drawn before the registry was there. */
export function missingParams(registry, devices) {
  const lacking = devices.filter(({ expression }) => !expression).map(({ id, kind, params }) => {
    const missing = Object.entries(defaultParams(registry, kind)).filter(([name]) => !(name in params));
    return [id, Object.fromEntries(missing)];
  });
  return Object.fromEntries(lacking.filter(([, params]) => Object.keys(params).length > 0));
}

/** SVG path texts of the symbols by kind of device, and by `waveform:` and the kind of a source. */
export const symbolsOf = (registry) => Object.fromEntries([
  ...Object.entries(registry?.devices ?? {}).map(([kind, law]) => [kind, law.symbol]),
  ...Object.entries(registry?.waveforms ?? {}).map(([kind, { symbol }]) => [`waveform:${kind}`, symbol]),
]);

/**
 * A source of a kind: what an earlier one had under the same names stays, the rest is the waveform's own.
 * @param {any} registry
 * @param {string} kind
 * @param {any} before
 */
export function driveOf(registry, kind, before = null) {
  const form = registry?.waveforms?.[kind];
  const usual = [...(form?.params ?? []), ...(form?.lists ?? [])].map(({ name, default: value }) => [name, value]);
  return { kind, params: Object.fromEntries(usual.map(([name, value]) => [name, before?.params?.[name] ?? value])) };
}

/** What changes of a node that a source holds from now on, or its capacitor again: a driven one has no role. */
export const heldBy = (drive) => (drive ? { drive, role: "hidden" } : { drive: undefined });
