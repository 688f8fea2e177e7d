/** The front page: a circuit that is already running, examples, recent circuits. */

import { symbolsOf } from "../document/kinds.mjs";
import { byId, setText } from "../lib/dom.mjs";
import { createExampleCards } from "./example_cards.mjs";
import { adopt, firstPicture } from "./first_picture.mjs";
import { createGalleryRuns } from "./gallery_runs.mjs";
import { createRecentCircuits } from "./recent_circuits.mjs";

/** @param {{store, api, commands, toast, lessons: {list: (root: string) => void}, openCircuit: (circuit: object, settings?: object, exampleId?: string) => void, openRecent: (row) => void, openRun: (id: string) => void}} parts */
export function createGallery({ store, api, commands, toast, lessons, openCircuit, openRecent, openRun }) {
  const symbols = () => symbolsOf(store.get().registry);
  const recent = createRecentCircuits({ api, toast, open: openRecent });
  const runs = createGalleryRuns({ api, open: openRun });
  const examples = createExampleCards({
    api, symbols, theme: () => store.get().theme, openCircuit, openNetwork: (id) => openRecent({ id, network: true }),
  });
  let picture = null; // made when the page is first seen: a workspace has no use for it
  let hero = null;
  let filled = false;

  async function fill() {
    adopt(byId("gallery-hero"));
    if (filled) return;
    filled = true;
    examples.wait();
    picture.onWait = (words) => setText(byId("gallery-hero-text"), words);
    try {
      const draw = examples.show(await picture.items);
      hero = await picture.hero;
      setText(byId("gallery-hero-title"), hero.title);
      setText(byId("gallery-hero-text"), hero.text);
      await draw(); // after the hero: it is seen first
    } catch (error) {
      toast(error.message, "error");
    }
  }

  function enter() {
    picture ??= firstPicture();
    picture.symbols = symbols();
    picture.play();
    fill();
    lessons.list("gallery-lessons");
    recent.fill();
    runs.enter();
  }

  function leave() {
    picture?.stop();
    runs.leave();
    document.getElementById("first-page")?.remove();
  }

  store.on(["theme", "registry"], () => {
    if (picture) picture.symbols = symbols();
    picture?.repaint();
    examples.repaint();
  });
  const openHero = async () => {
    const { id, circuit, settings } = hero ?? (await firstPicture().hero);
    await openCircuit(circuit, settings, id);
  };
  commands.register("open-hero", { title: "Open the running example", group: "Go", palette: false, run: openHero });

  return { enter, leave, hero: () => picture?.state() ?? null };
}
