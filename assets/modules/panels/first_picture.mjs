/** The running circuit of the front page: fetched and drawn before Dash has built the page around it. */

import { createApi } from "../lib/api.mjs";
import { el, setText } from "../lib/dom.mjs";
import { serverState } from "../lib/server_state.mjs";
import { DEFAULTS, requestSettings } from "../play/settings.mjs";
import { createStage } from "../views/stage.mjs";
import { decode } from "../play/trajectory.mjs";

const RETRY_MS = 350;
const PATIENCE_MS = 1500;
const WAITING = {
  compiling: "The server is compiling its solvers, once per machine, in up to two minutes; then the circuit starts to move.",
  away: "Waiting for the server.",
  ready: "The first circuit is being simulated.",
};
const WORDS = "Nodes hold voltages, devices carry currents, and Kirchhoff’s current law does the arithmetic.";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Ask until the server answers: it may still be warming up. Refusals (4xx) are thrown. */
export async function insist(question) {
  for (;;) {
    try {
      return await question();
    } catch (error) {
      if (!error.offline && !(error.status >= 500)) throw error;
      await pause(RETRY_MS);
    }
  }
}

let picture = null;

/** The one picture of this page; the first caller starts it. */
export function firstPicture() {
  picture ??= createPicture(createApi());
  return picture;
}

function createPicture(api) {
  const host = el("div", { class: "hero-stage", dataset: { state: "waiting" } });
  const result = { host, symbols: {}, state: () => stage?.state() ?? null, repaint: () => stage?.repaint(), play, stop, onWait: (_words) => {} };
  let stage = null;
  let wanted = true;

  result.items = insist(api.gallery);
  result.hero = result.items.then(show);
  explain();

  /** While the first answer is missing, say what the server is at. */
  async function explain() {
    for (await pause(PATIENCE_MS); host.dataset.state !== "playing"; await pause(PATIENCE_MS)) {
      const health = await api.health().catch(() => null);
      if (host.dataset.state !== "playing") result.onWait(WAITING[serverState(health)]);
    }
  }

  async function show(items) {
    const item = items.find((one) => one.hero) ?? items[0];
    const { circuit, settings, sim } = await insist(() => api.galleryItem(item.id));
    stage = createStage(host, { theme: () => document.documentElement.dataset.theme, symbols: () => result.symbols });
    stage.show(circuit);
    host.dataset.state = "drawn";
    const wish = requestSettings({ ...DEFAULTS, ...settings, adjoint: false }, circuit, null);
    const url = sim?.url ?? (await insist(() => api.simulate(circuit, wish))).url;
    stage.show(circuit, decode(await insist(() => api.binary(url))));
    host.dataset.state = "playing";
    if (wanted) stage.play();
    return { ...item, circuit, settings };
  }

  function play() {
    wanted = true;
    stage?.play();
  }

  function stop() {
    wanted = false;
    stage?.stop();
  }

  return result;
}

/** A page in the shape of the gallery that stands until Dash has made the real one. */
export function showEarly(root = document.documentElement) {
  const started = firstPicture();
  root.dataset.theme ??= preferredTheme();
  const title = el("h1", { class: "hero-title", text: "Circuits that compute" });
  const text = el("p", { class: "hero-text", text: WORDS });
  const page = el(
    "div",
    { id: "first-page" },
    el("header", { class: "gallery-bar" }, el("span", { class: "brand" }, el("div", { class: "brand-mark" }), el("span", { class: "brand-name", text: "Kirchhoff Studio" }))),
    el("div", { class: "gallery-body" },
      el("section", { class: "gallery-hero" }, el("div", { class: "hero-board" }, started.host), el("div", { class: "hero-words" }, title, text, el("div", { class: "hero-actions hero-actions-waiting" })))),
  );
  document.body.prepend(page);
  started.onWait = (words) => setText(text, words);
  started.hero.then((item) => {
    setText(title, item.title);
    setText(text, item.text);
  }, () => {});
}

/** Move the picture into the real page; it goes on playing. */
export function adopt(target) {
  const { host } = firstPicture();
  if (host.parentElement !== target) target.replaceChildren(host);
  document.getElementById("first-page")?.remove();
}

function preferredTheme() {
  let stored = null;
  try {
    stored = localStorage.getItem("kd-theme");
  } catch {
    // no storage: the system decides
  }
  return stored ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}
