/** The second axis of playback: the stored epochs of the run on the board, above its time. */

import { byId, el, iconButton, put, setText } from "../../lib/dom.mjs";

const MOST_TICKS = 60;

/** "Epoch 12 of 50". Pure. */
export const epochText = ({ epoch, epochs }) => `Epoch ${epoch} of ${epochs.at(-1)}`;

/** Places of an axis of stored epochs that have a tick: all, or as many as can be told apart. Pure. */
export function ticksOf(count) {
  const every = Math.max(1, Math.ceil((count - 1) / MOST_TICKS));
  return Array.from({ length: Math.ceil(count / every) }, (_, k) => k * every);
}

/** @param {{store, bridge}} parts */
export function createEpochRuler({ store, bridge }) {
  const root = byId("epoch-ruler");
  const slider = el("input", { type: "range", class: "transport-slider", min: 0, max: 1, step: 1, value: "0", "aria-label": "Epoch", on: { input: () => turnTo(Number(slider.value)) } });
  const ticks = el("div", { class: "ruler-ticks", "aria-hidden": "true" });
  const text = el("output", { class: "transport-time" });
  const [back, on] = [["step-back", "One stored epoch back", -1], ["step-forward", "One stored epoch on", 1]].map(([glyph, label, by]) =>
    iconButton(String(glyph), String(label), { on: { click: () => turnTo(Number(slider.value) + Number(by)) } }));
  put(root, el("span", { class: "ruler-name", text: "Epoch" }), back, on, el("div", { class: "ruler-track" }, slider, ticks), text);
  let marked = "";

  /** The slider of the Train panel is the one that the replay follows. */
  function turnTo(place) {
    const { run } = store.get();
    if (!run) return;
    const at = Math.min(Math.max(place, 0), run.epochs.length - 1);
    slider.value = String(at);
    bridge.setProps("train-epoch", { value: at });
  }

  function paint({ run }) {
    root.hidden = !run || run.epochs.length < 2;
    if (root.hidden) return;
    const at = run.epochs.indexOf(run.epoch);
    const last = run.epochs.length - 1;
    slider.max = String(last);
    if (document.activeElement !== slider) slider.value = String(at);
    slider.style.setProperty("--share", `${(100 * at) / last}%`);
    slider.setAttribute("aria-valuetext", epochText(run));
    setText(text, epochText(run));
    back.disabled = at <= 0;
    on.disabled = at >= last;
    const key = run.epochs.join(" ");
    if (key !== marked) put(ticks, ticksOf(run.epochs.length).map((k) => el("i", { style: { left: `${(100 * k) / last}%` } })));
    marked = key;
  }

  slider.addEventListener("pointerup", () => slider.blur());
  store.on(["run"], paint);
  paint(store.get());
}
