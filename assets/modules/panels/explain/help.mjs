/** The help: shortcuts, glossary, theory with formulas and sources, file formats; every term leads to its formula. */

import { byId, el, iconButton, put } from "../../lib/dom.mjs";
import { shortcutList } from "../palette.mjs";
import { alphabetical, createContent, theory } from "./content.mjs";

const TABS = [["keys", "Shortcuts"], ["glossary", "Glossary"], ["theory", "Theory"], ["files", "Files"]];

/** A term of the glossary; one that has a formula leads to it. */
function glossaryEntry(term, show) {
  const formula = term.formula || term.source ? el("button", { type: "button", class: "link small", text: "Formula", "aria-label": `Formula of ${term.term}`, on: { click: () => show("theory", term.id) } }) : null;
  return el("div", { class: "help-term", id: `help-glossary-${term.id}` }, el("h3", { text: term.term }), el("p", {}, term.words, " ", formula));
}

function theoryEntry(term) {
  return el("div", { class: "help-term", id: `help-theory-${term.id}`, tabindex: -1 },
    el("h4", { text: term.term }), el("p", { text: term.words }),
    term.formula ? el("p", { class: "help-formula", text: term.formula }) : null,
    term.source ? el("p", { class: "muted small", text: term.source }) : null);
}

const fileEntry = ({ name, ending, words }) => el("div", { class: "help-term" }, el("h3", {}, name, " ", el("span", { class: "help-ending", text: ending })), el("p", { text: words }));

/** @param {{shortcuts: object[], content: () => Promise<any>}} parts */
function panesOf({ shortcuts, content }, show) {
  return {
    keys: () => shortcutList(shortcuts),
    glossary: async () => alphabetical((await content()).terms).map((term) => glossaryEntry(term, show)),
    theory: async () => theory((await content()).terms).map(([group, terms]) => el("section", { class: "help-group" }, el("h3", { text: group }), terms.map(theoryEntry))),
    files: async () => (await content()).files.map(fileEntry),
  };
}

/**
 * @param {{shortcuts: object[], api, commands, root: HTMLElement, preferences, store}} parts
 * @returns {{open: (tab?: string, term?: string) => void}}
 */
export function createHelp({ shortcuts, api, commands, root, preferences, store }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("dialog-shortcuts"));
  const content = createContent(api);
  const body = el("div", { class: "help-body", tabindex: 0, role: "tabpanel", "aria-label": "Help" });
  const buttons = TABS.map(([name, text]) => el("button", { type: "button", class: "segment", role: "tab", text, dataset: { tab: name }, on: { click: () => show(name) } }));
  const panes = panesOf({ shortcuts, content }, show);
  dialog.setAttribute("aria-label", "Help");
  put(dialog,
    el("div", { class: "dialog-head" },
      el("h2", { class: "dialog-title", text: "Help" }),
      el("div", { class: "segments", role: "tablist", "aria-label": "Help" }, buttons),
      iconButton("close", "Close", { on: { click: () => dialog.close() } })),
    body);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  let wanted = "";

  async function show(tab, term = "") {
    wanted = `${tab} ${term}`;
    const mine = wanted;
    for (const button of buttons) button.setAttribute("aria-selected", String(button.dataset.tab === tab));
    let shown;
    try {
      shown = await panes[tab]();
    } catch (error) {
      shown = el("p", { class: "muted", text: error.message });
    }
    if (wanted !== mine) return;
    put(body, shown);
    body.scrollTop = 0;
    const place = term ? document.getElementById(`help-${tab}-${term}`) : null;
    place?.scrollIntoView({ block: "start" });
    place?.classList.add("help-found");
    if (!dialog.contains(document.activeElement)) (place ?? body).focus();
  }

  /** The same key closes what it opened. */
  function open(tab = "keys", term = "") {
    if (dialog.open && !term) return dialog.close();
    if (!dialog.open) dialog.showModal();
    show(tab, term);
  }

  commands.registerAll({
    help: {
      title: "Help", group: "Help", run: (tab) => open(tab ?? "glossary"),
      palette: () => TABS.slice(1).map(([argument, text]) => ({ argument, title: `Help: ${text.toLowerCase()}` })),
    },
    explain: { title: "Explain a term", group: "Help", palette: false, run: (term) => open("theory", term) },
  });
  createSentences({ store, root, preferences, commands, content });

  return { open };
}

/** A sentence under every number and mode, where it is wished for. */
function createSentences({ store, root, preferences, commands, content }) {
  const words = el("p", { class: "mode-words" });
  byId("side").prepend(words);

  async function say(on) {
    root.dataset.explain = on ? "on" : "off";
    preferences.set("kd-explain", root.dataset.explain);
    for (const button of document.querySelectorAll('[data-command="explain-numbers"]')) button.setAttribute("aria-pressed", String(on));
    if (on) words.textContent = (await content()).modes[store.get().mode] ?? "";
  }

  store.on(["mode"], () => { if (root.dataset.explain === "on") say(true).catch(() => {}); });
  if (preferences.get("kd-explain") === "on") say(true).catch(() => {});
  commands.register("explain-numbers", { title: "A sentence under every number and mode, or none", group: "Help", run: () => say(root.dataset.explain !== "on") });
}
