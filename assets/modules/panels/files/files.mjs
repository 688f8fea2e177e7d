/** Circuit files in and out: file dialog, drag and drop anywhere, downloads. */

import { byId } from "../../lib/dom.mjs";

const LARGEST = 64e6;

/** Offer `content` under `name` as a download. */
export function download(name, content, type = "text/plain") {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A file name made of a circuit's name: letters, digits, dashes. */
export function fileName(name, suffix) {
  const stem = name.normalize("NFKD").replace(/[^\w]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60);
  return `${stem || "circuit"}${suffix}`;
}

/** Calls `onFiles` with what is dropped anywhere on the page, and marks the page while files are held over it. */
function acceptDrops(onFiles) {
  let depth = 0; // of the elements that were entered and not left
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const mark = (on) => {
    if (on) document.documentElement.dataset.drop = "over";
    else delete document.documentElement.dataset.drop;
  };
  document.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    mark(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    depth = Math.max(0, depth - 1);
    if (depth === 0) mark(false);
  });
  document.addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    mark(false);
    onFiles(event.dataTransfer.files);
  });
}

/** Why a file is not even read; empty when it is. Pure. */
export function unreadable({ name, size }) {
  if (size > LARGEST) return `${name} has ${Math.round(size / 1e6)} MB; files up to ${LARGEST / 1e6} MB can be opened.`;
  return size === 0 ? `${name} is empty.` : "";
}

/**
 * @param {{api, toast, onCircuit: (circuit: object, name: string) => void, onNetwork: (id: string) => void, onRun: (id: string) => void, onLesson?: (file: File) => boolean, onOther?: (file: File) => boolean}} parts
 *   `onLesson` takes lessons, `onOther` may take another dropped file that is no circuit
 * @returns {{choose: function, take: function}}
 */
export function createFiles({ api, toast, onCircuit, onNetwork, onRun, onLesson = () => false, onOther = () => false }) {
  const input = /** @type {HTMLInputElement} */ (byId("file-input"));

  /** Read one file through the server's importer and hand the circuit over. */
  async function take(file) {
    if (!file) return;
    const why = unreadable(file);
    if (why) {
      toast(why, "error");
      return;
    }
    try {
      const { circuit, network, run, lesson } = await api.importFile(file.name, await file.arrayBuffer());
      if (run) onRun(run);
      else if (network) onNetwork(network);
      else onCircuit(circuit, file.name);
      if (lesson) offer(new File([lesson], file.name.replace(/\.\w+$/, ".md")));
    } catch (error) {
      const named = error.message.includes(file.name) ? error.message : `${file.name}: ${error.message}`;
      toast(error.offline ? "The server does not answer, so the file cannot be read now." : named, "error");
    }
  }

  /** A bundle may carry a lesson. */
  const offer = (lesson) => toast("This bundle carries a lesson.", "info", { action: { text: "Open the lesson", run: () => onLesson(lesson) } });

  input.addEventListener("change", () => {
    const [file] = input.files;
    input.value = "";
    if (!file || !onLesson(file)) take(file);
  });

  acceptDrops((files) => {
    if (files.length > 1) toast("One file at a time, please: the first one is opened.", "info");
    if (files[0] && !onLesson(files[0]) && !onOther(files[0])) take(files[0]);
  });

  return { choose: () => input.click(), take };
}
