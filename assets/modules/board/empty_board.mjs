/** What an empty board offers: the three ways to a circuit. */

import { el } from "../lib/dom.mjs";

/** @param {{container: HTMLElement, store}} parts */
export function createEmptyBoard({ container, store }) {
  const action = (text, command, key) =>
    el("button", { type: "button", class: "button", dataset: { command } }, text, key ? el("kbd", { text: key }) : null);
  const box = el(
    "div",
    { class: "board-empty", hidden: true },
    el("p", { class: "board-empty-title", text: "Double-click anywhere to place a node." }),
    el("p", { class: "muted", text: "Then press E and drag from node to node to draw devices. Or start from something:" }),
    el("div", { class: "board-empty-actions" }, action("Generate a circuit", "generate", "G"), action("Open a file", "import", null)),
  );
  container.append(box);
  const paint = ({ doc }) => { box.hidden = !doc || doc.nodes.length > 0; };
  store.on(["doc", "revision"], paint);
  paint(store.get());
}
