/** What the server's registry says of the kinds of devices; nothing while it is not loaded. Pure. */

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

/** SVG path texts of the symbols, by kind. */
export const symbolsOf = (registry) =>
  Object.fromEntries(Object.entries(registry?.devices ?? {}).map(([kind, law]) => [kind, law.symbol]));
