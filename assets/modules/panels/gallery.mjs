/** The front page: a circuit that is already running, examples, recent circuits. */

import { createDigitPicture } from "../views/digit_picture.mjs";
import { byId, el, iconButton, put, setText } from "../lib/dom.mjs";
import { adopt, firstPicture, insist } from "./first_picture.mjs";
import { ago, count } from "../lib/numbers.mjs";
import { createStage } from "../views/stage.mjs";
import { ask } from "../lib/toast.mjs";

const MOST_RECENT = 12;

/** Nodes, devices and, where a file states it, how well an example does. */
const sizeText = ({ nodes, devices, score }) =>
  [count(nodes, "node"), count(devices, "device"), ...(score ? [score] : [])].join(", ");

/** @param {{store, api, commands, toast, openCircuit: (circuit: object, settings?: object, exampleId?: string) => void, openRecent: (row) => void}} parts */
export function createGallery({ store, api, commands, toast, openCircuit, openRecent }) {
  const list = byId("gallery-list");
  const recent = byId("gallery-recent");
  const theme = () => store.get().theme;
  const stages = [];
  let picture = null; // made when the page is first seen: a workspace has no use for it
  let hero = null;
  let filled = false;

  async function fill() {
    adopt(byId("gallery-hero"));
    if (filled) return;
    filled = true;
    put(list, Array.from({ length: 4 }, () => el("div", { class: "card card-waiting", "aria-hidden": "true" })));
    picture.onWait = (words) => setText(byId("gallery-hero-text"), words);
    try {
      const items = await picture.items;
      showCards(items);
      hero = await picture.hero;
      setText(byId("gallery-hero-title"), hero.title);
      setText(byId("gallery-hero-text"), hero.text);
      await Promise.all(items.map(showThumbnail));
    } catch (error) {
      toast(error.message, "error");
    }
  }

  const symbols = () => Object.fromEntries(Object.entries(store.get().registry?.devices ?? {}).map(([kind, law]) => [kind, law.symbol]));

  const thumbnails = new Map();
  function showCards(items) {
    put(
      list,
      items.map((item) => {
        const thumbnail = el("div", { class: "card-picture" });
        thumbnails.set(item.id, thumbnail);
        return el(
          "button",
          { type: "button", class: "card", on: { click: () => openExample(item) } },
          thumbnail,
          el("span", { class: "card-title", text: item.title }),
          el("span", { class: "card-text", text: item.text }),
          el("span", { class: "card-size", text: sizeText(item) }),
        );
      }),
    );
  }

  const circuits = new Map();
  async function showThumbnail(item) {
    if (item.network) {
      stages.push(createDigitPicture(thumbnails.get(item.id), { theme }));
      return;
    }
    const answer = await api.galleryDrawing(item.id).catch(() => null);
    if (!answer) return;
    circuits.set(item.id, answer);
    const stage = createStage(thumbnails.get(item.id), { theme, symbols, margin: 16 });
    stage.show(answer.circuit);
    stages.push(stage);
  }

  async function openExample(item) {
    if (item.network) return openRecent({ id: `example-${item.id}`, network: true });
    const answer = circuits.get(item.id) ?? (await api.galleryDrawing(item.id));
    return openCircuit(answer.circuit, answer.settings, item.id);
  }

  async function fillRecent() {
    let rows = [];
    try {
      rows = await insist(api.circuits);
    } catch (error) {
      put(recent, el("p", { class: "muted", text: error.message }));
      return;
    }
    if (rows.length === 0) {
      put(recent, el("p", { class: "muted", text: "Circuits you draw or open are kept here. Drop a circuit file anywhere on this page to open it." }));
      return;
    }
    put(
      recent,
      rows.slice(0, MOST_RECENT).map((row) =>
        el(
          "div",
          { class: "recent-row" },
          el("button", { type: "button", class: "recent-open", disabled: Boolean(row.damaged), on: { click: () => openRecent(row) } },
            el("span", { class: "recent-name", text: row.name }),
            el("span", { class: "muted", text: `${count(row.nodes, "node")}, ${count(row.devices, "device")}` }),
            el("span", { class: "muted recent-time", text: ago(row.modified) })),
          iconButton("bin", `Delete ${row.name}`, { on: { click: () => remove(row) } }),
        )),
      rows.length > MOST_RECENT ? el("p", { class: "muted", text: `and ${rows.length - MOST_RECENT} older ones in the home folder` }) : null,
    );
  }

  async function remove(row) {
    const answer = await ask({
      title: `Delete “${row.name}”?`,
      text: "The circuit file is removed from the home folder. Runs trained on it stay.",
      choices: [{ key: "no", text: "Keep it" }, { key: "yes", text: "Delete", primary: true }],
    });
    if (answer !== "yes") return;
    try {
      await api.deleteCircuit(row.id);
    } catch (error) {
      toast(error.message, "error");
    }
    await fillRecent();
  }

  function enter() {
    picture ??= firstPicture();
    picture.symbols = symbols();
    picture.play();
    fill();
    fillRecent();
  }

  function leave() {
    picture?.stop();
    document.getElementById("first-page")?.remove();
  }

  store.on(["theme", "registry"], () => {
    if (picture) picture.symbols = symbols();
    picture?.repaint();
    stages.forEach((stage) => stage.repaint());
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
