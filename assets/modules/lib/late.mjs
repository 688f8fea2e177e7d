/** Loads what most visitors never need, when it is first asked for. */

/** The place of a file of assets/vendor. */
export const vendored = (path) => new URL(`../../vendor/${path}`, import.meta.url).href;

/**
 * A script of this server, loaded once.
 * @template T
 * @param {() => string} address
 * @param {() => T} found  what the script puts on the page; nothing before it ran
 * @param {string} failure  one sentence for people
 * @returns {() => Promise<T>}
 */
export function lateScript(address, found, failure) {
  let waiting = null;
  return function load() {
    waiting ??= new Promise((resolve, reject) => {
      if (found()) return resolve(found());
      arrival("script", { src: address() }, () => resolve(found()), () => {
        waiting = null; // the server was away; the next one asks again
        reject(new Error(failure));
      });
    });
    return waiting;
  };
}

/** A style sheet of this server, before any of the page's own; resolves when it holds. */
export function lateStyle(href) {
  return new Promise((resolve) => {
    arrival("link", { rel: "stylesheet", href }, resolve, resolve);
  });
}

function arrival(tag, attributes, come, failed) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.addEventListener("load", come);
  element.addEventListener("error", failed);
  document.head.append(element);
}
