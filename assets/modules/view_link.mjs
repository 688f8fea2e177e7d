/** A link that shows the same view on the same studio: circuit, mode, lane, time, selection, slice, dock, epoch of a run. */

const LANES = ["voltages", "currents", "adjoint", "energy"];
const DOCKS = ["frequency", "table"]; // what may stand in the place of the scope
const MOST_CHOSEN = 50;
const ID = /^[a-z0-9][a-z0-9_-]{0,79}$/; // of a run

/** A number that is not negative, null for anything else. */
function measure(text) {
  const value = text === null || text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : null;
}

/** The part of the state that a link holds, as a query; what is usual is left out. Pure. */
export function queryOf({ mode, lane, time, playing, selection, slice, dockView, run }) {
  const query = new URLSearchParams();
  if (mode && mode !== "build") query.set("mode", mode);
  if (lane !== "voltages") query.set("lane", lane);
  if (!playing) query.set("t", String(Number(time.toPrecision(7))));
  for (const id of selection.nodes.slice(0, MOST_CHOSEN)) query.append("node", id);
  for (const id of selection.devices.slice(0, MOST_CHOSEN)) query.append("device", id);
  if (slice > 0) query.set("slice", String(slice + 1));
  if (DOCKS.includes(dockView)) query.set("dock", dockView);
  if (run?.id) {
    query.set("run", run.id);
    if (Number.isInteger(run.epoch)) query.set("epoch", String(run.epoch));
  }
  return query.toString();
}

/** What a link asks for; null where it asks for nothing but a page and a mode. Pure. */
export function viewOf(url) {
  const query = url.searchParams;
  const run = query.get("run");
  const slice = measure(query.get("slice"));
  const epoch = measure(query.get("epoch"));
  const view = {
    lane: LANES.includes(query.get("lane")) ? query.get("lane") : null,
    time: measure(query.get("t")),
    nodes: query.getAll("node").slice(0, MOST_CHOSEN),
    devices: query.getAll("device").slice(0, MOST_CHOSEN),
    slice: Number.isInteger(slice) && slice > 0 ? slice - 1 : null,
    dock: DOCKS.find((name) => name === query.get("dock")) ?? null,
    run: run && ID.test(run) ? run : null,
    epoch: Number.isInteger(epoch) ? epoch : null,
  };
  const asked = view.lane || view.time !== null || view.nodes.length || view.devices.length || view.slice !== null || view.dock || view.run;
  return asked ? view : null;
}

/** What of a view concerns the document, as a change of the store; ids that are not there are left out. Pure. */
export function chosenOf(view, doc) {
  return {
    selection: { nodes: view.nodes.filter((id) => doc.node(id)), devices: view.devices.filter((id) => doc.device(id)) },
    ...(view.slice === null ? {} : { slice: Math.min(view.slice, doc.slices.length - 1) }),
    ...(view.dock ? { dockView: view.dock } : {}),
  };
}

/** Puts a link where people can paste it from: the clipboard, and the address either way. */
async function offer(link, toast) {
  history.replaceState(null, "", link);
  try {
    await navigator.clipboard.writeText(link);
    toast("Link copied: it shows this view on this studio.", "ok");
  } catch {
    toast("The link to this view is in the address bar.", "info");
  }
}

/**
 * Registers "copy-link", and restores the view of the address once its circuit is there.
 * @param {{store, playback, bridge, commands, toast, replay}} parts
 */
export function createViewLink({ store, playback, bridge, commands, toast, replay }) {
  /** @type {ReturnType<typeof viewOf>} what is still to be shown of it */
  let choosing = null;
  /** @type {ReturnType<typeof viewOf>} */
  let timing = null;

  function read() {
    choosing = timing = viewOf(new URL(location.href));
    restore();
    place();
  }

  /** As soon as the circuit of the address is open. */
  function restore() {
    const { doc, circuitId } = store.get();
    if (!choosing || !doc || !location.pathname.endsWith(`/${circuitId}`)) return;
    const view = choosing;
    choosing = null;
    store.set(chosenOf(view, doc));
    if (!view.run) return;
    bridge.send("run-selected", view.run);
    if (view.epoch !== null) replay.setRun({ id: view.run, epoch: view.epoch, epochs: [view.epoch] });
  }

  /** As soon as there is a trajectory: of the circuit, or of the epoch that is wanted. */
  function place() {
    const { sim, run } = store.get();
    if (!timing || choosing || !sim || (timing.epoch !== null && run?.epoch !== timing.epoch)) return;
    const { lane, time } = timing;
    timing = null;
    if (lane) store.set({ lane });
    if (time === null) return;
    playback.pause();
    playback.seek(time);
  }

  function copy() {
    const query = location.pathname.startsWith("/c/") ? queryOf(store.get()) : "";
    return offer(`${location.origin}${location.pathname}${query ? `?${query}` : location.search}`, toast);
  }

  commands.register("copy-link", { title: "Copy a link to this view", group: "Share", enabled: () => Boolean(store.get("doc")), run: copy });
  store.on(["doc", "circuitId"], restore);
  store.on(["sim"], place);
  window.addEventListener("popstate", read);
  return { read };
}
