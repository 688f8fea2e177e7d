/** A read-only window into the running studio, for tests in a real browser. */

export function exposeDebug({ store, playback, board, gallery, autosave }) {
  const state = () => store.get();
  const at = () => state().time;
  return Object.freeze({
    doc: () => state().doc?.toJSON() ?? null,
    hash: () => state().doc?.hash() ?? null,
    valueAt: (id, lane = state().lane === "adjoint" ? "adjoint" : "voltages") => state().sim?.valueAt(id, at(), lane) ?? NaN,
    voltagesAt: (id, times) => times.map((time) => state().sim?.valueAt(id, time) ?? NaN),
    sourceCurrentAt: (id, time = at()) => state().sim?.sources.currentAt(id, time) ?? NaN,
    deviceValueAt: (id, lane = state().lane === "adjoint" ? "adjoint" : "currents") => state().sim?.deviceValueAt(id, at(), lane) ?? NaN,
    gradient: (id, param) => state().sim?.gradient(id, param) ?? NaN,
    gradientNow: (id, param) => state().sim?.gradientAt(id, param, at()) ?? NaN,
    viewport: () => board.canvas?.viewport?.() ?? null,
    get known() { return state().registry !== null; },
    get hero() { return gallery.hero(); },
    get revision() { return state().revision; },
    get serverRevision() { return autosave.revision(); },
    get selection() { return structuredClone(state().selection); },
    get frame() { return board.overlay?.frames ?? gallery.hero()?.frames ?? 0; },
    get fps() { return board.overlay?.fps ?? 0; },
    get time() { return at(); },
    get duration() { return playback.clock.duration; },
    get playing() { return state().playing; },
    get direction() { return state().direction; },
    get lane() { return state().lane; },
    get mode() { return state().mode; },
    get tool() { return state().tool; },
    get saved() { return state().saved; },
    get simState() { return state().simState; },
    get server() { return state().server; },
    get simError() { return state().simError && { ...state().simError }; },
    get run() { return state().run && { ...state().run }; },
    get problems() { return structuredClone(state().problems); },
    get rest() { return structuredClone(state().rest); },
    get response() { return structuredClone(state().response); },
    get dockView() { return state().dockView; },
    get plane() { return Boolean(state().plane); },
    get network() { return structuredClone(state().network); },
    get sim() {
      const { sim } = state();
      return sim && { hash: sim.hash, T: sim.T, N: sim.N, E: sim.E, status: { ...sim.status }, stats: { ...sim.stats } };
    },
  });
}
