/** Painters of views, one module a kind under `painters/`, fetched when a run first shows such a view. */

import { unpack } from "../play/trajectory.mjs";

const known = new Map(); // name -> promise of the module

/**
 * The module of a painter: it has `paint(host, view, tools)`.
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
export async function viewOf(api, { id, epoch, theme }, signal) {
  const view = await api.runOutcome(id, epoch, theme, signal);
  return view.url ? { ...view, ...unpack(await api.binary(view.url, signal)) } : view;
}

/**
 * Shows views in a box, each painter in a host of its own; the newest stays.
 * @param {Element} box
 * @param {object} tools  what painters may use: {theme: function(): object, showFigure: function}
 */
export function createShowcase(box, tools) {
  const hosts = new Map(); // painter -> its element
  let newest = null;

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

  /** @param {{painter: string}} view  and what its painter needs */
  return async function show(view) {
    newest = view;
    const { paint } = await painterOf(view.painter);
    if (newest !== view) return;
    const host = hostOf(view.painter);
    for (const other of hosts.values()) other.hidden = other !== host;
    await paint(host, view, tools);
  };
}
