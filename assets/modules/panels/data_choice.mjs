/** Which data set is chosen, with which options, and what the server shows of it. Knows no elements. */

const DELAY_MS = 250;

/** The options a person changed, as the server wants them. */
export const changed = (params, options) =>
  Object.fromEntries(params.filter(({ name, default: value }) => name in options && options[name] !== value).map(({ name }) => [name, options[name]]));

/** The data set that takes a file: the present one if it does, else the first of those that do; null for none. */
export function takerOf(fileName, datasets, present) {
  const ending = /\.[^.]+$/.exec(fileName.toLowerCase())?.[0] ?? "";
  const takes = (name) => datasets[name]?.uploads?.includes(ending) ?? false;
  if (takes(present)) return present;
  return Object.keys(datasets).find(takes) ?? null;
}

/** Options that speak of the columns of one file: free texts. Another file has others. */
export const ofOneFile = (params) => params.filter(({ name, default: value, choices }) => value === "" && choices.length === 0 && name !== "path").map(({ name }) => name);

/** What was given for the options of every data set, so that nothing typed is lost by looking elsewhere. */
class GivenOptions {
  #given = new Map();

  of(dataset) {
    return this.#given.get(dataset) ?? {};
  }

  /** Set one option; another file empties those that spoke of the one before. Returns the names of these. */
  set(dataset, params, name, value) {
    const before = this.of(dataset);
    const another = name === "path" && before.path && before.path !== value;
    const emptied = another ? ofOneFile(params).filter((one) => before[one]) : [];
    this.#given.set(dataset, { ...before, ...Object.fromEntries(emptied.map((one) => [one, ""])), [name]: value });
    return emptied;
  }
}

/**
 * Asks one question after a pause; a newer one takes its place, and only the newest is answered.
 * @param {{ask: (signal: AbortSignal) => Promise<any>, onAnswer: (answer) => void, onError: (error: Error) => void, timers: Timers}} parts
 */
function createNewest({ ask, onAnswer, onError, timers }) {
  let timer = null;
  let running = null;

  async function turn() {
    timer = null;
    const mine = (running = new AbortController());
    let answer;
    try {
      answer = await ask(mine.signal);
    } catch (error) {
      if (error.name === "AbortError" || running !== mine) return;
      running = null;
      onError(error);
      return;
    }
    if (running !== mine) return;
    running = null;
    onAnswer(answer);
  }

  function stop() {
    if (timer !== null) timers.clear(timer);
    timer = null;
    running?.abort();
    running = null;
  }

  function plan(wait) {
    stop();
    timer = timers.set(turn, wait);
  }

  return { plan, stop };
}

const megabytes = (bytes) => `${Math.max(1, Math.round(bytes / 2 ** 20))} MB`;

/** Why a file cannot be sent; empty when it can. */
function tooLarge({ name, size }, largest) {
  if (size <= largest) return "";
  return `${name} has ${megabytes(size)}; files of up to ${megabytes(largest)} can be sent. Give the path of a larger one on the server's machine.`;
}

/** The chosen data set and its options; asks for a preview after every change. */
export class DataChoice {
  #given = new GivenOptions();
  #api;
  #heard;
  #question;
  #model = "";
  #recipe = "";
  #kind = null;
  #filled = null; // data set, path, model and recipe whose settings stand in the form
  dataset = null;

  /**
   * @param {object} parts
   * @param {{previewData: function, sendData: function}} parts.api
   * @param {(chosen: {dataset, options}) => void} parts.onOptions  called at once after every change
   * @param {(answer: {dataset, state, preview, error}) => void} parts.onShow  `state` is empty, reading, ready or failed
   * @param {(names: string[]) => void} [parts.onForget]  options of the file before, whose fields are empty again
   * @param {(recipe: {values: object|null, fresh: boolean, closed: boolean}) => void} parts.onRecipe  settings that fit; `fresh`
   *   when the data or the model are others, `closed` while nobody knows which fit
   * @param {(shown: {models: {value: string, label: string}[], model: string, recipes?: string[], recipe_name?: string, circuit: object|null}) => void} [parts.onModels]  the
   *   models that learn the data, and the one they are shown for
   * @param {Timers} [parts.timers]
   */
  constructor({ api, onOptions, onShow, onForget = () => {}, onRecipe, onModels = () => {}, timers = { set: (fn, ms) => setTimeout(fn, ms), clear: (id) => clearTimeout(id) } }) {
    this.#api = api;
    this.#heard = { onOptions, onShow, onForget, onRecipe, onModels };
    this.#question = createNewest({ timers, ask: (signal) => this.#ask(signal), onAnswer: (preview) => this.#take(preview), onError: (error) => this.#fail(error) });
  }

