/** What the server's registry says of the kinds of devices and of sources; nothing while it is not loaded. Pure. */

/** Default parameter values of a kind. */
export function defaultParams(registry, kind) {
  const law = registry?.devices?.[kind];
  return Object.fromEntries((law?.params ?? []).map((p) => [p.name, p.default]));
}

/** Parameters that devices lack, by id: those that were drawn before the registry was there. */
export function missingParams(registry, devices) {
  const lacking = devices.map(({ id, kind, params }) => {
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
