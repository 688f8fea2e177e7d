/** Which page and mode is on show: gallery or workspace, kept in the address; the theme beside it. */

const MODES = new Set(["build", "simulate", "train", "runs", "export"]);

/** Address -> {page, id, mode}. */
export function parseAddress(url) {
  const match = url.pathname.match(/^\/c\/([A-Za-z0-9_-]{1,80})\/?$/);
  const mode = url.searchParams.get("mode");
  return { page: match ? "workspace" : "gallery", id: match ? match[1] : null, mode: MODES.has(mode) ? mode : "build" };
}

export function addressOf({ id, mode }) {
  if (!id) return "/";
  return `/c/${id}${mode && mode !== "build" ? `?mode=${mode}` : ""}`;
}

const present = () => parseAddress(new URL(location.href));

/** @param {{store, root: HTMLElement, preferences: {set: function}, onGallery: () => void, onCircuit: (id: string) => void, onNew: () => void, onMode: (mode: string) => void}} parts */
export function createPages({ store, root, preferences, onGallery, onCircuit, onNew, onMode }) {
  function show({ page, id, mode }) {
    root.dataset.page = page;
    delete root.dataset.panel;
    applyMode(mode);
    if (page === "gallery") onGallery();
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
    history.replaceState(null, "", addressOf({ id: present().id, mode }));
    applyMode(mode);
  }

  function goHome() {
    if (root.dataset.page === "gallery") return;
    history.pushState(null, "", "/");
    show(present());
  }

  function toggleTheme() {
    const theme = store.get().theme === "dark" ? "light" : "dark";
    root.dataset.theme = theme;
    preferences.set("kd-theme", theme);
    store.set({ theme });
  }

  function togglePanel(name) {
    if (root.dataset.mode !== "build" && root.dataset.mode !== "simulate") setMode("build");
    if (root.dataset.panel === name) delete root.dataset.panel;
    else root.dataset.panel = name;
  }

  window.addEventListener("popstate", () => show(present()));

  return { start: () => show(present()), goTo, goHome, setMode, toggleTheme, togglePanel, newCircuit: onNew };
}
