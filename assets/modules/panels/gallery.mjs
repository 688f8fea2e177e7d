/** The front page: a circuit that is already running, examples, recent circuits. */

import { byId, setText } from "../lib/dom.mjs";
import { createExampleCards } from "./example_cards.mjs";
import { adopt, firstPicture } from "./first_picture.mjs";
import { createRecentCircuits } from "./recent_circuits.mjs";

/** @param {{store, api, commands, toast, openCircuit: (circuit: object, settings?: object, exampleId?: string) => void, openRecent: (row) => void}} parts */
export function createGallery({ store, api, commands, toast, openCircuit, openRecent }) {
  const symbols = () => Object.fromEntries(Object.entries(store.get().registry?.devices ?? {}).map(([kind, law]) => [kind, law.symbol]));
  const recent = createRecentCircuits({ api, toast, open: openRecent });
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
    recent.fill();
  }

  function leave() {
    picture?.stop();
    document.getElementById("first-page")?.remove();
  }

  store.on(["theme", "registry"], () => {
    if (picture) picture.symbols = symbols();
    picture?.repaint();
    examples.repaint();
  });
  commands.register("open-hero", {
    title: "Open the running example",
    group: "Go",
    palette: false,
    run: async () => {
      const { id, circuit, settings } = hero ?? (await firstPicture().hero);
      await openCircuit(circuit, settings, id);
    },
  });

  return { enter, leave, hero: () => picture?.state() ?? null };
}
