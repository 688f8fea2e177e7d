/** The front page: a circuit that is already running, examples, recent circuits. */

import { byId, el, iconButton, put, setText } from "./dom.mjs";
import { ago, count } from "./numbers.mjs";
import { DEFAULTS, requestSettings } from "./settings.mjs";
import { createStage } from "./stage.mjs";
import { decode } from "./trajectory.mjs";
import { ask } from "./toast.mjs";

const RETRY_MS = 350;
const MOST_RECENT = 12;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {{store, api, commands, toast, openCircuit: function(circuit, settings), openRecent: function(id)}} parts */
export function createGallery({ store, api, commands, toast, openCircuit, openRecent }) {
  const host = byId("gallery-hero");
  const list = byId("gallery-list");
  const recent = byId("gallery-recent");
  const theme = () => store.get().theme;
  const stages = [];
  let hero = null;
  let heroItem = null;
  let visible = false;
  let filled = false;

  skeleton();

  function skeleton() {
    host.dataset.state = "waiting";
    setText(byId("gallery-hero-title"), "Circuits that compute");
    setText(byId("gallery-hero-text"), "Nodes hold voltages, devices carry currents, and Kirchhoff’s current law does the arithmetic.");
    put(list, Array.from({ length: 4 }, () => el("div", { class: "card card-waiting", "aria-hidden": "true" })));
  }

  /** Ask until the server answers: it may still be warming up. */
  async function insist(question) {
    for (;;) {
      try {
        return await question();
      } catch (error) {
        if (!error.offline && error.status < 500) throw error;
        await pause(RETRY_MS);
      }
    }
  }

  async function fill() {
    if (filled) return;
    filled = true;
    try {
      const items = await insist(api.gallery);
      const first = items.find((item) => item.hero) ?? items[0];
      showCards(items);
      if (first) await showHero(first);
      for (const item of items) await showThumbnail(item);
    } catch (error) {
      host.dataset.state = "failed";
      toast(error.message, "error");
    }
  }

  async function showHero(item) {
    const { circuit, settings, sim } = await insist(() => api.galleryItem(item.id));
    heroItem = { circuit, settings };
    setText(byId("gallery-hero-title"), item.title);
    setText(byId("gallery-hero-text"), item.text);
    hero = createStage(host, { theme, symbols });
    stages.push(hero);
    hero.show(circuit);
    host.dataset.state = "drawn";
    const url = sim?.url ?? (await insist(() => api.simulate(circuit, requestSettings({ ...DEFAULTS, ...settings, adjoint: false }, circuit, store.get().registry)))).url;
    const trajectory = decode(await insist(() => api.binary(url)));
    hero.show(circuit, trajectory);
    host.dataset.state = "playing";
    if (visible) hero.play();
  }

  const symbols = () => Object.fromEntries(Object.entries(store.get().registry?.devices ?? {}).map(([kind, law]) => [kind, law.symbol]));

  const thumbnails = new Map();
  function showCards(items) {
    put(
      list,
      items.map((item) => {
        const picture = el("div", { class: "card-picture" });
        thumbnails.set(item.id, picture);
        return el(
          "button",
          { type: "button", class: "card", on: { click: () => openExample(item) } },
          picture,
          el("span", { class: "card-title", text: item.title }),
          el("span", { class: "card-text", text: item.text }),
          el("span", { class: "card-size", text: `${count(item.nodes, "node")}, ${count(item.devices, "device")}` }),
        );
      }),
    );
  }

  const circuits = new Map();
  async function showThumbnail(item) {
    const answer = await api.galleryItem(item.id).catch(() => null);
    if (!answer) return;
    circuits.set(item.id, answer);
    const stage = createStage(thumbnails.get(item.id), { theme, symbols, margin: 16 });
    stage.show(answer.circuit);
    stages.push(stage);
  }

  async function openExample(item) {
    const answer = circuits.get(item.id) ?? (await api.galleryItem(item.id));
    await openCircuit(answer.circuit, answer.settings);
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
          el("button", { type: "button", class: "recent-open", disabled: Boolean(row.damaged), on: { click: () => openRecent(row.id) } },
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
    visible = true;
    fill();
    fillRecent();
    hero?.play();
  }

  function leave() {
    visible = false;
    hero?.stop();
  }

  store.on(["theme", "registry"], () => stages.forEach((stage) => stage.repaint()));
  commands.register("open-hero", {
    title: "Open the running example",
    group: "Go",
    palette: false,
    run: async () => {
      if (!heroItem) await insist(api.gallery);
      if (heroItem) await openCircuit(heroItem.circuit, heroItem.settings);
    },
  });

  return { enter, leave, hero: () => hero?.state() ?? null };
}
