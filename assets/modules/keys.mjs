/** Keys and the commands they run. The same table feeds the palette and the sheet of shortcuts. */

const tool = (keys, argument, title) => ({ keys, command: "tool", argument, title, group: "Tools" });
const edit = (keys, command, title) => ({ keys, command, title, group: "Edit" });
const view = (keys, command, title, argument) => ({ keys, command, title, argument, group: "View" });
const play = (keys, command, title) => ({ keys, command, title, group: "Playback" });
const go = (keys, command, title, argument) => ({ keys, command, title, argument, group: "Go" });

export const SHORTCUTS = Object.freeze([
  tool("V", "select", "Select and move"),
  tool("N", "node", "Add nodes"),
  tool("E", "device", "Draw devices"),
  tool("I", "input", "Mark inputs"),
  tool("O", "output", "Mark outputs"),
  tool("P", "probe", "Pin to the scope"),
  tool("X", "cut", "Cut devices"),
  edit("Ctrl+Z", "undo", "Undo"),
  edit("Ctrl+Shift+Z", "redo", "Redo"),
  edit("Ctrl+Y", "redo", "Redo"),
  edit("Delete", "delete", "Delete the selection"),
  edit("Backspace", "delete", "Delete the selection"),
  edit("Ctrl+C", "copy", "Copy"),
  edit("Ctrl+X", "cut", "Cut to the clipboard"),
  edit("Ctrl+V", "paste", "Paste"),
  edit("Ctrl+D", "duplicate", "Duplicate"),
  edit("Ctrl+A", "select-all", "Select everything"),
  edit("F2", "rename", "Rename"),
  edit("Shift+N", "add-node", "Add a node in the middle of the view"),
  edit("Shift+G", "ground", "Connect the selected nodes to ground"),
  edit("Shift+R", "reverse-device", "Turn the selected devices round"),
  edit("G", "generate", "Generate a circuit"),
  edit("L", "layout", "Arrange the nodes"),
  edit("Escape", "cancel", "Cancel"),
  view("F", "fit", "Fit the circuit to the view"),
  view("Shift+F", "fit-selection", "Fit the selection to the view"),
  view("+", "zoom-in", "Zoom in"),
  view("-", "zoom-out", "Zoom out"),
  view("Shift+1", "lane", "Show voltages", "voltages"),
  view("Shift+2", "lane", "Show currents", "currents"),
  view("Shift+3", "lane", "Show the adjoint", "adjoint"),
  view("Shift+4", "lane", "Show the energies", "energy"),
  view("Shift+5", "bode", "Show the Bode plot, or the curves over time"),
  view("Shift+6", "table", "Table of nodes and devices, or the curves"),
  view("Shift+C", "capacitors", "Show the capacitors of nodes, or not"),
  view("Shift+P", "node-plots", "Show plots beside nodes, or not"),
  view("Shift+I", "node-portraits", "Show portraits over two inputs, or not"),
  view("F6", "next-region", "Go on to the next part of the page"),
  view("T", "theme", "Light or dark"),
  play("Space", "play-pause", "Play or pause"),
  play("Shift+Space", "reverse", "Reverse time"),
  play(".", "step-forward", "One step forward"),
  play(",", "step-back", "One step back"),
  play("]", "faster", "Faster"),
  play("[", "slower", "Slower"),
  play("R", "simulate", "Simulate now"),
  go("1", "mode", "Build", "build"),
  go("2", "mode", "Simulate", "simulate"),
  go("3", "mode", "Train", "train"),
  go("4", "mode", "Runs", "runs"),
  go("5", "mode", "Export", "export"),
  go("J", "lesson", "From the board to the lesson, and back"),
  go("Ctrl+O", "import", "Open a file"),
  go("Ctrl+S", "save-version", "Save as a version"),
  go("Ctrl+K", "palette", "Find a command, node, device or run"),
  go("Ctrl+F", "find", "Find a node, device or run"),
  go("?", "shortcuts", "Keyboard shortcuts"),
]);

