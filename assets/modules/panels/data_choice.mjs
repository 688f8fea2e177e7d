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

/**
 * @param {object} parts
 * @param {{previewData: function, sendData: function}} parts.api
 * @param {(chosen: {dataset, options}) => void} parts.onOptions  called at once after every change
 * @param {(answer: {dataset, state, preview, error}) => void} parts.onShow  `state` is empty, reading, ready or failed
 * @param {(names: string[]) => void} [parts.onForget]  options of the file before, whose fields are empty again
 * @param {(recipe: {values: object|null, fresh: boolean, closed: boolean}) => void} parts.onRecipe  settings that fit; `fresh`
 *   when the data or the model are others, `closed` while nobody knows which fit
 * @param {(shown: {models: {value: string, label: string}[], model: string, circuit: object|null}) => void} [parts.onModels]  the
 *   models that learn the data, and the one they are shown for
 * @param {Timers} [parts.timers]
 */
export function createDataChoice({ api, onOptions, onShow, onForget = () => {}, onRecipe, onModels = () => {}, timers = { set: (fn, ms) => setTimeout(fn, ms), clear: (id) => clearTimeout(id) } }) {
  const options = new Map(); // by data set, so that nothing typed is lost by looking elsewhere
  let dataset = null;
  let model = "";
  let params = [];
  let wantsFile = false;
  let timer = null;
  let running = null;
  let filled = null; // data set, path and model whose recipe stands in the form

  const present = () => options.get(dataset) ?? {};
  const identity = () => JSON.stringify([dataset, present().path ?? "", model]);

  /** Show a data set; its options are those of the last time. */
  function choose(name, kind) {
    if (name === dataset) return;
    dataset = name;
    params = kind.params;
    wantsFile = kind.uploads.length > 0;
    onOptions({ dataset, options: changed(params, present()) });
    refresh(0);
  }

  /** Take another model; what does not learn the data is replaced by what does. */
  function chooseModel(name) {
    if (!name || name === model) return;
    model = name;
    if (dataset) refresh(0);
  }

  function set(name, value) {
    const before = identity();
    const gone = name === "path" && present().path && present().path !== value ? ofOneFile(params).filter((one) => present()[one]) : [];
    options.set(dataset, { ...present(), ...Object.fromEntries(gone.map((one) => [one, ""])), [name]: value });
    if (gone.length > 0) onForget(gone);
    onOptions({ dataset, options: changed(params, present()) });
    refresh(identity() === before ? DELAY_MS : 0);
  }

  /** Send a file of the person's own and choose it. */
  async function take(file, largest) {
    const [own, before] = [dataset, present().path ?? ""];
    const refuse = (error) => dataset === own && onShow({ dataset, state: "failed", preview: null, error });
    const megabytes = (bytes) => `${Math.max(1, Math.round(bytes / 2 ** 20))} MB`;
    if (file.size > largest) {
      refuse(`${file.name} has ${megabytes(file.size)}; files of up to ${megabytes(largest)} can be sent. Give the path of a larger one on the server's machine.`);
      return;
    }
    onShow({ dataset, state: "reading", preview: null, error: "" });
    try {
      const { path } = await api.sendData(own, file.name, await file.arrayBuffer());
      if (dataset !== own) options.set(own, { ...options.get(own), path });
      else if ((present().path ?? "") === before) set("path", path); // else another one was chosen meanwhile
    } catch (error) {
      refuse(error.message.includes(file.name) ? error.message : `${file.name}: ${error.message}`);
    }
  }

  function stop() {
    if (timer !== null) timers.clear(timer);
    timer = null;
    running?.abort();
    running = null;
  }

  function refresh(wait) {
    stop();
    if (wantsFile && !present().path) {
      onShow({ dataset, state: "empty", preview: null, error: "" });
      return;
    }
    if (identity() !== filled) onRecipe({ values: null, fresh: true, closed: true });
    timer = timers.set(ask, wait);
  }

  async function ask() {
    timer = null;
    const mine = new AbortController();
    running = mine;
    onShow({ dataset, state: "reading", preview: null, error: "" });
    try {
      const preview = await api.previewData(dataset, changed(params, present()), model, mine.signal);
      if (running !== mine) return;
      running = null;
      if (preview.model) {
        model = preview.model;
        onModels(preview);
      }
      const fresh = identity() !== filled;
      if (preview.recipe) filled = identity();
      onRecipe({ values: preview.recipe ?? null, fresh, closed: false });
      onShow({ dataset, state: preview.problem ? "failed" : "ready", preview, error: preview.problem });
    } catch (error) {
      if (error.name === "AbortError" || running !== mine) return;
      running = null;
      onRecipe({ values: null, fresh: false, closed: false });
      onShow({ dataset, state: "failed", preview: null, error: error.message });
    }
  }

  return { choose, chooseModel, set, take, refresh: () => dataset && refresh(0), value: (name) => present()[name], get dataset() { return dataset; } };
}
