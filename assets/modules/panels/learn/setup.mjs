/** Puts the studio into the state that a step of a lesson wants. */

/** Name of the circuit a step works on: its own, or that of the nearest step before it. Pure. */
export function circuitOf({ steps }, k) {
  for (let j = k; j >= 0; j -= 1) if (steps[j].setup?.open) return steps[j].setup.open;
  return null;
}

/** Ids of a set-up as a selection: those that are there. Pure. */
export const selectionOf = (doc, ids = []) => ({ nodes: ids.filter((id) => doc.node(id)), devices: ids.filter((id) => doc.device(id)) });

/** Calls back once the store holds the answer to the open circuit, or why there is none. */
function whenSolved(store, then) {
  const ended = ({ simState }) => simState === "fresh" || simState === "error";
  let off = () => {};
  const look = () => {
    if (!ended(store.get())) return;
    off();
    then();
  };
  off = store.on(["simState", "sim"], look);
  queueMicrotask(look);
  return () => off();
}

/**
 * @param {{store, api, bridge, playback, pages, workspace, replay}} parts
 * @returns {{apply: (lesson: any, k: number, onReady: () => void) => Promise<void>, holding: (lesson: any) => boolean, cancel: () => void}}
 *   `onReady` is called when everything stands as the step wants it, time included
 */
export function createSetup({ store, api, bridge, playback, pages, workspace, replay }) {
  let mine = null; // the newest set-up
  let off = () => {};
  let held = null; // lesson whose circuit is open, and the circuit's document

  const holding = (lesson) => held !== null && held.id === lesson.id && store.get().doc === held.doc;

  async function circuitNamed(lesson, name) {
    if (lesson.circuits[name]) return { circuit: lesson.circuits[name], settings: {} };
    return api.galleryDrawing(name);
  }

  async function lend(lesson, k, here) {
    const wanted = lesson.steps[k].setup ?? {};
    const { circuit, settings } = await circuitNamed(lesson, circuitOf(lesson, k));
    if (mine !== here) return;
    const { outputs } = wanted;
    await workspace.lend(circuit, { ...settings, ...wanted.loss, ...(outputs ? { outputs } : {}) }, lesson.id);
    held = { id: lesson.id, doc: store.get().doc };
  }

  /** Where time stands once the circuit is solved. */
  function place({ time, play, loop }, onReady) {
    if (loop !== undefined && loop !== playback.clock.loop) playback.toggleLoop();
    if (time === undefined && play === undefined) return onReady();
    off = whenSolved(store, () => {
      playback.pause();
      if (time !== undefined) playback.seek(time === "end" ? playback.clock.duration : time);
      if (play) playback.play();
      onReady();
    });
  }

  async function apply(lesson, k, onReady) {
    const here = (mine = {});
    off();
    replay.leave();
    const setup = lesson.steps[k].setup ?? {};
    if (setup.open || !holding(lesson)) await lend(lesson, k, here);
    else if (setup.loss) workspace.changeSettings({ ...store.get().settings, ...setup.loss });
    if (mine !== here) return;
    pages.setMode(setup.mode ?? store.get().mode);
    const lane = setup.lane ?? (setup.open ? "voltages" : store.get().lane);
    store.set({ lane, dockView: "time", ...(setup.select ? { selection: selectionOf(store.get().doc, setup.select) } : {}) });
    if (setup.slice) store.set({ slice: Math.min(setup.slice, store.get().doc.slices.length) - 1 });
    if (setup.run) bridge.send("run-selected", setup.run);
    place(setup, onReady);
  }

  return {
    apply,
    holding,
    cancel() {
      mine = null;
      off();
      held = null;
    },
  };
}
