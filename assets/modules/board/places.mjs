/** Where the nodes stand now: as the document says, or where a drag or a layout has them before it is the document's. */

import { runLayout } from "../document/layout.mjs";
import { nextFrame } from "../lib/pace.mjs";
import { buildScene } from "../paint/scene.mjs";

/** @param {{store, onMoved: () => void}} parts */
export function createPlaces({ store, onMoved }) {
  let moved = null;
  /** @type {{doc: any, revision: number, moved: any, capacitors: boolean, scene: any}} */
  let cached = { doc: null, revision: -1, moved: null, capacitors: false, scene: null };

  return {
    /** The scene of the document with the moved nodes, or null without a document. */
    scene() {
      const doc = store.get("doc");
      if (!doc) return null;
      const capacitors = store.get("capacitors") && !store.get("network");
      if (cached.doc !== doc || cached.revision !== doc.revision || cached.moved !== moved || cached.capacitors !== capacitors) {
        cached = { doc, revision: doc.revision, moved, capacitors, scene: buildScene(doc, moved, { capacitors }) };
      }
      return cached.scene;
    },
    moved: () => moved,
    show(places) {
      moved = places;
      onMoved();
    },
    /** Back to the document's places; nobody is told. */
    forget: () => { moved = null; },
    isShown: (doc) => cached.doc === doc,
  };
}

/**
 * Arranging the nodes of the document, live; stopping keeps the old places.
 * @param {{store, places, fit: () => void}} parts
 */
export function createArranging({ store, places, fit }) {
  let under = null; // AbortController of the layout under way

  function cancel() {
    const running = under !== null;
    under?.abort();
    under = null;
    return running;
  }

  /** One undo step; resolves to the places, or null when it was stopped. */
  async function arrange(name) {
    cancel();
    const doc = store.get("doc");
    if (!doc || doc.nodes.length === 0) return null;
    const run = new AbortController();
    under = run;
    store.set({ layoutRunning: true });
    const found = await runLayout(doc, { name, signal: run.signal, show: places.show, pause: nextFrame });
    if (under === run) under = null;
    store.set({ layoutRunning: false });
    if (found && store.get("doc") === doc) {
      places.forget();
      doc.setPositions(found);
      fit();
    } else {
      places.show(null);
    }
    return found;
  }

  return { arrange, cancel };
}
