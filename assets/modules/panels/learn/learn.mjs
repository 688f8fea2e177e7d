/** A lesson beside the live studio: its steps set the circuit up, ask, and are checked by the running model. */

import { put } from "../../lib/dom.mjs";
import { checked, judgeable, phaseOf, rightChoice, verdictOf, hintsOpen } from "./course.mjs";
import { isOfRun } from "./figures.mjs";
import { createFrame } from "./frame.mjs";
import { createSetup } from "./setup.mjs";
import { createStepView } from "./step_view.mjs";

const WATCHED = ["sim", "simState", "revision", "time", "selection", "lane", "mode", "playing", "doc", "run", "settings"];

/** What is known of the followed run: its best test accuracy and the epochs reported; nothing of one of the `ended`. Pure. */
export function runFigures(live, ended = new Set()) {
  if (ended.has(live?.id)) return { accuracy: NaN, epochs: 0 };
  const rows = live?.rows ?? [];
  const scores = rows.map((row) => row.test_accuracy).filter((score) => typeof score === "number");
  return { accuracy: scores.length > 0 ? Math.max(...scores) : NaN, epochs: rows.reduce((most, row) => Math.max(most, row.epoch ?? 0), 0) };
}

/** Plays one lesson at a time. */
export class Learn {
  #core;
  #pages;
  #follow;
  #progress;
  #frame;
  #setup;
  #lesson = null;
  #at = 0;
  #view = null;
  #judged = ""; // the circuit that was judged last, so that a try counts once
  #planned = false;
  #ready = false; // whether the set-up of the step is in place: nothing is judged before
  #ended = new Set(); // runs that had ended before the step began: no task is done by them

