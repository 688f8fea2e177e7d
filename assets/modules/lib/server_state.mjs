/** Tells a server that is still compiling from one that does not answer: asks for its health while answers are missing. */

import { createPolling } from "./polling.mjs";

const PATIENCE_MS = 1500; // an answer that comes sooner needs no explanation
const PACE_MS = 1000;

/** Why an answer takes so long: in few words, and what more there is to say of it. Pure. */
export function serverWords(server) {
  if (server === "compiling") return { text: "Compiling the solvers", more: "Once per machine; the next start finds them compiled" };
  if (server === "away") return { text: "Waiting for the server", more: "" };
  return { text: "Simulating", more: "" };
}

/** "ready" | "compiling" | "away", from the answer to /api/health or the lack of one. Pure. */
export function serverState(health) {
  if (!health) return "away";
  return health.ready === false ? "compiling" : "ready";
}

/**
 * Keeps `server` in the store while a simulation is waited for.
 * @param {{store, api, timers?: Timers}} parts
 */
export function watchServer({ store, api, timers = { set: (fn, ms) => setTimeout(fn, ms), clear: (id) => clearTimeout(id) } }) {
  let patience = null;
  const waiting = () => store.get().simState === "running";
  const poll = createPolling({
    timers,
    ask: async () => store.set({ server: serverState(await api.health()) }),
    pace: () => (waiting() ? PACE_MS : null),
    onError: () => store.set({ server: "away" }),
  });

  store.on(["simState"], () => {
    if (!waiting()) {
      if (patience !== null) timers.clear(patience);
      patience = null;
      poll.stop();
      store.set({ server: "ready" });
    } else if (patience === null) {
      patience = timers.set(() => poll.now(), PATIENCE_MS);
    }
  });
}
