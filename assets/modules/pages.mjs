/** Which page and mode is on show: gallery, lessons or workspace, kept in the address; the theme beside it. */

/** @typedef {{page?: string, id?: string|null, mode?: string, lesson?: string|null, step?: number|null}} Place */

const MODES = new Set(["build", "simulate", "train", "runs", "export"]);

/**
 * Address -> {page, id, mode}, and {lesson, step} of a lesson; step counts from 1, null for where one was.
 * @returns {Place}
 */
export function parseAddress(url) {
  const learn = url.pathname.match(/^\/learn(?:\/([a-z0-9][a-z0-9-]{0,59})(?:\/(\d{1,3}))?)?\/?$/);
  if (learn) return lessonAddress(url, learn);
  const match = url.pathname.match(/^\/c\/([A-Za-z0-9_-]{1,80})\/?$/);
  const mode = url.searchParams.get("mode");
  return { page: match ? "workspace" : "gallery", id: match ? match[1] : null, mode: MODES.has(mode) ? mode : "build" };
}

/** @returns {Place} */
function lessonAddress(url, [, lesson = null, step]) {
  const mode = url.searchParams.get("mode");
  if (!lesson) return { page: "learn", id: null, mode: "build" };
  return { page: "workspace", id: null, mode: MODES.has(mode) ? mode : "build", lesson, step: step ? Number(step) : null };
}

/** @param {Place} place */
export function addressOf({ page, id, mode, lesson, step }) {
  if (page === "learn") return "/learn";
  if (!lesson && !id) return "/";
  const path = lesson ? `/learn/${lesson}${step ? `/${step}` : ""}` : `/c/${id}`;
  return `${path}${mode && mode !== "build" ? `?mode=${mode}` : ""}`;
}

const present = () => parseAddress(new URL(location.href));

const themeToggle = ({ store, root, preferences }) => () => {
  const theme = store.get().theme === "dark" ? "light" : "dark";
  root.dataset.theme = theme;
  preferences.set("kd-theme", theme);
  store.set({ theme });
};

/**
 * @param {{store, root: HTMLElement, preferences: {set: function}, onGallery: () => void, onCircuit: (id: string) => void, onLearn: () => void,
 *   onLesson: (id: string, step: number|null) => void, onNew: () => void, onMode: (mode: string) => void}} parts
 */
export function createPages({ store, root, preferences, onGallery, onCircuit, onLearn, onLesson, onNew, onMode }) {
  /** @param {Place} place */
  function show({ page, id, mode, lesson, step }) {
    root.dataset.page = page;
    delete root.dataset.panel;
    applyMode(mode);
    if (page === "gallery") onGallery();
    else if (page === "learn") onLearn();
    else if (lesson) onLesson(lesson, step);
    else onCircuit(id);
  }

  function applyMode(mode) {
    root.dataset.mode = mode;
    if (mode !== "build" && mode !== "simulate") delete root.dataset.panel;
    store.set({ mode });
    onMode(mode);
  }

  /** Show the circuit `id`, which is in the store already or is loaded by onCircuit. */
  function goTo(id, mode = "build") {
    history.pushState(null, "", addressOf({ id, mode }));
    show({ page: "workspace", id, mode });
  }

  function setMode(mode) {
    if (!MODES.has(mode)) return;
    delete root.dataset.panel;
    history.replaceState(null, "", addressOf({ ...present(), mode }));
    applyMode(mode);
  }

  function goHome() {
    if (root.dataset.page === "gallery") return;
    history.pushState(null, "", "/");
    show(present());
  }

  /** The page of lessons. */
  function goLearn() {
    history.pushState(null, "", "/learn");
    show(present());
  }

  /** A step of a lesson, counted from 1. */
  function goLesson(lesson, step) {
    history.pushState(null, "", addressOf({ lesson, step }));
    show(present());
  }

  function togglePanel(name) {
    if (root.dataset.mode !== "build" && root.dataset.mode !== "simulate") setMode("build");
    if (root.dataset.panel === name) delete root.dataset.panel;
    else root.dataset.panel = name;
  }

  window.addEventListener("popstate", () => show(present()));

  return { start: () => show(present()), goTo, goHome, goLearn, goLesson, setMode, toggleTheme: themeToggle({ store, root, preferences }), togglePanel, newCircuit: onNew };
}
