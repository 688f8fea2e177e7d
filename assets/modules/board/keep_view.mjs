/** Keeps the circuit in sight when the board becomes smaller or larger around it. */

const LARGE_CHANGE = 150;

/** @param {{board: HTMLElement, canvas: object}} parts */
export function keepView({ board, canvas }) {
  let last = { width: board.clientWidth, height: board.clientHeight };
  let before = null; // the view that a much wider panel took away

  new ResizeObserver(() => {
    const now = { width: board.clientWidth, height: board.clientHeight };
    const [dx, dy] = [now.width - last.width, now.height - last.height];
    const hidden = now.width === 0 || last.width === 0;
    last = now;
    if (hidden || (dx === 0 && dy === 0)) return;
    if (dx < -LARGE_CHANGE) {
      before = canvas.viewport();
      canvas.fit();
    } else if (dx > LARGE_CHANGE && before) {
      canvas.setViewport(before);
      before = null;
    } else {
      canvas.panBy(dx / 2, dy / 2);
    }
  }).observe(board);
}
