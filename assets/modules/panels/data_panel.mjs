/** The part of the train panel about data: options of the chosen set, own files, and what is in it. */

import { createDataChoice, takerOf } from "./data_choice.mjs";
import { createDataPreview } from "./data_preview.mjs";
import { byId, el, put, setText } from "../lib/dom.mjs";
import { checkField, numberField, parameterName, selectField, textField } from "../lib/fields.mjs";
import { themeColours } from "../paint/colours.mjs";

const NAMES = { n: "Examples", data_dir: "Folder of the files" };
const WHOLE = { classify: "Classes", regress: "Numbers" };
const PATH_LENGTH = 1000;

/** @param {{store, api, bridge}} parts */
export function createDataPanel({ store, api, bridge }) {
  const doc = el("p", { class: "note" });
  const form = el("div", { class: "form-grid data-fields" });
  const own = el("div", { class: "data-own" });
  const options = el("details", { class: "more" }, el("summary", { text: "Options of the data" }), form);
  const preview = createDataPreview({ theme: () => themeColours(store.get().theme, getComputedStyle(document.documentElement)) });
  put(byId("train-data"), doc, own, options, preview.root);
  byId("train-circuit").append(preview.circuit);
  let chosen = { dataset: "", source: "builtin", model: "", mode: "" };
  let shownChoices = "";
  let fields = new Map();
  let datasets = {};

  const choice = createDataChoice({
    api,
    onOptions: (value) => bridge.send("train-options", value),
    onShow: (answer) => {
      preview.show(answer);
      if (answer.preview) offer(answer.preview.choices);
      showCircuit();
    },
    onForget: (names) => {
      shownChoices = "{}";
      for (const param of datasets[choice.dataset].params) if (names.includes(param.name)) put(fields.get(param.name), fieldOf(param).root);
    },
    onModels: ({ models, model, circuit }) => {
      bridge.setProps("train-model", { data: models, value: model });
      byId("train-source-box").className = circuit ? "" : "off";
    },
    onRecipe: ({ closed, ...recipe }) => {
      if (closed) bridge.setProps("train-fields", { disabled: true });
      else bridge.send("train-recipe", recipe);
    },
  });

  /** Called when the data set, the model, the source of its circuit or the mode changes. */
  function choose(next = chosen) {
    chosen = next;
    const { registry } = store.get();
    if (!registry || chosen.mode !== "train") return;
    datasets = registry.datasets;
    choice.chooseModel(chosen.model);
    const kind = datasets[chosen.dataset];
    if (choice.dataset !== chosen.dataset) {
      choice.choose(chosen.dataset, kind);
      build(kind);
    }
    showCircuit();
  }

  function build(kind) {
    setText(doc, kind.doc);
    shownChoices = "{}";
    fields = new Map();
    const given = kind.params.filter(({ name }) => !(name === "path" && kind.uploads.length > 0));
    for (const param of given) fields.set(param.name, el("div", { class: "form-cell" }, fieldOf(param).root));
    put(form, ...fields.values());
    options.hidden = given.length === 0;
    options.open = kind.uploads.length > 0;
    put(own, kind.uploads.length > 0 ? ownFile(kind) : null);
  }

  /** Options whose values the server knows become a choice. */
  function offer(choices) {
    const text = JSON.stringify(choices);
    if (text === shownChoices) return;
    shownChoices = text;
    for (const param of datasets[choice.dataset].params) {
      if (fields.has(param.name) && choices[param.name]) {
        put(fields.get(param.name), fieldOf({ ...param, choices: choices[param.name] }, true).root);
      }
    }
  }

  function fieldOf(param, known = false) {
    const label = param.name === "test" ? (param.integer ? "Test examples" : "Share for testing") : (NAMES[param.name] ?? parameterName(param.name));
    const shared = { label, doc: param.doc, onCommit: (value) => choice.set(param.name, value) };
    const value = choice.value(param.name) ?? param.default;
    const field = inputOf(param, shared, known);
    field.set(value);
    return field;
  }

  function inputOf(param, shared, known) {
    if (typeof param.default === "boolean") return checkField(shared);
    if (param.choices.length > 0) {
      const plain = param.choices.map((name) => ({ value: name, text: known ? name : (WHOLE[name] ?? parameterName(name)) }));
      const first = known ? [{ value: "", text: `The last: ${param.choices.at(-1)}` }] : [];
      return selectField({ ...shared, options: [...first, ...plain] });
    }
    if (typeof param.default === "string") return textField({ ...shared, maxlength: PATH_LENGTH });
    const { unit, low, high, integer } = param;
    return numberField({ ...shared, unit, low, high, integer });
  }

  /** A button that sends a file, and the path of what was sent or lies on the server's machine. */
  function ownFile(kind) {
    const archive = kind.uploads.includes(".zip");
    const megabytes = `${Math.round(kind.upload_limit / 2 ** 20)} MB`;
    const input = el("input", { type: "file", id: "data-file", accept: kind.uploads.join(","), hidden: true, "aria-label": "File of data" });
    const list = el("datalist", { id: "data-files" });
    const path = textField({
      label: "Path", maxlength: PATH_LENGTH, placeholder: archive ? "or a folder on the server's machine" : "or a file on the server's machine",
      onCommit: (value) => choice.set("path", value),
    });
    path.root.querySelector("input").setAttribute("list", "data-files");
    path.set(choice.value("path") ?? "");
    input.addEventListener("change", () => {
      const [file] = input.files;
      input.value = "";
      send(file);
    });
    const words = archive ? "Choose a zip archive" : "Choose a CSV file";
    const button = el("button", { type: "button", class: "button", text: words, on: { click: () => input.click() } });
    const note = archive
      ? `A zip archive of up to ${megabytes} with one folder of pictures for each class.`
      : `A CSV file of up to ${megabytes}, one row for each example.`;
    api.dataFiles(chosen.dataset).then((names) => put(list, names.map((name) => el("option", { value: name }))), () => {});
    return [input, list, button, el("p", { class: "note", text: note }), path.root];
  }

  async function send(file) {
    if (!file) return;
    await choice.take(file, datasets[choice.dataset].upload_limit);
    const path = own.querySelector("input[list]");
    if (path && choice.value("path") !== undefined && path.value !== choice.value("path")) put(own, ownFile(datasets[choice.dataset]));
  }

  /** Whether a file dropped on the page is one for here; if so it is taken. */
  function drop(file) {
    if (chosen.mode !== "train") return false;
    const taker = takerOf(file.name, datasets, choice.dataset);
    if (!taker) return false;
    if (taker !== choice.dataset) {
      bridge.setProps("train-dataset", { value: taker });
      choose({ ...chosen, dataset: taker });
    }
    send(file);
    return true;
  }

  function showCircuit() {
    const { doc: open } = store.get();
    const having = (role) => open.nodes.filter((node) => node.role === role || node.role === "both").length;
    preview.showCircuit(chosen.source, open && { inputs: having("input"), outputs: having("output") });
  }

  bridge.onData(choose);
  store.on(["registry"], () => choose());
  store.on(["doc"], showCircuit);
  store.on(["theme"], preview.paint);
  return { drop };
}