/** What the board itself listens to while it has the focus; shown on the sheet, run by a11y.mjs. */
export const BOARD_KEYS = Object.freeze([
  { keys: "Arrows", title: "Walk from node to node", group: "Board" },
  { keys: "Tab", title: "Next node", group: "Board" },
  { keys: "D", title: "Next device of the node", group: "Board" },
  { keys: "C", title: "Connect: arrows choose, Enter connects", group: "Board" },
  { keys: "Shift+Arrows", title: "Move the selection", group: "Board" },
  { keys: "Enter", title: "Inspect, or place a node", group: "Board" },
]);

const SHIFTED_DIGITS = "!\"#$%&/()=§@^*²³£¤";
const NAMED = { " ": "Space", Spacebar: "Space", Esc: "Escape", Del: "Delete" };

/** "Ctrl+Shift+Z" of a keyboard event; Command counts as Ctrl, letters are upper case. Pure. */
export function comboOf(event) {
  const altGraph = event.getModifierState?.("AltGraph") ?? false;
  const digit = /^Digit(\d)$/.exec(event.code ?? "")?.[1];
  let key = NAMED[event.key] ?? event.key ?? "";
  const shiftedDigit = event.shiftKey && digit && !altGraph && (key === digit || SHIFTED_DIGITS.includes(key)) ? digit : null;
  if (shiftedDigit) key = digit;
  if (key.length === 1) key = key.toUpperCase();
  const letter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
  const parts = [];
  if ((event.ctrlKey || event.metaKey) && !altGraph) parts.push("Ctrl");
  if (event.altKey && !altGraph) parts.push("Alt");
  // Signs such as ? and + are typed with or without Shift, depending on the keyboard.
  if (event.shiftKey && (letter || key.length > 1 || shiftedDigit)) parts.push("Shift");
  return [...parts, key].join("+");
}

const BY_COMBO = new Map(SHORTCUTS.map((shortcut) => [shortcut.keys, shortcut]));

/** The shortcut an event stands for, or null. Pure. */
export const shortcutOf = (event) => BY_COMBO.get(comboOf(event)) ?? null;

/** Whether keys belong to the element: fields, lists, and open dialogs. */
export function isTyping(target) {
  if (!target?.closest) return false;
  // Where what had the focus is gone, the page itself hears the keys of the dialog above it.
  if (target.ownerDocument?.querySelector("dialog:modal")) return true;
  if (target.closest("dialog[open], [role=dialog], [role=listbox], [role=menu]")) return true;
  const field = target.closest("input, textarea, select, [contenteditable=true], [contenteditable='']");
  return Boolean(field) && !["checkbox", "radio", "button", "range"].includes(field.type);
}

/** Buttons and links answer to Space and Enter themselves. */
const pressesItself = (target, key) =>
  (key === "Space" || key === "Enter") && Boolean(target?.closest?.("button, a[href], summary, [role=button], [role=slider], input"));

/**
 * Runs commands for keys; Space acts on release so that Space + drag can pan.
 * @returns {function} detaches
 */
export function attachKeys({ target, commands }) {
  let held = null;

  function down(event) {
    if (event.defaultPrevented || event.isComposing || isTyping(event.target)) return;
    const shortcut = shortcutOf(event);
    const key = NAMED[event.key] ?? event.key;
    if (!shortcut || pressesItself(event.target, key)) return;
    if (key === "Space") {
      event.preventDefault();
      if (!event.repeat) held = shortcut;
      return;
    }
    const repeats = ["step-forward", "step-back", "zoom-in", "zoom-out", "undo", "redo"].includes(shortcut.command);
    if (event.repeat && !repeats) return;
    if (commands.run(shortcut.command, shortcut.argument) || event.ctrlKey || event.metaKey) event.preventDefault();
  }

  function up(event) {
    if ((NAMED[event.key] ?? event.key) !== "Space" || !held) return;
    const shortcut = held;
    held = null;
    if (!isTyping(event.target)) commands.run(shortcut.command, shortcut.argument);
  }

  target.addEventListener("keydown", down);
  target.addEventListener("keyup", up);
  return () => {
    target.removeEventListener("keydown", down);
    target.removeEventListener("keyup", up);
  };
}
