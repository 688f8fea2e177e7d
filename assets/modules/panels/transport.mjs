/** The controls of playback: play, step, reverse, loop, speed, time, and the state of the simulation. */

import { byId, el, iconButton, put, setGlyph, setText } from "../lib/dom.mjs";
import { clockTime } from "../lib/numbers.mjs";
import { SPEEDS } from "../play/clock.mjs";
import { serverWords } from "../lib/server_state.mjs";
import { doubtSentence } from "../play/trust.mjs";

const SLIDER_STEPS = 10_000;

const GAINS = [0.25, 0.5, 1, 2, 4, 8];
const shareName = (share) => ({ 0.25: "¼×", 0.5: "½×" })[share] ?? `${share}×`;
const speedName = (speed) => ({ 0.1: "⅒×", 0.25: "¼×", 0.5: "½×" })[speed] ?? `${speed}×`;

/** @param {{store, playback, commands}} parts */
export function createTransport({ store, playback, commands }) {
  const root = byId("transport");
  const button = (glyph, label, command, props = {}) =>
    iconButton(glyph, label, { ...props, dataset: { command, ...(props.dataset ?? {}) } });

  const play = button("play", "Play", "play-pause", { class: "transport-play", dataset: { key: "Space" } });
  const start = button("start", "To the start", "restart");
  const back = button("step-back", "One sample back", "step-back", { dataset: { key: "," } });
  const forward = button("step-forward", "One sample on", "step-forward", { dataset: { key: "." } });
  const reverse = button("reverse", "Run backwards", "reverse", { dataset: { key: "Shift+Space" } });
  const loop = button("loop", "Loop", "loop");
  const speed = el(
    "select",
    { class: "transport-select transport-speed", "aria-label": "Playback speed", title: "Playback speed", on: { change: () => { playback.setSpeed(Number(speed.value)); speed.blur(); } } },
    SPEEDS.map((s) => el("option", { value: String(s), text: speedName(s) })),
  );
  const gain = el(
    "select",
    { class: "transport-select transport-gain", "aria-label": "Size and pace of the current dots",
      title: "Size and pace of the current dots; 1× fits the largest current",
      on: { change: () => { store.set({ currentGain: Number(gain.value) }); gain.blur(); } } },
    GAINS.map((g) => el("option", { value: String(g), text: shareName(g) })),
  );
  const time = el("output", { class: "transport-time", "aria-label": "Time" });
  const slider = el("input", {
    type: "range", class: "transport-slider", min: 0, max: SLIDER_STEPS, step: 1, value: "0", "aria-label": "Time",
    on: {
      pointerdown: () => playback.pause(),
      pointerup: () => slider.blur(),
      input: () => playback.seek((Number(slider.value) / SLIDER_STEPS) * playback.clock.duration),
    },
  });
  const state = el("span", { class: "sim-state", role: "status" });
  put(
    root,
    el("div", { class: "transport-buttons" }, start, back, play, forward, reverse, loop, speed, el("span", { class: "gain-box" }, el("span", { class: "gain-dots", "aria-hidden": "true" }), gain)),
    slider,
    time,
    state,
  );

  function paintTime({ time: now, sim }) {
    const { duration } = playback.clock;
    const known = Boolean(sim) && duration > 0;
    slider.disabled = !known;
    const at = known ? Math.round((now / duration) * SLIDER_STEPS) : 0;
    if (Number(slider.value) !== at) slider.value = String(at);
    slider.style.setProperty("--share", `${known ? (100 * now) / duration : 0}%`);
    setText(time, known ? `${clockTime(now, duration)} / ${clockTime(duration, duration)}` : "no simulation yet");
    if (known) slider.setAttribute("aria-valuetext", clockTime(now, duration));
  }

  function paintState({ playing, direction, loop: looping, speed: now, sim }) {
    setGlyph(play, playing ? "pause" : "play", playing ? "Pause" : direction < 0 ? "Play backwards" : "Play");
    for (const control of [play, start, back, forward]) control.disabled = !sim;
    play.classList.toggle("backwards", direction < 0 && !playing);
    reverse.setAttribute("aria-pressed", String(direction < 0));
    loop.setAttribute("aria-pressed", String(looping));
    if (speed.value !== String(now)) speed.value = String(now);
  }

  function paintSimulation({ simState, simError, sim, server }) {
    const doubt = doubtSentence(sim?.status);
    state.className = `sim-state sim-${simState}`;
    if (simState === "error" && simError) {
      const early = simError.time !== null; // there is a part to look at; the scope says why it ends
      put(state, el("span", { class: "sim-text", text: early ? "Stopped early" : "Not simulated", title: simError.message }), early ? null : again("Try again"));
    } else if (simState === "stale") put(state, again("Circuit changed: simulate"));
    else if (simState === "running") put(state, el("span", { class: "sim-dot" }), serverWords(server));
    else if (doubt) put(state, el("span", { class: "sim-text doubt", text: "Inaccurate", title: doubt }));
    else put(state);
  }

  function again(text) {
    return el("button", { type: "button", class: "sim-again", text, dataset: { command: "simulate" }, title: "R" });
  }

  store.on(["currentGain"], ({ currentGain }) => { gain.value = String(currentGain); });
  gain.value = String(store.get().currentGain);
  store.on(["time", "sim"], paintTime);
  store.on(["playing", "direction", "loop", "speed", "sim"], paintState);
  let quiet = null;
  store.on(["sim", "simState", "simError", "server"], (now) => {
    clearTimeout(quiet); // a fast answer should not flash a word
    if (now.simState === "running" || now.simState === "stale") quiet = setTimeout(() => paintSimulation(store.get()), 450);
    else paintSimulation(now);
  });
  paintTime(store.get());
  paintState(store.get());
  paintSimulation(store.get());

  commands.registerAll({
    "play-pause": { title: "Play or pause", group: "Playback", run: playback.toggle },
    restart: { title: "Back to the start", group: "Playback", run: playback.restart },
    "step-back": { title: "One sample back", group: "Playback", run: () => playback.step(-1) },
    "step-forward": { title: "One sample on", group: "Playback", run: () => playback.step(1) },
    reverse: { title: "Reverse the direction of time", group: "Playback", run: playback.reverse },
    faster: { title: "Play faster", group: "Playback", run: playback.faster },
    slower: { title: "Play slower", group: "Playback", run: playback.slower },
    loop: { title: "Loop on or off", group: "Playback", run: playback.toggleLoop },
  });
}
