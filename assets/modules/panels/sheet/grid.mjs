/** A sheet on the page: a table with one cell in the order of Tab, walked by arrow keys and written in place. */

import { el, put, setText } from "../../lib/dom.mjs";
import { openEditor } from "./cell_editor.mjs";
import { nextCell, windowAround } from "./walk.mjs";

const PAGE = 200; // rows in the page at once
const JUMP = 10; // rows of Page Up and Page Down

/** What a cell says; a check is a sign that is also said in words. */
function wordsOf(column, value) {
  if (column.kind === "check") return value ? "✓" : "–";
  if (value === null) return "";
  return column.kind === "choice" ? String(value).replaceAll("_", " ") : String(value);
}

function fillCell(cell, record, column, editable) {
  const value = column.read(record);
  setText(cell, wordsOf(column, value));
  cell.classList.toggle("none", value === null);
  cell.setAttribute("aria-readonly", String(!column.write || value === null || !editable));
  if (column.kind === "check") cell.setAttribute("aria-label", `${column.title}: ${value ? "yes" : "no"}`);
}

function cellOf(column, j) {
  const first = j === 0;
  return el(first ? "th" : "td", {
    class: `sheet-${column.kind}`, tabindex: -1, role: first ? "rowheader" : "gridcell", "aria-colindex": j + 1, dataset: { name: column.name }, ...(first ? { scope: "row" } : {}),
  });
}

/** A table of records and columns. */
export class Grid {
  #parts;
  #head = el("thead", {});
  #body = el("tbody", {});
  #sheet = { title: "", records: /** @type {any[]} */ ([]), columns: /** @type {any[]} */ ([]), chosen: new Set() };
  #at = { row: 0, column: 0 };
  #part = { first: 0, last: 0 };
  #editing = false;

