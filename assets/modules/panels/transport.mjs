/** The controls of playback: play, step, reverse, loop, speed, time, and the state of the simulation. */

import { byId, el, iconButton, put, setGlyph, setText } from "../lib/dom.mjs";
import { clockTime } from "../lib/numbers.mjs";
import { SPEEDS } from "../play/clock.mjs";
import { serverWords } from "../lib/server_state.mjs";
import { doubtSentence } from "../play/trust.mjs";

const SLIDER_STEPS = 10_000;
const QUIET_MS = 450;

const GAINS = [0.25, 0.5, 1, 2, 4, 8];
const shareName = (share) => ({ 0.25: "¼×", 0.5: "½×" })[share] ?? `${share}×`;
const speedName = (speed) => ({ 0.1: "⅒×", 0.25: "¼×", 0.5: "½×" })[speed] ?? `${speed}×`;

/** A button of a command; `key` is shown as its shortcut. */
const iconFor = (command, glyph, label, key = null, props = {}) => iconButton(glyph, label, { ...props, dataset: { command, ...(key && { key }) } });

/** A menu of numbers; the keys go back to the board after a choice. */
function menuOf(name, values, { label, title, text, onChoice }) {
  const select = el(
    "select",
    { class: `transport-select transport-${name}`, "aria-label": label, title, on: { change: () => { onChoice(Number(select.value)); select.blur(); } } },
    values.map((value) => el("option", { value: String(value), text: text(value) })),
  );
  return select;
}

/** Where playback is, and what moves it there. */
function timeSlider(playback) {
  const slider = el("input", {
    type: "range", class: "transport-slider", min: 0, max: SLIDER_STEPS, step: 1, value: "0", "aria-label": "Time",
    on: {
      pointerdown: () => playback.pause(),
      pointerup: () => slider.blur(),
      input: () => playback.seek((Number(slider.value) / SLIDER_STEPS) * playback.clock.duration),
    },
  });
  return slider;
}

/** The elements, put into `root`. */
function controlsIn(root, { store, playback }) {
  const play = iconFor("play-pause", "play", "Play", "Space", { class: "transport-play" });
  const start = iconFor("restart", "start", "To the start");
  const back = iconFor("step-back", "step-back", "One sample back", ",");
  const forward = iconFor("step-forward", "step-forward", "One sample on", ".");
  const reverse = iconFor("reverse", "reverse", "Run backwards", "Shift+Space");
  const loop = iconFor("loop", "loop", "Loop");
  const speed = menuOf("speed", SPEEDS, { label: "Playback speed", title: "Playback speed", text: speedName, onChoice: playback.setSpeed });
  const gain = menuOf("gain", GAINS, {
    label: "Size and pace of the current dots", title: "Size and pace of the current dots; 1× fits the largest current",
    text: shareName, onChoice: (value) => store.set({ currentGain: value }),
  });
  const slider = timeSlider(playback);
  const time = el("output", { class: "transport-time", "aria-label": "Time" });
  const state = el("span", { class: "sim-state", role: "status" });
  put(
    root,
    el("div", { class: "transport-buttons" }, start, back, play, forward, reverse, loop, speed, el("span", { class: "gain-box" }, el("span", { class: "gain-dots", "aria-hidden": "true" }), gain)),
    slider,
    time,
    state,
  );
  return { play, start, back, forward, reverse, loop, speed, gain, slider, time, state };
}

function paintTime({ slider, time }, { time: now, sim }, duration) {
  const known = Boolean(sim) && duration > 0;
  slider.disabled = !known;
  const at = known ? Math.round((now / duration) * SLIDER_STEPS) : 0;
  if (Number(slider.value) !== at) slider.value = String(at);
  slider.style.setProperty("--share", `${known ? (100 * now) / duration : 0}%`);
  setText(time, known ? `${clockTime(now, duration)} / ${clockTime(duration, duration)}` : "no simulation yet");
  if (known) slider.setAttribute("aria-valuetext", clockTime(now, duration));
}

function paintPlaying({ play, start, back, forward, reverse, loop, speed }, { playing, direction, loop: looping, speed: now, sim }) {
  setGlyph(play, playing ? "pause" : "play", playing ? "Pause" : direction < 0 ? "Play backwards" : "Play");
  for (const control of [play, start, back, forward]) control.disabled = !sim;
  play.classList.toggle("backwards", direction < 0 && !playing);
  reverse.setAttribute("aria-pressed", String(direction < 0));
  loop.setAttribute("aria-pressed", String(looping));
  if (speed.value !== String(now)) speed.value = String(now);
}

/** What there is to say of the simulation, and a button where it can be asked for again. */
function paintSimulation({ state }, { simState, simError, sim, server, layoutRunning }) {
  const doubt = doubtSentence(sim?.status);
  const again = (text) => el("button", { type: "button", class: "sim-again", text, dataset: { command: "simulate" }, title: "R" });
  state.className = `sim-state sim-${simState}`;
  const waits = (text, more, command, label) => put(
    state, el("span", { class: "sim-dot" }), el("span", { class: "sim-text waits", text, title: more || null }), iconFor(command, "close", label),
  );
  if (layoutRunning) waits("Arranging", "", "cancel", "Stop arranging");
  else if (simState === "error" && simError) {
    const early = simError.time !== null; // there is a part to look at; the scope says why it ends
    put(state, el("span", { class: "sim-text", text: early ? "Stopped early" : "Not simulated", title: simError.message }), early ? null : again("Try again"));
  } else if (simState === "stale") put(state, again("Circuit changed: simulate"));
  else if (simState === "running") {
    const { text, more } = serverWords(server);
    waits(text, more, "stop-simulating", "Stop the simulation");
  } else if (doubt) put(state, el("span", { class: "sim-text doubt", text: "Inaccurate", title: doubt }));
  else put(state);
}

function registerPlayback(commands, playback) {
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

/** @param {{store, playback, commands}} parts */
export function createTransport({ store, playback, commands }) {
  const controls = controlsIn(byId("transport"), { store, playback });
  const paint = {
    gain: ({ currentGain }) => { controls.gain.value = String(currentGain); },
    time: (state) => paintTime(controls, state, playback.clock.duration),
    playing: (state) => paintPlaying(controls, state),
    simulation: (state) => paintSimulation(controls, state),
  };
  let quiet = null;
  store.on(["currentGain"], paint.gain);
  store.on(["time", "sim"], paint.time);
  store.on(["playing", "direction", "loop", "speed", "sim"], paint.playing);
  store.on(["sim", "simState", "simError", "server", "layoutRunning"], (now) => {
    clearTimeout(quiet); // a fast answer should not flash a word
    if (now.simState === "running" || now.simState === "stale" || now.layoutRunning) quiet = setTimeout(() => paint.simulation(store.get()), QUIET_MS);
    else paint.simulation(now);
  });
  for (const part of Object.values(paint)) part(store.get());
  registerPlayback(commands, playback);
}
