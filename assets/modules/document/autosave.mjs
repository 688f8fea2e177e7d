/** Keeps the server's copy of the open circuit equal to the document, and nothing lost when that fails. */

import { createTimer } from "../lib/timer.mjs";
import { dropDraft, keepDraft } from "./drafts.mjs";

const DELAY_MS = 400;
const RETRY_MS = 2000;
const ROOM_MS = 10_000; // a full disk may get room again

/**
 * What a failed save means: "conflict" another window saved meanwhile, "missing" the file is gone, "offline" no answer,
 * "refused" the server cannot store this circuit; and when to try again [ms], null for never by itself. Pure.
 */
export function failureOf({ status, offline }) {
  if (status === 409) return { kind: "conflict", again: null };
  if (status === 404) return { kind: "missing", again: null };
  if (offline) return { kind: "offline", again: RETRY_MS };
  return { kind: "refused", again: status >= 500 ? ROOM_MS : null };
}

/**
 * @typedef {object} AutosaveParts
 * @property {any} store  `saved` is written
 * @property {any} api  saveCircuit, createCircuit, circuit, health
 * @property {Pick<Storage, "getItem"|"setItem"|"removeItem">} storage
 * @property {string} clientId  tells our own saves from those of another window
 * @property {(mine: any, theirs: any) => Promise<"mine"|"theirs"|"copy"|null>} onConflict
 * @property {(message: string) => void} [onRefused]  the server cannot store this circuit as it is
 * @property {Timers} [timers]
 */

const textOf = (doc) => JSON.stringify(doc.toJSON());

class Autosave {
  #store;
  #api;
  #storage;
  #clientId;
  #onConflict;
  #onRefused;
  #next; // the save or the look for the server that is planned
  #id = null;
  /** @type {any} */
  #doc = null;
  #base = 0; // the revision of the server that the document is made from
  #savedText = "";
  #saving = false;
  #off = () => {};

  /** @param {AutosaveParts} parts */
  constructor({ store, api, storage, clientId, onConflict, onRefused = () => {}, timers }) {
    this.#store = store;
    this.#api = api;
    this.#storage = storage;
    this.#clientId = clientId;
    this.#onConflict = onConflict;
    this.#onRefused = onRefused;
    this.#next = createTimer(timers);
  }

  /** Watch another document; `revision` is the server's. */
  open(id, doc, revision, { dirty = false } = {}) {
    this.close();
    this.#id = id;
    this.#doc = doc;
    this.#base = revision;
    this.#savedText = dirty ? "" : textOf(doc);
    this.#off = doc.on("change", () => this.#changed());
    this.#say(dirty ? "saving" : "saved");
    if (dirty) this.#plan(0);
  }

  close() {
    this.#off();
    this.#next.cancel();
    this.#id = null;
    this.#doc = null;
  }

  revision() {
    return this.#base;
  }

  /** Save now if anything differs; returns when the server has answered. */
  async flush() {
    this.#next.cancel();
    if (!this.#doc || this.#saving) return;
    const doc = this.#doc;
    const circuit = doc.toJSON();
    const text = JSON.stringify(circuit);
    if (text === this.#savedText) {
      this.#say("saved");
      return;
    }
    this.#saving = true;
    this.#keepDraft();
    try {
      const answer = await this.#api.saveCircuit(this.#id, { circuit, revision: this.#base, client: this.#clientId });
      this.#saving = false;
      if (doc !== this.#doc) return;
      this.#accept(answer.revision, text);
      if (textOf(doc) === text) this.#say("saved");
      else this.#plan(DELAY_MS);
    } catch (error) {
      this.#saving = false;
      if (doc === this.#doc) await this.#failed(error, circuit);
    }
  }

  /** The window is going away: keep what the server may not get any more. */
  leave() {
    if (!this.#doc || textOf(this.#doc) === this.#savedText) return;
    this.#keepDraft();
    this.flush();
  }

  #say(saved) {
    this.#store.set({ saved });
  }

  #plan(ms) {
    this.#next.set(() => this.flush(), ms);
  }

  #changed() {
    const { saved } = this.#store.get();
    if (saved === "conflict" || saved === "offline") {
      this.#keepDraft();
      return;
    }
    this.#say("saving");
    this.#plan(DELAY_MS);
  }

  #keepDraft() {
    keepDraft(this.#id, { base: this.#base, circuit: this.#doc.toJSON() }, this.#storage);
  }

  /** The server has `text` as its `revision`. */
  #accept(revision, text) {
    this.#base = revision;
    this.#savedText = text;
    dropDraft(this.#id, this.#storage);
  }

  async #failed(error, circuit) {
    const { kind, again } = failureOf(error);
    if (kind === "conflict") {
      await this.#settle();
    } else if (kind === "missing") {
      const doc = this.#doc;
      const answer = await this.#api.createCircuit(circuit, this.#id);
      if (doc !== this.#doc) return;
      this.#accept(answer.revision, JSON.stringify(circuit));
      this.#say("saved");
    } else {
      this.#say(kind);
      if (kind === "refused") this.#onRefused(error.message);
      if (again !== null) this.#retryIn(again);
    }
  }

  /** An edit made meanwhile is saved sooner, and plans the retry itself when that fails too. */
  #retryIn(ms) {
    if (!this.#next.waiting) this.#next.set(() => this.#retry(), ms);
  }

  /** While the server is away: look for it, then save on top of the revision we know. */
  async #retry() {
    if (!this.#doc) return;
    try {
      await this.#api.health();
    } catch {
      if (this.#doc) this.#retryIn(RETRY_MS);
      return;
    }
    this.#say("saving");
    await this.flush();
  }

  /** Another window saved meanwhile: where its circuit is not the same, a person chooses. */
  async #settle() {
    this.#say("conflict");
    const id = this.#id;
    const theirs = await this.#api.circuit(id).catch(() => null);
    if (this.#id !== id) return;
    if (theirs && JSON.stringify(theirs.circuit) === textOf(this.#doc)) {
      this.#take(theirs);
      return;
    }
    const choice = await this.#onConflict(this.#doc.toJSON(), theirs);
    if (this.#id !== id) {
      dropDraft(id, this.#storage); // mine lives on as a copy
    } else if (choice === "theirs" && theirs) {
      this.#doc.replace(theirs.circuit);
      this.#take(theirs);
    } else if (choice === "mine" && theirs) {
      this.#base = theirs.revision;
      this.#say("saving");
      await this.flush();
    }
  }

  /** The document is what the server has. */
  #take({ revision }) {
    this.#accept(revision, textOf(this.#doc));
    this.#say("saved");
    this.#next.cancel();
  }
}

/** @param {AutosaveParts} parts */
export const createAutosave = (parts) => new Autosave(parts);
