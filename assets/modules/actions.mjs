/** Registers the commands that act on the document, the selection and the workspace. */

import { ALIGNMENTS, aligned } from "./document/align.mjs";
import { driveOf, heldBy } from "./document/kinds.mjs";
import { BITS, SHARES, SPREADS, quantised, varied, weakest } from "./document/variations.mjs";
import { largestCurrent } from "./play/trajectory.mjs";

const OFFSET = 30;
const MODES = ["build", "simulate", "train", "runs", "export"];
const TOOLS = ["select", "node", "device", "input", "output", "probe", "cut"];
const NODE_ROLE = { input: ["input", "output"], output: ["output", "input"] };

/**
 * The role after pressing Input or Output on a node: on, off again, or both.
 * @param {string} role  present role
 * @param {"input"|"output"} wanted
 */
export function toggledRole(role, wanted) {
  const [mine, other] = NODE_ROLE[wanted];
  if (role === mine) return "hidden";
  if (role === other) return "both";
  if (role === "both") return other;
  return mine;
}

/** Ids of a selection that still exist. */
export function livingSelection(doc, selection) {
  return {
    nodes: selection.nodes.filter((id) => doc.node(id)),
    devices: selection.devices.filter((id) => doc.device(id)),
  };
}

/** The document and what is chosen in it, as commands see them. */
function benchOf(store) {
  const doc = () => store.get().doc;
  const chosen = () => (doc() ? livingSelection(doc(), store.get().selection) : { nodes: [], devices: [] });
  const any = () => chosen().nodes.length + chosen().devices.length > 0;
  const editable = () => Boolean(doc()) && !store.get().readOnly;
  return { doc, chosen, any, editable, there: () => Boolean(doc()), select: (selection) => store.set({ selection }) };
}

const command = (title, run, enabled, group = "Edit") => ({ title, group, run, enabled });
const nothing = () => ({ nodes: [], devices: [] });

function editCommands({ doc, chosen, any, editable, select }) {
  function travel(direction) {
    doc()[direction]();
    select(chosen());
  }

  return {
    undo: command("Undo", () => travel("undo"), () => editable() && doc().canUndo),
    redo: command("Redo", () => travel("redo"), () => editable() && doc().canRedo),
    delete: command("Delete the selection", () => {
      doc().removeElements(chosen());
      select(nothing());
    }, () => editable() && any()),
  };
}

function clipboardCommands({ doc, chosen, any, editable, select }, { commands, toast }) {
  let clip = null;

  function copy() {
    clip = doc().copy(chosen());
    const found = clip.nodes.length;
    if (found > 0) toast(`Copied ${found === 1 ? "1 node" : `${found} nodes`}.`, "info");
  }

  return {
    copy: command("Copy", copy, any),
    cut: command("Cut to the clipboard", () => {
      copy();
      commands.run("delete");
    }, () => editable() && any()),
    paste: command("Paste", () => {
      const pasted = doc().paste(clip, { dx: OFFSET, dy: OFFSET });
      select(pasted);
      clip = doc().copy(pasted); // pasting again moves on instead of piling up
    }, () => editable() && Boolean(clip) && clip.nodes.length > 0),
    duplicate: command("Duplicate", () => select(doc().duplicate(chosen(), { dx: OFFSET, dy: OFFSET })), () => editable() && any()),
  };
}

function selectionCommands({ doc, chosen, any, editable, there, select }, canvas) {
  return {
    "select-all": command("Select everything", () => select({ nodes: doc().nodes.map((n) => n.id), devices: doc().devices.map((d) => d.id) }), there),
    "select-none": command("Select nothing", () => select(nothing()), there),
    rename: command("Rename", (id) => canvas()?.rename?.(id ?? chosen().nodes[0] ?? chosen().devices[0]), () => editable() && any()),
  };
}

