/** Versions of the open circuit: saved on purpose, listed with a picture each, and back by one undoable step. */

import { symbolsOf } from "../../document/kinds.mjs";
import { el, iconButton, put } from "../../lib/dom.mjs";
import { ago, count } from "../../lib/numbers.mjs";
import { createStage } from "../../views/stage.mjs";

/** "5 nodes, 4 devices" of a circuit file. Pure. */
export function sizeWords({ nodes, slices }) {
  return `${count(nodes.length, "node")}, ${count(slices.reduce((sum, { devices }) => sum + devices.length, 0), "device")}`;
}

/** Resolves when nothing is on its way to the server. */
const settled = (store) => new Promise((resolve) => {
  if (store.get().saved !== "saving") return resolve(null);
  const off = store.on(["saved"], ({ saved }) => {
    if (saved === "saving") return;
    off();
    resolve(null);
  });
  return undefined;
});

/**
 * @param {{store, api, commands, toast, bench: {autosave: any, replaceDocument: (circuit: object, label: string) => void}}} parts
 */
export function createVersions({ store, api, commands, toast, bench }) {
  const dialog = /** @type {HTMLDialogElement} */ (el("dialog", { class: "dialog versions", "aria-label": "Versions" }));
  const close = iconButton("close", "Close", { on: { click: () => dialog.close() } });
  const list = el("div", { class: "version-list" });
  dialog.append(el("div", { class: "dialog-head" }, el("h2", { class: "dialog-title", text: "Versions of this circuit" }), close), list);
  document.body.append(dialog);

  async function save() {
    await bench.autosave.flush();
    await settled(store);
    const { saved, circuitId, network } = store.get();
    if (saved !== "saved" || network) return;
    const { new: fresh } = await api.keepVersion(circuitId);
    toast(fresh ? "Saved as a version." : "Saved; this version is kept already.", "ok", { action: { text: "All versions", run: open } });
  }

  function cardOf({ saved, circuit }, first) {
    const picture = el("div", { class: "version-picture", "aria-hidden": "true" });
    const back = el("button", {
      type: "button", class: "button small", text: "Back to this", on: {
        click: () => {
          dialog.close();
          bench.replaceDocument(circuit, "Version restored");
        },
      },
    });
    const words = el("div", { class: "version-words" },
      el("b", { text: first ? `Newest, ${ago(saved)}` : ago(saved) }),
      el("span", { class: "muted", text: circuit.name || "Untitled circuit" }),
      el("span", { class: "muted", text: sizeWords(circuit) }), back);
    const stage = createStage(picture, { theme: () => store.get().theme, symbols: () => symbolsOf(store.get().registry), margin: 14 });
    return { card: el("article", { class: "version" }, picture, words), draw: () => stage.show(circuit) };
  }

  async function open() {
    const kept = await api.versions(store.get().circuitId);
    const cards = kept.map((version, k) => cardOf(version, k === 0));
    const none = el("p", { class: "muted", text: "None yet. Ctrl+S saves the circuit as it is now as a version; the newest 30 are kept." });
    put(list, cards.length > 0 ? cards.map(({ card }) => card) : none);
    if (!dialog.open) dialog.showModal();
    for (const { draw } of cards) draw();
  }

  const mine = () => Boolean(store.get().circuitId) && !store.get().network && !store.get().readOnly;
  commands.register("versions", { title: "Versions of this circuit", group: "File", enabled: mine, run: open });
  return { save };
}
