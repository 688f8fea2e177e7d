/** Computes the figures and conditions of lessons from the open circuit and its trajectory. Pure. */

const GROUND = "gnd";

/**
 * @typedef {{n?: number, w?: string, f?: string, o?: string, a?: any[], within?: number, share?: boolean}} Tree
 *   as designer/lessons/expressions.py makes it
 * @typedef {{state: any, run: {accuracy: number, epochs: number}}} World  the store's state; what is known of the followed run
 */

/** Names of figures that need the answer to the circuit as it is now. */
const SIMULATED = new Set(["v", "q", "rate", "lambda", "i", "adjoint_current", "heat", "gradient", "gathered", "energy", "charge", "loss"]);

/** Whether a tree speaks of the trajectory. */
export const isSimulated = (/** @type {Tree} */ tree) => SIMULATED.has(tree.f ?? "") || (tree.a ?? []).some(isSimulated);

/** Whether a tree speaks of a training run. */
export const isOfRun = (/** @type {Tree} */ tree) => ["accuracy", "epochs"].includes(tree.f ?? "") || (tree.a ?? []).some(isOfRun);

const yes = (/** @type {boolean} */ truth) => (truth ? 1 : 0);
const nodeOf = ({ state }, id) => state.doc?.node(id);
const deviceOf = ({ state }, id) => state.doc?.device(id);

function voltage({ state }, id, time) {
  return id === GROUND ? 0 : state.sim?.valueAt(id, time, "voltages") ?? NaN;
}

const charge = (world, id, time) => (nodeOf(world, id)?.capacitance ?? NaN) * voltage(world, id, time);
const current = ({ state }, id, time) => state.sim?.deviceValueAt(id, time, "currents") ?? NaN;

/** What a device gives to a node [A]: 0 outside its slice; a sensed source gives nothing. */
function given(world, device, id, time) {
  const found = current(world, device.id, time);
  const i = Number.isNaN(found) ? 0 : found;
  const senses = world.state.registry?.devices?.[device.kind]?.one_sided;
  return (device.target === id ? i : 0) - (device.source === id && !senses ? i : 0);
}

/** dv/dt of a node by Kirchhoff's current law [V/s]. */
function rate(world, id, time) {
  const node = nodeOf(world, id);
  if (!node || !world.state.sim) return NaN;
  return world.state.doc.devicesAt(id).reduce((sum, device) => sum + given(world, device, id, time), 0) / node.capacitance;
}

/** Integral of i (v_s - v_d) over the whole time, by the trapezoidal rule [J]. */
function heat(world, id) {
  const { sim } = world.state;
  const device = deviceOf(world, id);
  if (!sim || !device) return NaN;
  const power = Array.from(sim.t, (time) => current(world, id, time) * (voltage(world, device.source, time) - voltage(world, device.target, time)));
  let sum = 0;
  for (let k = 1; k < power.length; k += 1) {
    const step = ((power[k] + power[k - 1]) / 2) * (sim.t[k] - sim.t[k - 1]);
    if (!Number.isNaN(step)) sum += step; // NaN outside the device's slice
  }
  return sum;
}

const total = (world, part) => (world.state.doc?.nodes ?? []).reduce((sum, node) => sum + part(node), 0);
const sliceOf = ({ state }, k) => state.doc?.slices[k - 1];

const OF_ELEMENTS = {
  v: voltage,
  q: charge,
  rate,
  lambda: ({ state }, id, time) => state.sim?.valueAt(id, time, "adjoint") ?? NaN,
  start: (world, id) => nodeOf(world, id)?.voltage ?? NaN,
  capacitance: (world, id) => nodeOf(world, id)?.capacitance ?? NaN,
  i: current,
  adjoint_current: ({ state }, id, time) => state.sim?.deviceValueAt(id, time, "adjoint") ?? NaN,
  heat,
  param: (world, id, name) => deviceOf(world, id)?.params?.[name] ?? NaN,
  gradient: ({ state }, id, name) => state.sim?.gradient(id, name) ?? NaN,
  gathered: ({ state }, id, name, time) => state.sim?.gradientAt(id, name, time) ?? NaN,
};