  /** @param {{core: any, bench: any, follow: any, progress: any}} parts */
  constructor({ core, bench, follow, progress }) {
    this.#core = core;
    this.#pages = bench.pages;
    this.#follow = follow;
    this.#progress = progress;
    this.#setup = createSetup({ ...core, pages: bench.pages, workspace: bench.workspace, replay: bench.replay });
    this.#frame = createFrame({
      onBack: () => this.#go(this.#at - 1),
      onNext: () => this.#next(),
      onStep: (k) => this.#go(k),
      onAgain: () => this.#again(),
      onLeave: () => this.#pages.goLearn(),
    });
    core.store.on(WATCHED, () => this.#plan());
    follow.onNews(() => this.#plan());
    core.commands.register("lesson", { title: "To the lesson, and back to the board", group: "Go", enabled: () => this.#lesson !== null, run: () => this.#jump() });
  }

  /** Show a step, counted from 0; one beyond the end is the last. */
  async show(lesson, k) {
    const { root, toast } = this.#core;
    this.#lesson = lesson;
    this.#at = Math.min(Math.max(k, 0), lesson.steps.length - 1);
    root.dataset.lesson = "on";
    this.#progress.enter(lesson.id, this.#at);
    const step = lesson.steps[this.#at];
    this.#view = createStepView({
      step, pictures: (name) => `/api/lessons/${encodeURIComponent(lesson.id)}/pictures/${encodeURIComponent(name)}`,
      onAnswer: (answer) => this.#note({ answer }),
      onHint: () => this.#note({ hints: hintsOpen(step, this.#record) + 1 }),
    });
    this.#judged = "";
    this.#noteEnded(step);
    this.#frame.show(lesson, this.#at);
    put(this.#frame.body, this.#view.root);
    this.#frame.body.scrollTop = 0;
    this.#setReady(false);
    this.#view.title.focus({ preventScroll: true });
    this.#paint();
    try {
      const view = this.#view;
      await this.#setup.apply(lesson, this.#at, () => this.#view === view && this.#setReady(true));
      this.#core.board.fit();
    } catch (error) {
      toast(error.message, "error");
    }
  }

  /** The lesson is no longer on show. */
  leave() {
    if (!this.#lesson) return;
    this.#lesson = null;
    this.#view = null;
    this.#setup.cancel();
    put(this.#frame.body);
    delete this.#core.root.dataset.lesson;
  }

  get #step() {
    return this.#lesson.steps[this.#at];
  }

  get #record() {
    return this.#progress.step(this.#lesson.id, this.#at);
  }

  get #world() {
    const acting = phaseOf(this.#step, this.#record) === "task";
    return { state: this.#core.store.get(), run: runFigures(this.#follow.live, acting ? this.#ended : undefined) };
  }

  /** A task about a run asks for one that is at work now, or starts later. */
  async #noteEnded(step) {
    this.#ended = new Set();
    if (!(step.task?.checks ?? []).some(({ when }) => isOfRun(when))) return;
    const { rows } = (await this.#core.api.runsTable("").catch(() => null)) ?? { rows: [] };
    this.#ended = new Set(rows.filter(({ active }) => !active).map(({ id }) => id));
  }

  #setReady(ready) {
    this.#ready = ready;
    this.#frame.root.dataset.state = ready ? "ready" : "setting";
    this.#plan();
  }

  #note(patch) {
    this.#progress.note(this.#lesson.id, this.#at, patch);
    this.#paint();
  }

  #go(k) {
    this.#pages.goLesson(this.#lesson.id, k + 1);
  }

  #next() {
    if (phaseOf(this.#step, this.#record) === "reveal") this.#note({ done: true });
    if (this.#at + 1 < this.#lesson.steps.length) this.#go(this.#at + 1);
    else this.#pages.goLearn();
  }

  #again() {
    this.#progress.forget(this.#lesson.id, this.#at);
    this.show(this.#lesson, this.#at);
  }

  /** From the lesson to the board by a key, and back. */
  #jump() {
    const { root } = this.#frame;
    if (root.contains(document.activeElement)) document.getElementById("board")?.focus();
    else this.#view.title.focus();
  }

  /** Look at most once a frame: time moves while a circuit plays. */
  #plan() {
    if (this.#planned || !this.#lesson) return;
    this.#planned = true;
    requestAnimationFrame(() => {
      this.#planned = false;
      if (this.#lesson) this.#paint();
    });
  }

  #paint() {
    const world = this.#world;
    const held = this.#ready && (this.#setup.holding(this.#lesson) || world.state.run) ? checked(this.#step, world) : [];
    if (this.#ready) this.#observe(world, held);
    const record = this.#record;
    const rightPlace = this.#step.predict?.choices && record.right !== undefined ? record.rightPlace ?? rightChoice(this.#step, world) : -1;
    const opened = this.#view.show({ record, held, rightPlace });
    this.#view.update(world);
    const { id, steps } = this.#lesson;
    this.#frame.mark({ done: steps.map((_, k) => this.#progress.step(id, k).done), ready: phaseOf(this.#step, record) === "reveal" });
    if (opened) this.#readOn();
  }

  /** What the model says of the step as it stands: a task done, a failed try, a prediction that came true. */
  #observe(world, held) {
    const { id } = this.#lesson;
    const step = this.#step;
    const note = (patch) => this.#progress.note(id, this.#at, patch);
    if (phaseOf(step, this.#record) === "task") {
      if (held.length > 0 && held.every(Boolean)) note({ done: true });
      else this.#countTry(world, note);
    }
    const record = this.#record;
    if (phaseOf(step, record) !== "reveal") return;
    if (step.predict && record.right === undefined) {
      if (!this.#setup.holding(this.#lesson) || !judgeable(step, world)) return;
      note({ ...verdictOf(step, record.answer, world), done: true, ...(step.predict.choices ? { rightPlace: rightChoice(step, world) } : {}) });
    }
  }

  /** An edit that was solved and does not meet the task is a failed try. */
  #countTry({ state }, note) {
    if (state.simState !== "fresh" || !state.sim || !state.doc) return;
    const circuit = state.doc.hash();
    if (this.#judged !== "" && this.#judged !== circuit) note({ tries: (this.#record.tries ?? 0) + 1 });
    this.#judged = circuit;
  }

  /** Lead the eye, and the keys where they are in the lesson, to the part that was just opened. */
  #readOn() {
    const part = this.#view.opened();
    const { root } = this.#frame;
    const inside = root.contains(document.activeElement) || document.activeElement === document.body;
    if (inside) part.focus({ preventScroll: true });
    part.scrollIntoView?.({ block: "nearest" });
  }
}
