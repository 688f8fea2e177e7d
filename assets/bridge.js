/* The only script Dash injects: waits for the page, then hands it to the modules.
 *
 * Between Python and the modules stand a few stores. Modules read `window.kdBridge`:
 *   send(storeId, data)      set the data of a dcc.Store (fires Python callbacks)
 *   setProps(id, props)      set any properties of a component
 *   onDocument(fn)           fn({circuit, label, nonce}) when Python made a new document
 *   onRun(fn)                fn(id or null) of the run to follow
 *   onEpoch(fn)              fn(place) when the slider of stored epochs moves
 *   onChosen(fn)             fn([id, ...]) of the rows chosen in the table of runs
 *   onData(fn)               fn({dataset, source, model, mode, recipe}) when the choice in the train panel changes
 *   onToast(fn)              fn({message, kind}) when Python has something to say
 *   ready                    promise: every element of the layout exists
 * The state of the page is on <html>: data-theme (light|dark), data-page (gallery|learn|workspace),
 * data-mode (build|simulate|train|runs|export|generate), data-dock (open|closed). Style sheets show and hide by
 * them, and a change of theme or mode is passed on to Python from here.
 */
(function () {
  "use strict";
  const root = document.documentElement;
  const url = new URL(window.location.href);
  const listeners = { document: [], run: [], epoch: [], chosen: [], toast: [], data: [] };
  const waiting = { document: null, run: null, epoch: null, chosen: null, toast: null, data: null };

  function storedTheme() {
    try { return window.localStorage.getItem("kd-theme"); } catch { return null; }
  }
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = storedTheme() || (dark ? "dark" : "light");
  root.dataset.page = /^\/(c|learn)\/./.test(url.pathname) ? "workspace" : /^\/learn\/?$/.test(url.pathname) ? "learn" : "gallery";
  root.dataset.mode = url.searchParams.get("mode") || "build";
  root.dataset.dock = "open";

  function setProps(id, props) {
    if (window.dash_clientside && window.dash_clientside.set_props) {
      window.dash_clientside.set_props(id, props);
    }
  }
  const send = (id, data) => setProps(id, { data });

  function listen(kind) {
    return (fn) => {
      listeners[kind].push(fn);
      if (waiting[kind] !== null) fn(waiting[kind]);
      waiting[kind] = null;
    };
  }
  function tell(kind, data) {
    if (listeners[kind].length) listeners[kind].forEach((fn) => fn(data));
    else waiting[kind] = data;
  }

  const base = document.currentScript ? document.currentScript.src : url.origin + "/assets/bridge.js";
  const figures = () => import(new URL("./modules/panels/figures.mjs", base).href);

  // Clientside callbacks; those of designer/app.py return nothing into the sink.
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.designer = {
    document_in: (data) => { if (data) tell("document", data); return window.dash_clientside.no_update; },
    run_chosen: (id) => { tell("run", id || null); return window.dash_clientside.no_update; },
    epoch_chosen: (place) => { tell("epoch", place); return window.dash_clientside.no_update; },
    runs_chosen: (rows) => { tell("chosen", (rows || []).map((row) => row.id)); return window.dash_clientside.no_update; },
    starting: () => ["Preparing the run …", "note"],
    figure: (data) => {
      const box = window.dash_clientside.callback_context.triggered_id.replace(/-figure$/, "");
      if (data) figures().then((module) => module.showFigure(box, data));
      return window.dash_clientside.no_update;
    },
    // The topology's own defaults, but never over a number that somebody typed or is typing.
    fill: (choice, table, before, ...values) => {
      const { callback_context: context, no_update: keep } = window.dash_clientside;
      const [next, old] = [table[choice], table[before] || []];
      const first = next.length - values.length;
      return [choice, ...next.map((value, k) => {
        if (k < first) return value;
        const id = context.outputs_list[k + 1].id;
        const typed = (old[k] ?? null) !== null && values[k - first] !== old[k];
        return value === null || typed || (document.activeElement && document.activeElement.id === id) ? keep : value;
      })];
    },
    data_chosen: (dataset, source, model, mode, recipe) => { tell("data", { dataset, source, model, mode, recipe }); return window.dash_clientside.no_update; },
    // Settings that fit other data replace all values; else only those that differ from the last time.
    recipe: (recipe, filled) => {
      const { callback_context: context, no_update: keep } = window.dash_clientside;
      const names = context.outputs_list.slice(2).map(({ id }) => id.split("-").at(-1));
      const { values, fresh } = recipe || {};
      if (!values) return [keep, false, ...names.map(() => keep)];
      const old = fresh ? {} : filled || {};
      return [values, false, ...names.map((name) => (name in values && values[name] !== old[name] ? values[name] : keep))];
    },
    toast_in: (data) => { if (data) tell("toast", data); return window.dash_clientside.no_update; },
  };

  function nativeInput(slotId, id, attributes) {
    if (document.getElementById(id)) return;
    const input = document.createElement("input");
    input.id = id;
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
    document.getElementById(slotId).append(input);
  }

  let last = {};
  function passOn() {
    const theme = root.dataset.theme;
    try { window.localStorage.setItem("kd-theme", theme); } catch { /* private window */ }
    const told = {
      "theme-out": theme,
      "mode-out": root.dataset.page === "workspace" ? root.dataset.mode : "gallery",
    };
    if (told["theme-out"] !== last["theme-out"]) setProps("mantine", { forceColorScheme: theme });
    for (const [id, value] of Object.entries(told)) if (last[id] !== value) send(id, value);
    last = told;
  }

  function start() {
    nativeInput("circuit-name-slot", "circuit-name", {
      type: "text", spellcheck: "false", autocomplete: "off", maxlength: "80",
      "aria-label": "Name of the circuit", placeholder: "Untitled circuit",
    });
    nativeInput("file-input-slot", "file-input", {
      type: "file", accept: ".json,.safetensors,.pt,.kstudio,.cir,.net,.sp,.spice,.ckt,.txt,.graphml,.gexf,.edgelist,.edges,.adjlist,.csv,.tsv,.md", "aria-label": "Circuit file",
    });
    new MutationObserver(passOn).observe(root, {
      attributes: true, attributeFilter: ["data-theme", "data-mode", "data-page"],
    });
    passOn();
  }

  const ready = new Promise((resolve) => {
    const present = () => document.getElementById("a11y-live") && document.getElementById("board-cy");
    function look() {
      if (!present()) return false;
      start();
      resolve();
      return true;
    }
    if (look()) return;
    const watcher = new MutationObserver(() => { if (look()) watcher.disconnect(); });
    watcher.observe(root, { childList: true, subtree: true });
  });

  window.kdBridge = {
    send, setProps, ready,
    onDocument: listen("document"), onToast: listen("toast"), onData: listen("data"),
    onRun: listen("run"), onEpoch: listen("epoch"), onChosen: listen("chosen"),
  };

  const studio = new URL("./modules/studio.mjs", base).href;
  const early = document.createElement("link"); // fetch while Dash builds the page, run after it
  early.rel = "modulepreload";
  early.href = studio;
  document.head.append(early);
  ready.then(() => import(studio)).then((module) => module.start && module.start(window.kdBridge));
})();
