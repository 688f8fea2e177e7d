/** The dock under the board: open or closed, and as high as it was dragged. */

const SMALLEST = 120;
const LARGEST_SHARE = 0.7; // of the window's height
const KEY_STEP = 20;

/** Height in pixels that a dock may have in a window. Pure. */
export const dockHeight = (pixels, windowHeight) => Math.round(Math.min(Math.max(pixels, SMALLEST), windowHeight * LARGEST_SHARE));

/** Tells of the heights that a handle is dragged or moved to by the arrow keys. */
function followHandle(handle, dock, { onDrag, onHeight }) {
  handle.addEventListener("pointerdown", (event) => {
    handle.setPointerCapture(event.pointerId);
    onDrag();
    const { bottom } = dock.getBoundingClientRect();
    const move = (next) => onHeight(bottom - next.clientY);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), { once: true });
    event.preventDefault();
  });
  handle.addEventListener("keydown", (event) => {
    const by = { ArrowUp: KEY_STEP, ArrowDown: -KEY_STEP }[event.key];
    if (!by) return;
    onHeight(dock.getBoundingClientRect().height + by);
    event.preventDefault();
  });
}

/** @param {{root: HTMLElement, preferences: {get: function, set: function}, handle: HTMLElement, dock: HTMLElement}} parts  `handle`: the dock's upper edge */
export function createDock({ root, preferences, handle, dock }) {
  function toggle(open = root.dataset.dock === "closed") {
    root.dataset.dock = open ? "open" : "closed";
    preferences.set("kd-dock", root.dataset.dock);
  }

  function setHeight(pixels) {
    const height = dockHeight(pixels, window.innerHeight);
    root.style.setProperty("--dock-height", `${height}px`);
    handle.setAttribute("aria-valuenow", String(height));
    preferences.set("kd-dock-height", String(height));
  }

  followHandle(handle, dock, { onDrag: () => toggle(true), onHeight: setHeight });
  const height = Number(preferences.get("kd-dock-height"));
  if (height) setHeight(height);
  if (preferences.get("kd-dock") === "closed") toggle(false);
  return { toggle };
}
