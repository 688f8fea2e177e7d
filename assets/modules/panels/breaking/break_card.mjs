/** In the Train panel: break the trained circuit and see what is left; edit the one that trains. */

import { byId, el, iconButton, put, setText } from "../../lib/dom.mjs";
import { selectField } from "../../lib/fields.mjs";
import { basisWords, complete, editLines, inForce, introWords, phraseOf, placed, valuesOf } from "./faults.mjs";
import { createFaultForm } from "./fault_form.mjs";
import { createLive } from "./live.mjs";
import { createStrip } from "./strip.mjs";

const NOTHING = "";

/** What the card is made of. */
function elementsOf({ form, strip, on }) {
  const button = (text, css, click) => el("button", { type: "button", class: `button small ${css}`.trim(), text, on: { click } });
  const parts = {
    intro: el("p", { class: "note" }),
    show: button("Show it on the board", "", on.show),
    kinds: el("div"),
    kept: el("ul", { class: "break-list", "aria-label": "What is broken" }),
    title: el("span", { class: "stat-label" }),
    value: el("span", { class: "stat-value", id: "break-score" }),
    loss: el("span", { class: "stat-value", id: "break-loss" }),
    basis: el("p", { class: "note" }),
    problem: el("p", { class: "note error", role: "alert" }),
    more: button("Keep, and break more", "", on.more),
    mend: button("Mend all", "", on.mend),
    edit: button("Do it while it trains", "primary", on.edit),
    edits: el("ul", { class: "break-list", "aria-label": "Edits of this run" }),
  };
  const figures = el("div", { class: "stats", "aria-live": "polite" },
    el("div", { class: "stat" }, parts.title, parts.value), el("div", { class: "stat" }, el("span", { class: "stat-label", text: "Loss" }), parts.loss));
  put(byId("train-break"), parts.intro, parts.show, parts.kinds, form.root, parts.kept, figures, parts.basis, parts.problem, strip.root,
    el("div", { class: "button-row" }, parts.more, parts.mend, parts.edit), parts.edits);
  return { ...parts, figures };
}

/** What is chosen, and what is left of the circuit by it. */
class BreakCard {
  #run = null; // id
  #chosen = { kept: [], name: NOTHING, values: {} };
  #parts;
  #menu = null;
  #form = createFaultForm({ onChange: (name, value) => this.#change({ [name]: value }) });
  #live;
  #strip;
  #tools;

  constructor(tools) {
    this.#tools = tools;
    const on = { show: tools.showOnBoard, more: () => this.#more(), mend: () => this.#mend(), edit: () => this.#edit() };
    this.#strip = createStrip({ ask: (body, signal) => tools.api.runBroken(this.#run, body, signal), onError: (error) => this.#refused(error.message) });
    this.#parts = elementsOf({ form: this.#form, strip: this.#strip, on });
    this.#live = createLive({
      ask: (body, signal) => {
        setText(this.#parts.problem, "");
        setText(this.#parts.basis, "Computing …");
        return tools.api.runBroken(this.#run, body, signal);
      },
      onAnswer: (answer) => this.#answered(answer),
      onError: (error) => this.#refused(error.message),
    });
    tools.store.on(["selection"], ({ selection }) => this.#pick(selection));
    tools.store.on(["run", "registry", "broken"], () => this.show());
  }

  get #changes() {
    return this.#tools.store.get().registry?.changes ?? {};
  }

  get #open() {
    return this.#changes[this.#chosen.name];
  }

  get #onBoard() {
    return Boolean(this.#run) && this.#tools.store.get().run?.id === this.#run;
  }

  #choose(name) {
    const change = this.#changes[name];
    this.#chosen = { ...this.#chosen, name, values: change ? valuesOf(change) : {} };
    // What may be everywhere is everywhere until a click says where.
    if (change?.needed.length > 0 && this.#onBoard) Object.assign(this.#chosen.values, placed(change, this.#tools.store.get().selection));
    this.#update();
  }

  #change(values) {
    this.#chosen.values = { ...this.#chosen.values, ...values };
    this.#update();
  }

