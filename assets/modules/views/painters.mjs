/** Painters of views, one module a kind under `painters/`, fetched when a run first shows such a view. */

import { createSegments } from "../lib/choices.mjs";
import { el, iconButton, setGlyph } from "../lib/dom.mjs";
import { unpack } from "../play/trajectory.mjs";

const known = new Map(); // name -> promise of the module

/**
 * The module of a painter: it has `paint(host, view, tools)`, and `roomy` where it wants the place of the board.
 * @param {string} name  of the kind
 */
export function painterOf(name) {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) return Promise.reject(new Error(`A view cannot be called ${JSON.stringify(name)}.`));
  if (!known.has(name)) {
    const module = import(`./painters/${name}.mjs`).catch(() => {
      known.delete(name); // the network may be back later
      throw new Error(`There is no painter for views of the kind "${name}".`);
    });
    known.set(name, module);
  }
  return known.get(name);
}

/** What stands beside the curves at an epoch, with header and arrays where its painter asks for a container. */
export async function viewOf(api, { id, epoch, theme, view: wanted }, signal) {
  const view = await api.runOutcome(id, epoch, theme, wanted, signal);
  return view.url ? { ...view, of: { id, epoch }, ...unpack(await api.binary(view.url, signal)) } : view;
}

/** The line above views: which one is shown, and whether it takes the place of the board. */
function createHead(frame, { onChoose, onSize }) {
  const choice = createSegments("What is shown of the run", onChoose);
  const size = iconButton("grow", "Show it large", { class: "small", on: { click: () => turn() } });
  const wanted = new Map(); // what somebody pressed, by whether the painter wants room; else it has what it wants
  let wants = false;

  function grow(large) {
    frame.dataset.large = String(large);
    setGlyph(size, large ? "shrink" : "grow", large ? "Back beside the curves" : "Show it large");
  }

  function turn() {
    wanted.set(wants, frame.dataset.large !== "true");
    onSize();
  }

  return {
    root: el("div", { class: "view-head" }, choice.root, size),
    /**
     * @param {{view?: string, views?: object[]}} shown
     * @param {boolean} roomy  whether its painter wants much room
     */
    show({ views = [], view = "" }, roomy) {
      choice.show(views, view);
      frame.dataset.roomy = String(roomy);
      wants = roomy;
      grow(wanted.get(roomy) ?? roomy);
    },
  };
}

/**
 * Shows views in a box, each painter in a host of its own; the newest stays.
 * @param {HTMLElement} box
 * @param {object} tools  what painters may use: {theme, look, showFigure, chosen, openLane, landing, ngspice}
 * @param {{frame: HTMLElement, onChoose: (name: string) => void}} parts  what grows; told of the kind that is wanted
 */
export function createShowcase(box, tools, { frame, onChoose }) {
  const hosts = new Map(); // painter -> its element
  const head = createHead(frame, { onChoose, onSize: () => show(newest) });
  let newest = null;
  box.append(head.root);

  function hostOf(name) {
    if (!hosts.has(name)) {
      const host = document.createElement("div");
      host.className = "graph view-host";
      host.id = `${box.id}-${name}`;
      box.append(host);
      hosts.set(name, host);
    }
    return hosts.get(name);
  }

  /** @param {{painter: string, view?: string, views?: object[]}} view  and what its painter needs */
  async function show(view) {
    newest = view;
    const { paint, roomy = false } = await painterOf(view.painter);
    if (newest !== view) return;
    head.show(view, roomy);
    const host = hostOf(view.painter);
    for (const other of hosts.values()) other.hidden = other !== host;
    await paint(host, view, tools);
  }

  return show;
}
