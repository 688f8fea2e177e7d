/** The part of the train panel about data: options of the chosen set, own files, and what is in it. */

import { DataChoice, takerOf } from "./data_choice.mjs";
import { createDataForm, ownFile } from "./data_form.mjs";
import { createDataPreview } from "./data_preview.mjs";
import { byId, el, put } from "../lib/dom.mjs";
import { themeColours } from "../paint/colours.mjs";

/** Input and output nodes of a drawn circuit, null where none is open. Pure. */
export function endsOf(doc) {
  const having = (role) => doc.nodes.filter((node) => node.role === role || node.role === "both").length;
  return doc && { inputs: having("input"), outputs: having("output") };
}

/** A choice that shows its answers and hands them to Dash. */
function connectedChoice({ api, bridge, preview, form, showCircuit }) {
  return new DataChoice({
    api,
    onOptions: (value) => bridge.send("train-options", value),
    onShow: (answer) => {
      preview.show(answer);
      if (answer.preview) form.offer(answer.preview.choices);
      showCircuit();
    },
    onForget: form.renew,
    onModels: ({ models, model, recipes = [], recipe_name: recipe = "", circuit }) => {
      bridge.setProps("train-model", { data: models, value: model });
      bridge.setProps("train-recipes", { data: recipes.map((name) => ({ value: name, label: name.replaceAll("_", " ") })), value: recipe });
      byId("train-recipes-box").className = recipes.length > 1 ? "" : "off";
      byId("train-source-box").className = circuit ? "" : "off";
    },
    onRecipe: ({ closed, ...recipe }) => {
      if (closed) bridge.setProps("train-fields", { disabled: true });
      else bridge.send("train-recipe", recipe);
    },
  });
}

/** The place of a file of the person's own: how it is given, and what sends it. */
function createOwnFile({ api, choice }) {
  const root = el("div", { class: "data-own" });
  let kind = null;

  function show(next) {
    kind = next;
    put(root, kind.uploads.length === 0 ? null : ownFile(kind, {
      path: choice.value("path") ?? "", names: api.dataFiles(choice.dataset),
      onFile: send, onPath: (value) => choice.set("path", value),
    }));
  }

  async function send(file) {
    if (!file) return;
    await choice.send(file, kind.upload_limit);
    const path = root.querySelector("input[list]");
    if (path && choice.value("path") !== undefined && path.value !== choice.value("path")) show(kind);
  }

  return { root, show, send };
}

/** @param {{store, api, bridge}} parts */
export function createDataPanel({ store, api, bridge }) {
  const preview = createDataPreview({ theme: () => themeColours(store.get().theme, getComputedStyle(document.documentElement)) });
  const form = createDataForm({ valueOf: (name) => choice.value(name), onCommit: (name, value) => choice.set(name, value) });
  const choice = connectedChoice({ api, bridge, preview, form, showCircuit });
  const own = createOwnFile({ api, choice });
  put(byId("train-data"), form.doc, own.root, form.options, preview.root);
  byId("train-circuit").append(preview.circuit);
  let chosen = { dataset: "", source: "builtin", model: "", mode: "", recipe: "" };
  let datasets = {};

  /** Called when the data set, the model, its recipe, the source of its circuit or the mode changes. */
  function choose(next = chosen) {
    chosen = next;
    const { registry } = store.get();
    if (!registry || chosen.mode !== "train") return;
    datasets = registry.datasets;
    if (!choice.chooseModel(chosen.model)) choice.chooseRecipe(chosen.recipe);
    const kind = datasets[chosen.dataset];
    if (choice.dataset !== chosen.dataset) {
      choice.choose(chosen.dataset, kind);
      form.build(kind);
      own.show(kind);
    }
    showCircuit();
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
    own.send(file);
    return true;
  }

  function showCircuit() {
    preview.showCircuit(chosen.source, endsOf(store.get().doc));
  }

  bridge.onData(choose);
  store.on(["registry"], () => choose());
  store.on(["doc"], showCircuit);
  store.on(["theme"], preview.paint);
  return { drop };
}
