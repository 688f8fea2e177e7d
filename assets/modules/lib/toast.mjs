/** Short messages at the edge of the window, the banner for lasting ones, and choices that need an answer. */

import { byId, el, iconButton, put } from "./dom.mjs";

const SHOWN_MS = { info: 4000, ok: 4000, warn: 7000, error: 9000 };
const MOST = 3;

/** @returns {((message: string, kind?: string, options?: {action?: {text: string, run: () => void}}) => void) & {clear: () => void}} */
export function createToast(root = byId("toast")) {
  /** @param {string} message  @param {string} [kind]  @param {{action?: {text: string, run: () => void}}} [options] */
  function toast(message, kind = "info", { action } = {}) {
    if ([...root.children].some((entry) => entry.getAttribute("data-message") === message)) return;
    const entry = el("div", { class: `toast toast-${kind}`, dataset: { message } }, el("span", { class: "toast-text", text: message }));
    const close = () => entry.remove();
    if (action) {
      entry.append(el("button", { type: "button", class: "toast-action", text: action.text, on: { click: () => { close(); action.run(); } } }));
    }
    entry.append(iconButton("close", "Dismiss", { class: "toast-close", on: { click: close } }));
    root.append(entry);
    while (root.children.length > MOST) root.children[0].remove();
    let timer = setTimeout(close, SHOWN_MS[kind] ?? SHOWN_MS.info);
    entry.addEventListener("pointerenter", () => clearTimeout(timer));
    entry.addEventListener("pointerleave", () => { timer = setTimeout(close, 2000); });
  }

  /** What is shown speaks of a page that was left. */
  toast.clear = () => put(root);

  return toast;
}

/** The strip under the top bar: one text at a time, with optional buttons. */
export function createBanner(root = byId("banner")) {
  let owner = null;

  function show(name, text, kind = "warn", actions = []) {
    owner = name;
    root.className = `banner banner-${kind}`;
    root.dataset.open = "true";
    put(
      root,
      el("span", { class: "banner-text", text }),
      actions.map(({ text: label, run }) => el("button", { type: "button", class: "button small", text: label, on: { click: run } })),
    );
  }

  /** Close the banner if `name` is the one who opened it. */
  function hide(name) {
    if (owner !== name) return;
    owner = null;
    root.dataset.open = "false";
    root.className = "";
    put(root);
  }

  return { show, hide };
}

/** Ask one question in a dialog; resolves to the chosen key, or null on Escape unless an answer is `required`. */
export function ask({ title, text, choices, required = false }) {
  return new Promise((resolve) => {
    const dialog = el(
      "dialog",
      { class: "dialog question", "aria-label": title },
      el("h2", { class: "dialog-title", text: title }),
      el("p", { class: "dialog-text", text }),
    );
    const finish = (key) => {
      dialog.close();
      dialog.remove();
      resolve(key);
    };
    dialog.append(
      el("div", { class: "dialog-actions" }, choices.map(({ key, text: label, primary, danger }) =>
        el("button", { type: "button", class: `button${primary ? " primary" : ""}${danger ? " danger" : ""}`, text: label, on: { click: () => finish(key) } }))),
    );
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (!required) finish(null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
