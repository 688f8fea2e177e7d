/** Undo for immutable states: single changes, groups and drags are one step each. Pure. */

const MOST_STEPS = 400; // states share their unchanged parts, so a step is cheap

/**
 * What listeners hear of a change.
 * @typedef {{kind: string, ids: string[]|null, electrical: boolean, transient?: boolean}} Change
 */

/**
 * A group or a drag that is open: what was before it, and what of it listeners have not heard yet.
 * @typedef {{base: any, electrical: boolean, pending: boolean, kinds: Set<string>, ids: Set<string>|null, depth: number, transient: boolean}} Step
 */

export class History {
  #past = [];
  #future = [];
  #listeners = new Set();
  /** @type {Step|null} */
  #step = null;

  /** @param {any} state  the first state; every one is frozen */
  constructor(state) {
    this.state = state;
    this.revision = 0;
  }

  get canUndo() { return this.#past.length > 0 || Boolean(this.#step && this.#step.base !== this.state); }
  get canRedo() { return this.#future.length > 0; }

  /** @param {(change: Change) => void} fn  called after each change; @returns a function that stops it */
  listen(fn) {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }

  /**
   * Takes a new state: a step of its own, or part of the open one.
   * @param {any} state
   * @param {Change} change
   */
  change(state, { kind, ids, electrical }) {
    if (this.#step && this.#step.depth === 0) this.commit(); // an edit after a drag is its own step
    this.#future.length = 0;
    if (this.#step) {
      this.#set(state);
      this.#step.electrical ||= electrical;
      this.#step.pending ||= electrical;
      this.#step.kinds.add(kind);
      if (ids === null) this.#step.ids = null;
      else if (this.#step.ids) for (const id of ids) this.#step.ids.add(id);
      return;
    }
    this.#keep({ state: this.state, electrical });
    this.#set(state);
    this.#emit({ kind, ids, electrical });
  }

  /** Runs several changes as one step; if one throws, none of them happened. */
  group(fn) {
    if (this.#step?.depth === 0) this.commit(); // an open drag is a step of its own
    return this.#run(fn);
  }

  /** Like `group`, but the step stays open until `commit()` or the next change. */
  transient(fn) {
    this.#open().transient = true;
    return this.#run(fn);
  }

  /** Closes the open step so that the next change starts a new one. */
  commit() {
    const step = this.#step;
    this.#step = null;
    if (step && step.base !== this.state) this.#keep({ state: step.base, electrical: step.electrical });
  }

  undo() { return this.#travel(this.#past, this.#future, "undo"); }
  redo() { return this.#travel(this.#future, this.#past, "redo"); }

  #keep(step) {
    this.#past.push(step);
    if (this.#past.length > MOST_STEPS) this.#past.shift();
  }

  #travel(from, to, kind) {
    this.commit();
    const step = from.pop();
    if (!step) return false;
    to.push({ state: this.state, electrical: step.electrical });
    this.#set(step.state);
    this.#emit({ kind, ids: null, electrical: step.electrical });
    return true;
  }

  #open() {
    this.#step ??= { base: this.state, electrical: false, pending: false, kinds: new Set(), ids: new Set(), depth: 0, transient: false };
    return this.#step;
  }

  #run(fn) {
    const step = this.#open();
    step.depth += 1;
    const before = this.state;
    try {
      return fn();
    } catch (error) {
      this.state = before;
      throw error;
    } finally {
      step.depth -= 1;
      if (step.depth === 0 && !step.transient) this.commit();
      if (step.depth === 0 && step.kinds.size > 0) this.#flush(step);
    }
  }

  #set(state) {
    this.state = Object.freeze(state);
    this.revision += 1;
  }

  #flush(step) {
    const kind = step.kinds.size === 1 ? [...step.kinds][0] : "group";
    const change = { kind, ids: step.ids ? [...step.ids] : null, electrical: step.pending, transient: step.transient };
    step.kinds = new Set();
    step.ids = new Set();
    step.pending = false;
    this.#emit(change);
  }

  #emit(change) {
    for (const fn of [...this.#listeners]) fn(change);
  }
}
