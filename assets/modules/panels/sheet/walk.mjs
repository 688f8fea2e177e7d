/** Where the keys of a sheet lead from a cell. Pure. */

/**
 * @param {{key: string, ctrlKey?: boolean, metaKey?: boolean}} event
 * @param {{row: number, column: number}} at
 * @param {{rows: number, columns: number, page: number}} size
 * @returns {{row: number, column: number}|null}  null for keys that do not move
 */
export function nextCell({ key, ctrlKey = false, metaKey = false }, { row, column }, { rows, columns, page }) {
  const far = ctrlKey || metaKey;
  const moves = {
    ArrowUp: { row: far ? 0 : row - 1, column }, ArrowDown: { row: far ? rows - 1 : row + 1, column },
    ArrowLeft: { row, column: far ? 0 : column - 1 }, ArrowRight: { row, column: far ? columns - 1 : column + 1 },
    Home: { row: far ? 0 : row, column: 0 }, End: { row: far ? rows - 1 : row, column: columns - 1 },
    PageUp: { row: row - page, column }, PageDown: { row: row + page, column },
  };
  const to = moves[key];
  if (!to || rows === 0) return null;
  const within = (value, count) => Math.min(Math.max(value, 0), count - 1);
  return { row: within(to.row, rows), column: within(to.column, columns) };
}

/** The rows that are in the page around a row: first and one past the last. */
export function windowAround(row, count, size) {
  if (count <= size) return { first: 0, last: count };
  const first = Math.floor(Math.min(Math.max(row, 0), count - 1) / size) * size;
  return { first, last: Math.min(count, first + size) };
}
