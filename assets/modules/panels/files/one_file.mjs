/** Everything in one file: the open circuit or the followed run as a page that plays by itself, or as a bundle. */

import { byId, setText } from "../../lib/dom.mjs";
import { requestSettings } from "../../play/settings.mjs";
import { networkSettings } from "../../play/network_sim.mjs";
import { download, fileName } from "./files.mjs";

const SUFFIXES = { page: ".html", bundle: ".kstudio" };

/** "734 kB" of a number of bytes. Pure. */
export function sizeText(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${Number(value.toPrecision(3))} ${unit}`;
}

/** What the server is asked to put into a file of the open circuit. Pure. */
export function questionOf({ doc, network, drawn, settings, registry }) {
  if (network) return { network: network.id, voltages: drawn && Array.from(drawn), settings: networkSettings(settings ?? {}, network) };
  const circuit = doc.toJSON();
  return { circuit, settings: requestSettings(settings, circuit, registry) };
}

/**
 * Registers the commands and keeps the words of the Export panel.
 * @param {{store, api, commands, toast, follow: {id: string|null, live: any}}} parts
 */
export function createOneFile({ store, api, commands, toast, follow }) {
  const open = () => {
    const { doc, network, readOnly } = store.get();
    return (doc?.nodes.length ?? 0) > 0 && (network ? Boolean(network.id) : !readOnly);
  };

  async function give(note, name, asked) {
    setText(note, "Making the file …");
    try {
      const bytes = await asked;
      download(name, bytes, "application/octet-stream");
      setText(note, `${name}, ${sizeText(bytes.byteLength)}`);
      if (store.get().mode !== "export") toast(`${name}, ${sizeText(bytes.byteLength)}`, "ok");
    } catch (error) {
      setText(note, error.message);
      throw error;
    }
  }

  const ofCircuit = (to) => give(byId("one-file-note"), fileName(store.get("doc").name, SUFFIXES[to]), api.circuitFile(to, questionOf(store.get())));
  const ofRun = (to) => give(byId("run-file-note"), `${follow.id}${SUFFIXES[to]}`, api.runFile(follow.id, to));
  const entry = (title, enabled, run) => ({ title, group: "Export", enabled, run });
  const followed = () => Boolean(follow.id);
  commands.registerAll({
    "circuit-page": entry("Save this circuit as a page that plays by itself", open, () => ofCircuit("page")),
    "circuit-bundle": entry("Save this circuit as a bundle", open, () => ofCircuit("bundle")),
    "run-page": entry("Save the followed run as a page that plays by itself", followed, () => ofRun("page")),
    "run-bundle": entry("Save the followed run as a bundle", followed, () => ofRun("bundle")),
  });

  /** The part of the panel for the followed run. */
  function show() {
    byId("run-file").classList.toggle("off", !follow.id);
    if (follow.live) setText(byId("run-file-title"), follow.live.card.title);
  }

  return { show };
}