  get #options() {
    return this.#given.of(this.dataset);
  }

  get #identity() {
    return JSON.stringify([this.dataset, this.#options.path ?? "", this.#model, this.#recipe]);
  }

  /** What was given for an option of the chosen data set, undefined for nothing. */
  value(name) {
    return this.#options[name];
  }

  /** Show a data set; its options are those of the last time. */
  choose(name, { params, uploads }) {
    if (name === this.dataset) return;
    this.dataset = name;
    this.#kind = { params, wantsFile: uploads.length > 0 };
    this.#tell();
    this.#refresh(0);
  }

  /** Take another model; what does not learn the data is replaced by what does. Returns whether it is another one. */
  chooseModel(name) {
    if (!name || name === this.#model) return false;
    [this.#model, this.#recipe] = [name, ""];
    if (this.dataset) this.#refresh(0);
    return true;
  }

  /** Take the settings of another of the model's recipes. */
  chooseRecipe(name) {
    if (!name || name === this.#recipe) return;
    this.#recipe = name;
    if (this.dataset) this.#refresh(0);
  }

  set(name, value) {
    const before = this.#identity;
    const emptied = this.#given.set(this.dataset, this.#kind.params, name, value);
    if (emptied.length > 0) this.#heard.onForget(emptied);
    this.#tell();
    this.#refresh(this.#identity === before ? DELAY_MS : 0);
  }

  /** Send a file of the person's own and choose it. */
  async send(file, largest) {
    const [own, before] = [this.dataset, this.#options.path ?? ""];
    const refuse = (error) => { if (this.dataset === own) this.#show("failed", error); };
    const why = tooLarge(file, largest);
    if (why) return refuse(why);
    this.#show("reading");
    try {
      const { path } = await this.#api.sendData(own, file.name, await file.arrayBuffer());
      if (this.dataset !== own) this.#given.set(own, [], "path", path);
      else if ((this.#options.path ?? "") === before) this.set("path", path); // else another one was chosen meanwhile
    } catch (error) {
      refuse(error.message.includes(file.name) ? error.message : `${file.name}: ${error.message}`);
    }
  }

  #tell() {
    this.#heard.onOptions({ dataset: this.dataset, options: changed(this.#kind.params, this.#options) });
  }

  #show(state, error = "", preview = null) {
    this.#heard.onShow({ dataset: this.dataset, state, preview, error });
  }

  #refresh(wait) {
    this.#question.stop();
    if (this.#kind.wantsFile && !this.#options.path) return this.#show("empty");
    if (this.#identity !== this.#filled) this.#heard.onRecipe({ values: null, fresh: true, closed: true });
    this.#question.plan(wait);
  }

  #ask(signal) {
    this.#show("reading");
    return this.#api.previewData(this.dataset, changed(this.#kind.params, this.#options), this.#model, signal, this.#recipe);
  }

  #take(preview) {
    if (preview.model) {
      this.#model = preview.model;
      this.#recipe = preview.recipe_name ?? "";
      this.#heard.onModels(preview);
    }
    const fresh = this.#identity !== this.#filled;
    if (preview.recipe) this.#filled = this.#identity;
    this.#heard.onRecipe({ values: preview.recipe ?? null, fresh, closed: false });
    this.#show(preview.problem ? "failed" : "ready", preview.problem, preview);
  }

  #fail({ message }) {
    this.#heard.onRecipe({ values: null, fresh: false, closed: false });
    this.#show("failed", message);
  }
}
