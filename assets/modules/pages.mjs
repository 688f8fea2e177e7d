/** Which page and mode is on show: gallery or workspace, kept in the address; theme and dock beside it. */

const MODES = new Set(["build", "simulate", "train", "runs", "export"]);
const SMALLEST_DOCK = 120;

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

/** @param {{store, root: HTMLElement, storage, onGallery: () => void, onCircuit: (id: string) => void, onNew: () => void, onMode: (mode: string) => void}} parts */
export function createPages({ store, root, storage, onGallery, onCircuit, onNew, onMode }) {
  function remember(key, value) {
    try {
      storage.setItem(key, value);
    } catch {
      // only a preference
    }
  }

  function recall(key) {
    try {
      return storage.getItem(key);
    } catch {
      return null;
    }
  }

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
    history.replaceState(null, "", addressOf({ id: parseAddress(new URL(location.href)).id, mode }));
    applyMode(mode);
  }

  function goHome() {
    if (root.dataset.page === "gallery") return;
    history.pushState(null, "", "/");
    show(parseAddress(new URL(location.href)));
  }

  function toggleTheme() {
    setTheme(store.get().theme === "dark" ? "light" : "dark");
  }

  function setTheme(theme) {
    root.dataset.theme = theme;
    remember("kd-theme", theme);
    store.set({ theme });
  }

  function togglePanel(name) {
    if (root.dataset.mode !== "build" && root.dataset.mode !== "simulate") setMode("build");
    if (root.dataset.panel === name) delete root.dataset.panel;
    else root.dataset.panel = name;
  }

  function toggleDock(open = root.dataset.dock === "closed") {
    root.dataset.dock = open ? "open" : "closed";
    remember("kd-dock", root.dataset.dock);
  }

  function setDockHeight(pixels) {
    const height = Math.round(Math.min(Math.max(pixels, SMALLEST_DOCK), window.innerHeight * 0.7));
    root.style.setProperty("--dock-height", `${height}px`);
    remember("kd-dock-height", String(height));
  }

  /** The upper edge of the dock is dragged, or moved by the arrow keys. */
  function attachHandle(handle, dock) {
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      toggleDock(true);
      const bottom = dock.getBoundingClientRect().bottom;
      const move = (next) => setDockHeight(bottom - next.clientY);
      handle.addEventListener("pointermove", move);
      handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), { once: true });
      event.preventDefault();
    });
    handle.addEventListener("keydown", (event) => {
      const by = { ArrowUp: 20, ArrowDown: -20 }[event.key];
      if (!by) return;
      setDockHeight(dock.getBoundingClientRect().height + by);
      event.preventDefault();
    });
    const height = Number(recall("kd-dock-height"));
    if (height) setDockHeight(height);
    if (recall("kd-dock") === "closed") toggleDock(false);
  }

  window.addEventListener("popstate", () => show(parseAddress(new URL(location.href))));

  return {
    start: () => show(parseAddress(new URL(location.href))),
    goTo, goHome, setMode, toggleTheme, setTheme, togglePanel, toggleDock, attachHandle,
    newCircuit: onNew,
  };
}
