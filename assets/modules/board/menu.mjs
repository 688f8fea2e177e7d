/** The context menu of the board and the commands that only make sense there. */

import { el, put } from "../lib/dom.mjs";
import { toBoard } from "../paint/geometry.mjs";
import { registerPictures } from "./picture.mjs";

/** @param {{canvas: object, store: object, commands: object}} parts */
export function attachMenu({ canvas, store, commands }) {
  const { element, edits, gestures } = canvas;
  const box = el("div", { class: "board-menu", role: "menu", tabindex: "-1", hidden: true });
  element.append(box);
  const doc = () => store.get("doc");
  const chosen = () => store.get("selection");
  const hasNodes = () => edits.editable() && chosen().nodes.some((id) => doc().node(id));
  const hasDevices = () => edits.editable() && chosen().devices.some((id) => doc().device(id));

  const entry = (title, run, enabled, group = "Edit") => ({ title, group, run, enabled });
  commands.registerAll({
    ground: entry("Connect the selected nodes to ground", () => edits.ground(chosen().nodes), hasNodes),
    "add-node": entry("Add a node in the middle of the view", () => canvas.addNodeAtCentre(), () => edits.editable()),
    "reverse-device": entry("Turn the selected devices round", () => edits.reverse(chosen().devices), hasDevices),
    "zoom-in": entry("Zoom in", () => canvas.zoomBy(1.25), () => Boolean(doc()), "View"),
    "zoom-out": entry("Zoom out", () => canvas.zoomBy(0.8), () => Boolean(doc()), "View"),
    cancel: { title: "Cancel", group: "Edit", palette: false, run: cancel },
  });
  registerPictures({ canvas, store, commands });

  /** Esc: the innermost thing going on ends. */
  function cancel() {
    if (!box.hidden) return close();
    if (canvas.cancelLayout() || gestures.cancel()) return undefined;
    if (store.get("tool") !== "select") return store.set({ tool: "select" });
    return store.set({ selection: { nodes: [], devices: [] } });
  }

  // ---- contents ------------------------------------------------------------------------------

  const item = (title, run, { keys = "", off = false, checked = null } = {}) => ({ title, run, keys, off, checked });
  const command = (title, name, argument, keys = "") => item(title, () => commands.run(name, argument), { keys, off: !commands.enabled(name) });

  function nodeItems(ids) {
    const one = ids.length === 1 ? doc().node(ids[0]) : null;
    const probed = ids.every((id) => store.get("probes").includes(id));
    return [
      ...(one ? [command("Rename", "rename", one.id, "F2")] : []),
      command("Connect to ground", "ground", undefined, "Shift+G"),
      item("Input", () => commands.run("mark-input"), { checked: one ? one.role === "input" || one.role === "both" : null }),
      item("Output", () => commands.run("mark-output"), { checked: one ? one.role === "output" || one.role === "both" : null }),
      item("Pinned to the scope", () => commands.run("probe"), { checked: probed }),
      null,
      command("Duplicate", "duplicate", undefined, "Ctrl+D"),
      command("Delete", "delete", undefined, "Del"),
    ];
  }

  function deviceItems(ids) {
    const laws = Object.entries(store.get("registry")?.devices ?? {});
    const first = doc().device(ids[0]);
    const same = ids.every((id) => doc().device(id).kind === first.kind);
    const trained = ids.every((id) => doc().device(id).trainable);
    return [
      ...(ids.length === 1 ? [command("Rename", "rename", first.id, "F2")] : []),
      command("Turn round", "reverse-device", undefined, "Shift+R"),
      item("Trainable", () => edits.setTrainable(ids, !trained), { checked: trained }),
      null,
      ...laws.map(([kind, law]) => item(law.title ?? kind, () => edits.setKind(ids, kind), { checked: same && first.kind === kind })),
      null,
      command("Delete", "delete", undefined, "Del"),
    ];
  }

  function boardItems(point) {
    return [
      item("Add a node here", () => edits.addNode(point), { off: !edits.editable() }),
      command("Paste", "paste", undefined, "Ctrl+V"),
      command("Select everything", "select-all", undefined, "Ctrl+A"),
      null,
      command("Arrange the nodes", "layout", undefined, "L"),
      ...["layered", "force", "circle", "grid"].map((name) => command(`Arrange: ${name}`, "layout", name)),
      null,
      command("Fit to the view", "fit", undefined, "F"),
      command("Save picture (PNG)", "share-png"),
      command("Save picture (SVG)", "share-svg"),
    ];
  }

  /** Right-clicking outside the selection makes the thing under the pointer the selection. */
  function itemsFor(hit, point) {
    const selection = chosen();
    if (hit?.type === "node" && !selection.nodes.includes(hit.id)) edits.select([hit.id]);
    if (hit?.type === "device" && !selection.devices.includes(hit.id)) edits.select([], [hit.id]);
    const now = chosen();
    if (hit?.type === "node") return nodeItems(now.nodes);
    if (hit?.type === "device") return deviceItems(now.devices.filter((id) => doc().device(id)));
    return boardItems(point);
  }

  // ---- the box -------------------------------------------------------------------------------

  function row(entry) {
    if (entry === null) return el("div", { class: "menu-line", role: "separator" });
    const role = entry.checked === null ? "menuitem" : "menuitemcheckbox";
    const button = el("button", { type: "button", class: "menu-row", role, tabindex: "-1" },
      el("span", { class: "menu-check", "aria-hidden": "true" }, entry.checked ? "✓" : ""),
      el("span", {}, entry.title), entry.keys ? el("kbd", {}, entry.keys) : null);
    if (entry.checked !== null) button.setAttribute("aria-checked", String(Boolean(entry.checked)));
    button.disabled = entry.off;
    button.addEventListener("click", () => {
      close();
      entry.run();
    });
    return button;
  }

  function open(items, x, y) {
    put(box, ...items.map(row));
    box.hidden = false;
    const { width, height } = canvas.size();
    box.style.left = `${Math.max(4, Math.min(x, width - box.offsetWidth - 8))}px`;
    box.style.top = `${Math.max(4, Math.min(y, height - box.offsetHeight - 8))}px`;
    box.querySelector("button:not(:disabled)")?.focus({ preventScroll: true });
  }

  function close() {
    if (box.hidden) return;
    box.hidden = true;
    element.focus({ preventScroll: true });
  }

  function onContext(event) {
    if (!doc() || box.contains(event.target) || event.target.closest("input")) return;
    event.preventDefault();
    gestures.cancelDrawing();
    const frame = element.getBoundingClientRect();
    const selection = chosen();
    const keyboard = event.button !== 2 && event.pointerType !== "touch" && event.target === element;
    if (keyboard) {
      const hit = selection.nodes[0] ? { type: "node", id: selection.nodes[0] } : selection.devices[0] ? { type: "device", id: selection.devices[0] } : null;
      open(itemsFor(hit, canvas.centre()), frame.width / 2, frame.height / 2);
      return;
    }
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    open(itemsFor(gestures.hitAt(event), toBoard(canvas.viewport(), x, y)), x, y);
  }

  function onKey(event) {
    const rows = [...box.querySelectorAll("button:not(:disabled)")];
    const at = rows.indexOf(document.activeElement);
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) rows[(at + move + rows.length) % rows.length]?.focus();
    else if (event.key === "Home") rows[0]?.focus();
    else if (event.key === "End") rows.at(-1)?.focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  element.addEventListener("contextmenu", onContext);
  box.addEventListener("keydown", onKey);
  document.addEventListener("pointerdown", (event) => { if (!box.hidden && !box.contains(event.target)) close(); }, true);
  canvas.on("view", () => { if (!box.hidden) close(); });
}