  /**
   * @param {object} parts
   * @param {() => boolean} parts.editable
   * @param {(record: any, column: any, value: any) => string} parts.write  why a value was refused, "" where it was not
   * @param {(row: number, column: number, text: string) => void} parts.paste
   * @param {(record: any) => void} parts.onRow  the cell with the focus came to another row
   * @param {() => void} parts.onLeave  Escape
   */
  constructor(parts) {
    this.#parts = parts;
    this.root = el("table", { class: "sheet", role: "grid" }, this.#head, this.#body);
    attachGridKeys(this.root, {
      editing: () => this.#editing,
      move: (event) => this.#next(event),
      moveTo: (at) => this.#moveTo(at),
      edit: (typed) => this.#edit(typed),
      onLeave: parts.onLeave,
      cellOf: (target) => {
        const cell = target.closest?.("tbody th, tbody td");
        return cell ? { row: this.#part.first + cell.parentElement.rowIndex - 1, column: cell.cellIndex } : null;
      },
      paste: (text) => parts.paste(this.#at.row, this.#at.column, text),
    });
  }

  /** The rows in the page: first and one past the last. */
  get part() {
    return this.#part;
  }

  get #cell() {
    return /** @type {HTMLElement|null} */ (this.#body.rows[this.#at.row - this.#part.first]?.cells[this.#at.column] ?? null);
  }

  #next(event) {
    return nextCell(event, this.#at, { rows: this.#sheet.records.length, columns: this.#sheet.columns.length, page: JUMP });
  }

  #rowOf(record, k) {
    const cells = this.#sheet.columns.map((column, j) => {
      const cell = cellOf(column, j);
      fillCell(cell, record, column, this.#parts.editable());
      return cell;
    });
    return el("tr", { role: "row", "aria-rowindex": this.#part.first + k + 2, "aria-selected": String(this.#sheet.chosen.has(record.id)) }, cells);
  }

  #paint() {
    const focused = this.#body.contains(document.activeElement);
    const { title, records, columns } = this.#sheet;
    this.#part = windowAround(this.#at.row, records.length, PAGE);
    this.root.setAttribute("aria-label", title);
    this.root.setAttribute("aria-rowcount", String(records.length + 1));
    this.root.setAttribute("aria-colcount", String(columns.length));
    put(this.#head, el("tr", { role: "row", "aria-rowindex": 1 }, columns.map((column) => el("th", { scope: "col", role: "columnheader", class: `sheet-${column.kind}`, text: column.title }))));
    put(this.#body, records.slice(this.#part.first, this.#part.last).map((record, k) => this.#rowOf(record, k)));
    this.#cell?.setAttribute("tabindex", "0");
    if (focused) this.#cell?.focus({ preventScroll: true });
  }

  /**
   * Shows a sheet; the cell with the focus stays with its record.
   * @param {{title: string, records: any[], columns: any[], chosen: Set<string>}} next
   */
  show(next) {
    const before = next.title === this.#sheet.title ? this.#sheet.records[this.#at.row]?.id : undefined;
    const found = before === undefined ? 0 : next.records.findIndex(({ id }) => id === before);
    this.#sheet = next;
    this.#at = {
      row: found >= 0 ? found : Math.min(this.#at.row, Math.max(next.records.length - 1, 0)),
      column: Math.min(this.#at.column, next.columns.length - 1),
    };
    if (!this.#editing) this.#paint();
  }

  #moveTo(next, { focus = true } = {}) {
    this.#cell?.setAttribute("tabindex", "-1");
    const other = next.row !== this.#at.row;
    this.#at = next;
    if (next.row < this.#part.first || next.row >= this.#part.last) this.#paint();
    this.#cell?.setAttribute("tabindex", "0");
    if (focus) {
      this.#cell?.focus({ preventScroll: true });
      this.#cell?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    if (other && focus && this.#sheet.records[next.row]) this.#parts.onRow(this.#sheet.records[next.row]);
  }

  /** Opens the cell, with `typed` in the place of its value; a check is turned at once. */
  #edit(typed = /** @type {string|null} */ (null)) {
    const [record, column, cell] = [this.#sheet.records[this.#at.row], this.#sheet.columns[this.#at.column], this.#cell];
    if (!record || !cell || !column.write || this.#editing || !this.#parts.editable() || column.read(record) === null) return;
    if (column.kind === "check") {
      if (typed === null || typed === " ") this.#parts.write(record, column, !column.read(record));
      return;
    }
    this.#editing = true;
    openEditor(cell, { column, value: String(column.read(record)), typed: column.kind === "choice" ? null : typed }, {
      take: (text) => this.#parts.write(record, column, text),
      done: (move) => this.#finish(move),
    });
  }

  #finish(move) {
    this.#editing = false;
    this.#paint();
    if (move === null) return;
    this.focus();
    const next = move && this.#next({ key: move });
    if (next) this.#moveTo(next);
  }

  focus() {
    this.#cell?.focus({ preventScroll: true });
  }

  /** Other rows come into the page, `by` pages on. */
  turn(by) {
    const row = Math.min(Math.max(this.#part.first + by * PAGE, 0), Math.max(this.#sheet.records.length - 1, 0));
    this.#moveTo({ row, column: this.#at.column }, { focus: false });
  }

  /** Writes the cells of a column that playback changes. */
  tick(name, textOf) {
    const column = this.#sheet.columns.findIndex((one) => one.name === name);
    if (column < 0 || this.#editing) return;
    for (let k = this.#part.first; k < this.#part.last; k += 1) {
      const cell = this.#body.rows[k - this.#part.first]?.cells[column];
      if (cell) setText(cell, textOf(this.#sheet.records[k].id));
    }
  }
}

/** Keys, clicks and the clipboard; keys that mean nothing here go on to the studio's own. */
function attachGridKeys(root, { editing, move, moveTo, edit, onLeave, cellOf, paste }) {
  root.addEventListener("keydown", (event) => {
    if (editing() || !event.target.closest("tbody")) return;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const next = move(event);
    if (next) moveTo(next);
    else if (event.key === "Enter" || event.key === "F2" || (plain && event.key === "Backspace")) edit(event.key === "Backspace" ? "" : null);
    else if (event.key === "Escape") onLeave();
    else if (plain && event.key.length === 1) edit(event.key);
    else if (!(plain && event.key === "Delete")) return; // nothing is deleted from here by one key
    event.preventDefault();
    event.stopPropagation();
  });
  root.addEventListener("mousedown", (event) => {
    const cell = editing() ? null : cellOf(event.target);
    if (!cell) return;
    event.preventDefault();
    moveTo(cell);
  });
  root.addEventListener("dblclick", (event) => { if (cellOf(event.target)) edit(); });
  root.addEventListener("paste", (event) => {
    if (editing()) return;
    event.preventDefault();
    paste(event.clipboardData.getData("text/plain"));
  });
}
