/** The table of nodes and devices in the dock: a way to read and edit the circuit without the board. */

import { byId, el, iconButton, put, setText } from "../../lib/dom.mjs";
import { count, quantity } from "../../lib/numbers.mjs";
import { oncePerFrame, paced } from "../../lib/pace.mjs";
import { Grid } from "./grid.mjs";
import { cellsOf, deviceColumns, filtered, nodeColumns, writeBlock } from "./sheet.mjs";

const TICK_MS = 100;

/** "Rows 1 to 200 of 1,000 nodes". Pure. */
export function partWords({ first, last }, found, what) {
  if (last - first >= found) return count(found, what.slice(0, -1));
  return `Rows ${first + 1} to ${last} of ${count(found, what.slice(0, -1))}`;
}

/** What of the circuit is on show: its sheet with the filter. */
function sheetOf({ doc, registry, selection }, what, query) {
  const columns = what === "nodes" ? nodeColumns() : deviceColumns(doc, registry);
  const records = filtered(what === "nodes" ? doc.nodes : doc.devices, columns, query);
  return { title: what === "nodes" ? "Nodes" : "Devices", records, columns, chosen: new Set(selection[what]) };
}

/** The head of the sheet: which rows, a filter, and the way to further rows. */
function createHead({ onWhat, onFilter, onTurn }) {
  const tabs = ["nodes", "devices"].map((name) => el("button", { type: "button", class: "segment", text: name === "nodes" ? "Nodes" : "Devices", dataset: { sheet: name }, on: { click: () => onWhat(name) } }));
  const filter = el("input", { type: "search", class: "sheet-filter", placeholder: "Filter rows", "aria-label": "Filter rows", spellcheck: "false", on: { input: onFilter } });
  const words = el("span", { class: "note", role: "status" });
  const back = iconButton("step-back", "Rows before", { on: { click: () => onTurn(-1) } });
  const on = iconButton("step-forward", "Rows after", { on: { click: () => onTurn(1) } });
  return {
    root: el("div", { class: "sheet-head" }, el("div", { class: "segments", role: "group", "aria-label": "Rows" }, tabs), filter, words, back, on),
    query: () => filter.value,
    paint(what, part, found) {
      for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab.dataset.sheet === what));
      setText(words, partWords(part, found, what));
      back.disabled = part.first === 0;
      on.disabled = part.last >= found;
      back.hidden = on.hidden = part.last - part.first >= found;
    },
  };
}

class SheetView {
  #parts;
  #what = "nodes";
  #head;
  #grid;
  /** @type {any} */
  #shown = { records: [], columns: [] };

  /** @param {{store, toast}} parts */
  constructor(parts) {
    this.#parts = parts;
    const { store } = parts;
    this.#head = createHead({
      onWhat: (name) => this.turnTo(name), onFilter: () => this.draw(),
      onTurn: (by) => {
        this.#grid.turn(by);
        this.#paintHead();
        this.values();
      },
    });
    this.#grid = new Grid({
      editable: () => !store.get().readOnly,
      write: (record, column, value) => this.#write(record, column, value),
      paste: (row, column, text) => this.#paste(row, column, text),
      onRow: ({ id }) => store.set({ selection: this.#what === "nodes" ? { nodes: [id], devices: [] } : { nodes: [], devices: [id] } }),
      onLeave: () => byId("board").focus({ preventScroll: true }),
    });
    put(byId("sheet"), this.#head.root, el("div", { class: "sheet-body" }, this.#grid.root));
  }

  get visible() {
    const { dockView, doc } = this.#parts.store.get();
    return dockView === "table" && Boolean(doc);
  }

  /** One change of the document; why it was refused, "" where it was not. */
  #write(record, column, value) {
    try {
      column.write(this.#parts.store.get().doc, record, value);
      return "";
    } catch (error) {
      return error.message;
    }
  }

  #paste(row, column, text) {
    const { store, toast } = this.#parts;
    const { doc, readOnly } = store.get();
    if (readOnly) return;
    try {
      toast(`Wrote ${count(writeBlock(doc, this.#shown, row, column, cellsOf(text)), "cell")}.`, "ok");
    } catch (error) {
      toast(`Nothing was pasted. ${error.message}`, "error");
    }
  }

  turnTo(name) {
    this.#what = name;
    this.draw();
  }

  focus() {
    this.#grid.focus();
  }

  #paintHead() {
    this.#head.paint(this.#what, this.#grid.part, this.#shown.records.length);
  }

  draw() {
    if (!this.visible) return;
    this.#shown = sheetOf(this.#parts.store.get(), this.#what, this.#head.query());
    this.#grid.show(this.#shown);
    this.#paintHead();
    this.values();
  }

  /** What playback has reached, in the last column. */
  values() {
    if (!this.visible) return;
    const { sim, time } = this.#parts.store.get();
    const nodes = this.#what === "nodes";
    this.#grid.tick("now", (id) => {
      const value = nodes ? sim?.valueAt(id, time) : sim?.deviceValueAt(id, time);
      return Number.isFinite(value) ? quantity(value, nodes ? "V" : "A") : "";
    });
  }
}

/** @param {{store, commands, toast}} parts */
export function createSheetView({ store, commands, toast }) {
  const view = new SheetView({ store, toast });
  commands.registerAll({
    table: {
      title: "Table of nodes and devices", group: "View", enabled: () => Boolean(store.get().doc),
      run: () => {
        const open = store.get().dockView !== "table";
        store.set({ dockView: open ? "table" : "time" });
        if (!open) return;
        if (document.documentElement.dataset.dock === "closed") commands.run("dock");
        const { selection } = store.get();
        if (selection.devices.length > 0 && selection.nodes.length === 0) view.turnTo("devices");
        view.focus();
      },
    },
  });
  const tick = paced(() => view.values(), TICK_MS);
  const plan = oncePerFrame(() => view.draw()); // a drag changes the document with every frame
  store.on(["dockView"], () => view.draw());
  store.on(["doc", "revision", "registry", "selection", "readOnly"], plan);
  store.on(["time", "sim"], () => { if (view.visible) tick(); });
}
