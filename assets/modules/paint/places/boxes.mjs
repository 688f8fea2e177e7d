/** Rectangles on the board, and how much of a further one they would cover. Pure. */

const CELL = 80; // board units

/** @typedef {{x: number, y: number, w: number, h: number}} Box  middle and size in board units */

export function createBoxes() {
  /** @type {Map<string, Box[]>} */
  const cells = new Map();

  /** @param {Box} box  @param {(list: Box[]|undefined, key: string) => void} fn */
  function overCells({ x, y, w, h }, fn) {
    const [i0, i1] = [Math.floor((x - w / 2) / CELL), Math.floor((x + w / 2) / CELL)];
    const [j0, j1] = [Math.floor((y - h / 2) / CELL), Math.floor((y + h / 2) / CELL)];
    for (let i = i0; i <= i1; i++) for (let j = j0; j <= j1; j++) fn(cells.get(`${i},${j}`), `${i},${j}`);
  }

  return {
    /** @param {Box} box */
    add(box) {
      overCells(box, (list, key) => {
        if (list) list.push(box);
        else cells.set(key, [box]);
      });
    },
    /** Area of a box that others cover, each counted for itself. @param {Box} box */
    covered(box) {
      const seen = new Set();
      let sum = 0;
      overCells(box, (list) => {
        for (const other of list ?? []) {
          if (seen.has(other)) continue;
          seen.add(other);
          const wide = Math.min(box.w, other.w, (box.w + other.w) / 2 - Math.abs(box.x - other.x));
          const high = Math.min(box.h, other.h, (box.h + other.h) / 2 - Math.abs(box.y - other.y));
          if (wide > 0 && high > 0) sum += wide * high;
        }
      });
      return sum;
    },
  };
}
