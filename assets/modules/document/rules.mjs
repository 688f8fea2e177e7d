/** What circuits of the general class must obey, in the words of the Python library; kinds are those of the server's registry. Pure. */

import { GENERAL_FORMAT, STARTS } from "./format.mjs";
import { CONTROL } from "./records.mjs";

/** Whether only the general class has this kind of device. */
export const isGeneral = (law) => law?.format === GENERAL_FORMAT;

/** The names of a kind's further terminals, the controlling device last. */
export const terminalNames = (law) => [...(law?.terminals ?? []), ...(law?.controlled ? [CONTROL] : [])];

const devicesOf = ({ slices }) => slices.flatMap((slice, s) => slice.devices.map((device, d) => ({ device, where: `slices[${s}].devices[${d}]` })));

/**
 * Why a circuit is of the general class, the first reason; "" in the fast class, whose nodes all have a capacitor or a
 * source and whose devices know only their two ends.
 * @param {{nodes: readonly any[], slices: readonly any[], start?: string}} state
 * @param {Record<string, any>} kinds
 */
export function generalReason(state, kinds) {
  const bare = state.nodes.find((node) => !node.drive && node.capacitance === 0);
  if (bare) return `a node without a capacitor, '${bare.id}'`;
  for (const { device: { id, kind, drive } } of devicesOf(state)) {
    if (isGeneral(kinds[kind])) return `a ${kinds[kind].title.toLowerCase()}, '${id}'`.replace("a ind", "an ind");
    if (drive) return `a waveform at the source '${id}'`;
  }
  return (state.start ?? STARTS[0]) === STARTS[0] ? "" : "a start at the operating point";
}

/** Breaches of one device, as {message, where, id}. */
function breachesOf(device, where, law) {
  if (law.expressed) return []; // only the server reads expressions
  if (device.expression) return [{ message: `device '${device.id}' is a ${device.kind}, which has no expression; leave it out`, where: `${where}.expression` }];
  const wanted = terminalNames(law);
  const found = [];
  for (const name of Object.keys(device.terminals ?? {})) {
    if (wanted.includes(name)) continue;
    const listed = wanted.length > 0 ? `those are ${wanted.join(", ")}` : "it has source and target only";
    found.push({ message: `a ${device.kind} has no terminal '${name}'; ${listed}`, where: `${where}.terminals.${name}` });
  }
  for (const name of wanted) {
    if (device.terminals?.[name] === undefined) found.push({ message: `device '${device.id}' needs the terminal '${name}'`, where: `${where}.terminals` });
  }
  if (device.drive && !law.waveform) {
    found.push({ message: `device '${device.id}' is a ${device.kind}, which has no waveform; leave the drive out`, where: `${where}.drive` });
  }
  return found;
}

/** Why the device that is to control another one cannot. */
function controlBreach(device, where, devices, kinds) {
  const name = device.terminals?.[CONTROL];
  if (name === undefined || !kinds[device.kind]?.controlled) return [];
  const control = devices.get(name);
  const place = `${where}.terminals.${CONTROL}`;
  if (!control) return [{ message: `device '${device.id}' is controlled by the current of '${name}', which does not exist; choose a voltage source`, where: place }];
  if (kinds[control.kind]?.measured) return [];
  return [{
    message: `device '${device.id}' is controlled by the current of '${name}', a ${control.kind}; a voltage source in series with it (0 V) measures its current`,
    where: place,
  }];
}

/** Every breach as {message, where, id}; kinds that the registry does not know are passed over. */
export function breaches(state, kinds) {
  const all = devicesOf(state);
  const devices = new Map(all.map(({ device }) => [device.id, device]));
  const reason = state.slices.length > 1 ? generalReason(state, kinds) : "";
  const joined = reason
    ? [{ message: `the circuit has ${reason} and ${state.slices.length} slices; such circuits have one slice, so join them or leave that part out`, where: "slices", id: null }]
    : [];
  return [
    ...all.flatMap(({ device, where }) => {
      const law = kinds[device.kind];
      const found = law ? [...breachesOf(device, where, law), ...controlBreach(device, where, devices, kinds)] : [];
      return found.map((breach) => ({ ...breach, id: device.id }));
    }),
    ...joined,
  ];
}
