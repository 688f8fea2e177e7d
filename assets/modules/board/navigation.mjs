/** Wheel, trackpad and the Space key: moving about on the board without touching the circuit. */

const WHEEL = 0.0016; // zoom exponent a pixel of wheel; one notch is about 120 pixels
const PINCH = 0.011; // trackpads send a pinch as small Ctrl + wheel steps
const LINE = 18; // pixels a line where a wheel counts lines

/** Zoom factor of a wheel event. Pure. */
export function wheelFactor({ deltaY, deltaMode = 0, ctrlKey = false }) {
  const pixels = deltaMode === 1 ? deltaY * LINE : deltaMode === 2 ? deltaY * 400 : deltaY;
  const bounded = Math.max(-240, Math.min(240, pixels));
  return Math.exp(-bounded * (ctrlKey && Math.abs(pixels) < 60 ? PINCH : WHEEL));
}

/** @param {{element: HTMLElement, canvas: object}} parts */
export function createNavigation({ element, canvas }) {
  let held = false;
  let used = false;

  function onWheel(event) {
    if (!event.target.closest("#board-cy, canvas") || event.target.closest(".minimap")) return;
    event.preventDefault();
    event.stopPropagation(); // cytoscape's own wheel step is three times the zoom
    if (event.shiftKey) {
      canvas.panBy(-(event.deltaX || event.deltaY), 0);
      return;
    }
    const frame = element.getBoundingClientRect();
    canvas.zoomBy(wheelFactor(event), event.clientX - frame.left, event.clientY - frame.top);
  }

  const typing = (event) => event.target.closest?.("input, textarea, select, [contenteditable=true]");

  function onSpace(event) {
    if (event.code !== "Space" || typing(event)) return;
    held = event.type === "keydown";
    element.classList.toggle("ready-to-pan", held);
    if (held) return;
    if (used) event.stopImmediatePropagation(); // Space + drag panned: it was not a tap
    used = false;
  }

  element.addEventListener("wheel", onWheel, { capture: true, passive: false });
  window.addEventListener("keydown", onSpace, true);
  window.addEventListener("keyup", onSpace, true);
  window.addEventListener("blur", () => { held = false; });

  return { spaceHeld: () => held, useSpace: () => { used = held; } };
}
