/** The fields of a data set: its options, and how a file of the person's own is given. */

import { el, put, setText } from "../lib/dom.mjs";
import { checkField, numberField, parameterName, selectField, textField } from "../lib/fields.mjs";

const NAMES = { n: "Examples", data_dir: "Folder of the files" };
const WHOLE = { classify: "Classes", regress: "Numbers" };
const PATH_LENGTH = 1000;

/** Words for an option's name. Pure. */
export function optionName({ name, integer }) {
  if (name === "test") return integer ? "Test examples" : "Share for testing";
  return NAMES[name] ?? parameterName(name);
}

/** Entries of an option's menu; one of values that the server knows begins with the last of them. Pure. */
export function optionEntries(choices, known) {
  if (!known) return choices.map((name) => ({ value: name, text: WHOLE[name] ?? parameterName(name) }));
  return [{ value: "", text: `The last: ${choices.at(-1)}` }, ...choices.map((name) => ({ value: name, text: name }))];
}

function inputOf(param, known, onCommit) {
  const shared = { label: optionName(param), doc: param.doc, onCommit };
  if (typeof param.default === "boolean") return checkField(shared);
  if (param.choices.length > 0) return selectField({ ...shared, options: optionEntries(param.choices, known) });
  if (typeof param.default === "string") return textField({ ...shared, maxlength: PATH_LENGTH });
  const { unit, low, high, integer } = param;
  return numberField({ ...shared, unit, low, high, integer });
}

/** @param {{valueOf: (name: string) => any, onCommit: (name: string, value: any) => void}} parts */
export function createDataForm({ valueOf, onCommit }) {
  const doc = el("p", { class: "note" });
  const form = el("div", { class: "form-grid data-fields" });
  const options = el("details", { class: "more" }, el("summary", { text: "Options of the data" }), form);
  let params = [];
  let cells = new Map(); // by name of the option
  let offered = "{}"; // choices that are known, as text

  function rootOf(param, known = false) {
    const field = inputOf(param, known, (value) => onCommit(param.name, value));
    field.set(valueOf(param.name) ?? param.default);
    return field.root;
  }

  /** The path of an own file has a place of its own. */
  function build(kind) {
    const uploads = kind.uploads.length > 0;
    setText(doc, kind.doc);
    offered = "{}";
    ({ params } = kind);
    const given = params.filter(({ name }) => !(name === "path" && uploads));
    cells = new Map(given.map((param) => [param.name, el("div", { class: "form-cell" }, rootOf(param))]));
    put(form, ...cells.values());
    options.hidden = given.length === 0;
    options.open = uploads;
  }

  /** Options whose values the server knows become a choice. */
  function offer(choices) {
    const text = JSON.stringify(choices);
    if (text === offered) return;
    offered = text;
    for (const param of params) {
      const known = choices[param.name];
      if (known && cells.has(param.name)) put(cells.get(param.name), rootOf({ ...param, choices: known }, true));
    }
  }

  /** Fields that are as at the beginning again. */
  function renew(names) {
    offered = "{}";
    for (const param of params) if (names.includes(param.name)) put(cells.get(param.name), rootOf(param));
  }

  return { doc, options, build, offer, renew };
}

/**
 * A button that sends a file, and the path of what was sent or lies on the server's machine.
 * @param {object} kind  of the data set
 * @param {{path: string, names: Promise<string[]>, onFile: (file?: File) => void, onPath: (path: string) => void}} parts
 *   `names`: files that were sent before
 */
export function ownFile({ uploads, upload_limit: limit }, { path, names, onFile, onPath }) {
  const archive = uploads.includes(".zip");
  const megabytes = `${Math.round(limit / 2 ** 20)} MB`;
  const input = el("input", { type: "file", id: "data-file", accept: uploads.join(","), hidden: true, "aria-label": "File of data" });
  const list = el("datalist", { id: "data-files" });
  const field = textField({ label: "Path", maxlength: PATH_LENGTH, placeholder: `or a ${archive ? "folder" : "file"} on the server's machine`, onCommit: onPath });
  field.root.querySelector("input").setAttribute("list", "data-files");
  field.set(path);
  input.addEventListener("change", () => {
    const [file] = input.files;
    input.value = "";
    onFile(file);
  });
  const button = el("button", { type: "button", class: "button", text: archive ? "Choose a zip archive" : "Choose a CSV file", on: { click: () => input.click() } });
  const note = archive
    ? `A zip archive of up to ${megabytes} with one folder of pictures for each class.`
    : `A CSV file of up to ${megabytes}, one row for each example.`;
  names.then((known) => put(list, known.map((name) => el("option", { value: name }))), () => {});
  return [input, list, button, el("p", { class: "note", text: note }), field.root];
}