/** What nodes are for: roles, and pins to the scope; of one node, or of all that are chosen. */
function nodeCommands({ doc, chosen, editable, there }, store) {
  const idsOf = (argument) => (argument ? [argument] : chosen().nodes);

  function role(wanted, argument) {
    const ids = idsOf(argument);
    doc().group(() => ids.forEach((id) => doc().setNode(id, { role: toggledRole(doc().node(id).role, wanted) })));
  }

  function probe(argument) {
    const { probes } = store.get();
    const ids = idsOf(argument);
    const on = !ids.every((id) => probes.includes(id));
    const rest = probes.filter((id) => !ids.includes(id));
    store.set({ probes: on ? [...rest, ...ids] : rest });
  }

  /** A constant source instead of the capacitor, or the capacitor again. */
  function drive(argument) {
    const ids = idsOf(argument);
    const on = !ids.every((id) => doc().node(id).drive);
    const patch = heldBy(on ? driveOf(store.get().registry, "constant") : null);
    doc().group(() => ids.forEach((id) => doc().setNode(id, patch)));
  }

  const forNodes = (title) => () => (chosen().nodes.length > 0 ? [{ title }] : []); // in the palette only when it would do something
  return {
    "mark-input": { ...command("Input", (id) => role("input", id), editable), palette: forNodes("Mark as input, or not") },
    "mark-output": { ...command("Output", (id) => role("output", id), editable), palette: forNodes("Mark as output, or not") },
    drive: { ...command("Held by a source", drive, editable), palette: forNodes("Hold by a source, or not") },
    probe: { ...command("Pin", probe, there, "Scope"), palette: forNodes("Pin to the scope, or not") },
  };
}

/** Lining chosen nodes up: one undo step each. */
function alignCommands({ doc, chosen, editable }) {
  const able = (how) => editable() && chosen().nodes.length >= (ALIGNMENTS[how]?.least ?? 2);
  return {
    align: {
      ...command("Align", (how) => { if (able(how)) doc().moveNodes(aligned(chosen().nodes.map((id) => doc().node(id)), how)); }, () => able("left")),
      palette: () => Object.entries(ALIGNMENTS).filter(([how]) => able(how)).map(([argument, { title }]) => ({ argument, title })),
    },
  };
}

/** Other devices than were drawn, or fewer: of those that are chosen, else of all; one undo step each. */
function variationCommands({ doc, chosen, editable }, store, toast) {
  const devices = () => {
    const ids = new Set(chosen().devices);
    return ids.size > 0 ? doc().devices.filter(({ id }) => ids.has(id)) : doc().devices;
  };
  const percent = (share) => `${Math.round(100 * share)} %`;

  const paramsOf = (kind) => store.get().registry?.devices?.[kind]?.params ?? [];

  function take(next, words) {
    doc().group(() => Object.entries(next).forEach(([id, params]) => doc().setParams(id, params)));
    toast(`Parameters of ${Object.keys(next).length} devices ${words}; undo brings them back.`, "info");
  }

  /** A simulation of an older circuit would tell the wrong ones. */
  const solved = () => editable() && store.get().simState === "fresh" && doc().devices.length > 1;

  function prune(share) {
    const { sim } = store.get();
    const gone = weakest(devices(), (id) => largestCurrent(sim, id), Number(share));
    doc().removeElements({ devices: gone });
    toast(`Removed ${gone.length} devices that carried least; undo brings them back.`, "info");
  }

  const rows = (able, shares, title) => () => (able() ? shares.map((share) => ({ argument: String(share), title: title(percent(share)) })) : []);
  const some = () => editable() && doc().devices.length > 0;
  return {
    quantise: {
      ...command("Round the parameters", (bits) => take(quantised(devices(), paramsOf, Number(bits)), `have ${bits} bits`), some),
      palette: () => (some() ? BITS.map((bits) => ({ argument: String(bits), title: `Quantise: round the parameters to ${bits} bits` })) : []),
    },
    vary: { ...command("Vary the devices", (spread) => take(varied(devices(), paramsOf, Number(spread)), `vary by ${percent(spread)}`), some), palette: rows(some, SPREADS, (share) => `Mismatch: vary the devices by ${share}`) },
    prune: { ...command("Prune", prune, solved), palette: rows(solved, SHARES, (share) => `Prune: remove the ${share} of devices that carry least`) },
  };
}

function viewCommands({ chosen, any, editable, there }, canvas) {
  return {
    fit: command("Fit the circuit to the view", () => canvas()?.fit(), there, "View"),
    "fit-selection": command("Fit the selection to the view", () => canvas()?.fit(chosen()), any, "View"),
    layout: command("Arrange the nodes", (name) => canvas()?.layout(name), editable, "View"),
  };
}