const OF_THE_WHOLE = {
  energy: (world, time) => total(world, ({ id, capacitance }) => (capacitance * voltage(world, id, time) ** 2) / 2),
  charge: (world, time) => total(world, ({ id }) => charge(world, id, time)),
  loss: ({ state }) => state.sim?.header.loss ?? NaN,
  nodes: ({ state }) => state.doc?.nodes.length ?? NaN,
  devices: (world, k) => (k === undefined ? world.state.doc?.devices : sliceOf(world, k)?.devices)?.length ?? NaN,
  slices: ({ state }) => state.doc?.slices.length ?? NaN,
  duration: (world, k) => (k === undefined ? world.state.sim?.duration : sliceOf(world, k)?.duration) ?? NaN,
  connected: ({ state }, a, b) => state.doc?.devices.filter((device) => device.source === a && device.target === b).length ?? NaN,
};

const OF_THE_PAGE = {
  time: ({ state }) => state.time,
  selected: ({ state }, id) => yes(state.selection.nodes.includes(id) || state.selection.devices.includes(id)),
  lane: ({ state }, name) => yes(state.lane === name),
  mode: ({ state }, name) => yes(state.mode === name),
  playing: ({ state }) => yes(state.playing),
  accuracy: ({ run }) => run.accuracy,
  epochs: ({ run }) => run.epochs,
  epoch: ({ state }) => state.run?.epoch ?? NaN,
};

const OF_NUMBERS = {
  abs: (_, x) => Math.abs(x),
  sqrt: (_, x) => Math.sqrt(x),
  exp: (_, x) => Math.exp(x),
  tanh: (_, x) => Math.tanh(x),
  min: (_, x, y) => Math.min(x, y),
  max: (_, x, y) => Math.max(x, y),
};

/** Every figure by its name: a function of the world and its arguments. */
export const FIGURES = { ...OF_ELEMENTS, ...OF_THE_WHOLE, ...OF_THE_PAGE, ...OF_NUMBERS };

const OPERATIONS = {
  "+": (x, y) => x + y,
  "-": (x, y) => x - y,
  "*": (x, y) => x * y,
  "/": (x, y) => x / y,
  neg: (x) => -x,
  "<": (x, y) => yes(x < y),
  ">": (x, y) => yes(x > y),
  "<=": (x, y) => yes(x <= y),
  ">=": (x, y) => yes(x >= y),
  and: (...all) => yes(all.every(Boolean)),
  or: (...all) => yes(all.some(Boolean)),
};

/** Words that stand for times; the cursor and the end. */
const TIMES = { now: ({ state }) => state.time, end: ({ state }) => state.sim?.duration ?? NaN };

/** A tree's argument: a number, the name of something, or one of the words for a time. */
function argumentOf(tree, world, figure) {
  if (tree.w === undefined) return evaluate(tree, world);
  const isTime = tree.w in TIMES && !["selected", "lane", "mode", "param", "gradient"].includes(figure);
  return isTime ? TIMES[tree.w](world) : tree.w;
}

/**
 * The number a tree stands for; NaN where something is not there. Conditions are 1 or 0, and 0 for NaN.
 * @param {Tree} tree
 * @param {World} world
 * @returns {number}
 */
export function evaluate(tree, world) {
  if (tree.n !== undefined) return tree.n;
  const inner = tree.a ?? [];
  if (tree.f !== undefined) {
    const figure = Object.hasOwn(FIGURES, tree.f) ? FIGURES[tree.f] : () => NaN;
    return figure(world, ...inner.map((one) => argumentOf(one, world, tree.f)));
  }
  const values = inner.map((one) => evaluate(one, world));
  if (tree.o === "=") return yes(isNear(values[0], values[1], tree));
  return (Object.hasOwn(OPERATIONS, tree.o ?? "") ? OPERATIONS[tree.o] : () => NaN)(...values);
}

/** Whether a value lies within a tolerance, given in its unit or as a share of what is wanted. */
export function isNear(value, wanted, { within = 0, share = false }) {
  const most = share ? within * Math.abs(wanted) : within;
  return Math.abs(value - wanted) <= most * (1 + 1e-9) + 1e-21;
}

/** Whether a condition holds; one that speaks of the trajectory never holds for an older circuit. */
export function holds(tree, world) {
  if (isSimulated(tree) && world.state.simState !== "fresh") return false;
  return Boolean(evaluate(tree, world)) && !Number.isNaN(evaluate(tree, world));
}