  #pick(selection) {
    const found = this.#open && this.#onBoard ? placed(this.#open, selection) : {};
    if (Object.keys(found).length > 0) this.#change(found);
  }

  #more() {
    this.#chosen.kept = inForce(this.#chosen, this.#changes);
    this.#choose(NOTHING);
  }

  #mend(place = -1) {
    this.#chosen.kept = place < 0 ? [] : this.#chosen.kept.filter((_, k) => k !== place);
    if (place < 0) this.#choose(NOTHING);
    else this.#update();
  }

  async #edit() {
    const { api, toast } = this.#tools;
    const { name, values } = this.#chosen;
    try {
      const { words } = await api.editRun(this.#run, { change: name, params: values });
      toast(`Asked for: ${words}.`, "ok");
    } catch (error) {
      toast(error.message, "error");
    }
  }

  #refused(message) {
    setText(this.#parts.basis, "");
    setText(this.#parts.problem, message);
  }

  #answered(answer) {
    const parts = this.#parts;
    const whole = answer.words.length === 0;
    setText(parts.problem, "");
    setText(parts.title, answer.title);
    setText(parts.value, whole ? answer.after : `${answer.before} → ${answer.after}`);
    setText(parts.loss, whole ? answer.loss : `${answer.loss_before} → ${answer.loss}`);
    setText(parts.basis, basisWords(answer));
    this.#tools.store.set({ broken: whole ? null : { run: this.#run, devices: answer.devices, nodes: answer.nodes } });
  }

  /** Show the form, and ask what is left. */
  #update() {
    const { kept, name, values } = this.#chosen;
    const faults = inForce(this.#chosen, this.#changes);
    const ready = complete(this.#open, values);
    const parts = this.#parts;
    this.#menu?.set(name);
    this.#form.show(name, this.#open, values);
    parts.more.disabled = !ready || !this.#open.fault;
    parts.mend.disabled = faults.length === 0 && !name;
    parts.edit.disabled = !ready || !this.#open.lasting;
    put(parts.kept, ...kept.map((fault, k) => this.#line(phraseOf(fault, this.#changes), k)));
    if (!this.#run) return;
    const body = { epoch: this.#tools.epoch() ?? this.#tools.run().epochs.at(-1), faults };
    this.#strip.show(body, this.#changes);
    if (name || faults.length > 0 || this.#live.asked) this.#live.now(body);
  }

  #line(words, place) {
    return el("li", {}, el("span", { text: words }), iconButton("close", `Mend ${words}`, { on: { click: () => this.#mend(place) } }));
  }

  /** Another run is followed: nothing of it is broken. */
  #begin(id) {
    this.#live.reset();
    this.#run = id;
    this.#chosen = { kept: [], name: NOTHING, values: {} };
    for (const part of ["title", "value", "loss", "basis", "problem"]) setText(this.#parts[part], "");
    this.#tools.store.set({ broken: null });
    this.#update();
  }

  #makeMenu() {
    const options = Object.entries(this.#changes).map(([value, { title }]) => ({ value, text: title }));
    this.#menu = selectField({ label: "What breaks", options: [{ value: NOTHING, text: "Nothing" }, ...options], onCommit: (name) => this.#choose(name) });
    put(this.#parts.kinds, this.#menu.root);
  }

  /** There while the followed run has a circuit and an epoch to look at. */
  show() {
    const known = this.#tools.run();
    const there = Boolean(known?.circuit && known.epochs.length > 0 && Object.keys(this.#changes).length > 0);
    byId("train-break-card").classList.toggle("off", !there);
    if (!there) return;
    if (!this.#menu) this.#makeMenu();
    if (known.id !== this.#run) this.#begin(known.id);
    const parts = this.#parts;
    setText(parts.intro, introWords(this.#onBoard));
    parts.show.hidden = this.#onBoard;
    parts.figures.hidden = parts.value.textContent === "";
    parts.edit.hidden = !known.active;
    const lines = editLines(known.edits ?? []);
    if (parts.edits.children.length !== lines.length) put(parts.edits, ...lines.map((text) => el("li", { text })));
  }
}

/** @param {{store: any, api: any, toast: Function, run: () => any, epoch: () => number|null, showOnBoard: () => void}} tools  run: the followed one */
export const createBreakCard = (tools) => new BreakCard(tools);