/** @param {{store, commands, canvas: function(): object|null, toast}} parts */
export function registerDocumentCommands({ store, commands, canvas, toast }) {
  const bench = benchOf(store);
  commands.registerAll({ // the palette lists them in this order
    ...editCommands(bench),
    ...clipboardCommands(bench, { commands, toast }),
    ...selectionCommands(bench, canvas),
    ...nodeCommands(bench, store),
    ...alignCommands(bench),
    ...variationCommands(bench, store, toast),
    ...viewCommands(bench, canvas),
  });
}

const REGIONS = ["topbar", "toolstrip", "board", "side", "dock"];
const REACHED = "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), [tabindex='0']";

/** Puts the focus on the board itself, or on the first thing that can be reached in another part of the page. */
function enter(region) {
  const part = document.getElementById(region);
  if (!part) return false;
  const reached = /** @type {HTMLElement[]} */ ([...part.querySelectorAll(REACHED)]);
  const first = region === "board" ? part : reached.find((one) => one.getClientRects().length > 0);
  first?.focus();
  return Boolean(first);
}

/** From the part of the page that has the focus to the next one that can take it. */
function nextRegion() {
  const from = REGIONS.findIndex((id) => document.getElementById(id)?.contains(document.activeElement));
  for (let k = 1; k <= REGIONS.length; k++) if (enter(REGIONS[(from + k + REGIONS.length) % REGIONS.length])) return;
}

/** @param {{store, commands, root: HTMLElement, pages, dock, palette, sheet, files, simulation, save}} parts */
export function registerWorkspaceCommands({ store, commands, root, pages, dock, palette, sheet, files, simulation, save }) {
  const inWorkspace = () => root.dataset.page === "workspace"; // also while its circuit is on the way
  const open = () => Boolean(store.get().doc) && inWorkspace();
  const entries = {
    mode: {
      title: "Mode", group: "Go", enabled: inWorkspace, run: (mode) => pages.setMode(mode),
      palette: () => MODES.map((argument) => ({ argument, title: `Go to ${argument[0].toUpperCase()}${argument.slice(1)}` })),
    },
    tool: {
      title: "Tool", group: "Tools", enabled: open, run: (tool) => chooseTool(tool),
      palette: () => TOOLS.map((argument) => ({ argument, title: `Tool: ${argument}` })),
    },
    lane: {
      title: "Lane", group: "Playback", enabled: open, run: (lane) => store.set({ lane, dockView: "time" }),
      palette: () => ["voltages", "currents", "adjoint", "energy"].map((argument) => ({ argument, title: `Show ${argument}` })),
    },
    theme: { title: "Light or dark", group: "View", run: () => pages.toggleTheme() },
    home: { title: "Back to the gallery", group: "Go", run: () => pages.goHome() },
    learn: { title: "Lessons", group: "Go", run: () => pages.goLearn() },
    "new-circuit": { title: "New circuit", group: "File", run: () => pages.newCircuit() },
    import: { title: "Open a file", group: "File", run: () => files.choose() },
    export: { title: "Export", group: "File", enabled: open, run: () => pages.setMode("export") },
    generate: { title: "Generate a circuit", group: "Edit", enabled: open, run: () => pages.togglePanel("generate") },
    simulate: { title: "Simulate now", group: "Playback", enabled: open, run: () => simulation.request({ force: true }) },
    "stop-simulating": { title: "Stop the simulation", group: "Playback", enabled: () => store.get().simState === "running", run: () => simulation.stop() },
    "save-version": { title: "Save as a version", group: "File", enabled: open, run: save },
    shortcuts: { title: "Keyboard shortcuts", group: "Help", run: () => sheet.open() },
    palette: { title: "Find a command", group: "Help", palette: false, run: () => palette.open() },
    find: { title: "Find a node, device or run", group: "Go", enabled: open, run: () => palette.open({ only: "things" }) },
    "next-region": { title: "Go on to the next part of the page", group: "View", enabled: open, run: nextRegion },
    "skip-board": { title: "Past the board", group: "View", palette: false, enabled: open, run: () => enter("side") },
    dock: { title: "Open or close the dock", group: "View", enabled: open, run: () => dock.toggle() },
  };
  commands.registerAll(entries);

  /** With nodes selected, Input, Output and Probe act on them at once; else they become the pointer's tool. */
  function chooseTool(tool) {
    const act = { input: "mark-input", output: "mark-output", probe: "probe" }[tool];
    if (act && store.get().selection.nodes.length > 0) commands.run(act);
    else store.set({ tool: store.get().tool === tool ? "select" : tool });
  }
}
