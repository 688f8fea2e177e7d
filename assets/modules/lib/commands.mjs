/** The table of everything a user can do: buttons, keys and the palette all run the same names. */

/** @param {{onError?: (error: Error, name: string) => void}} options  hears of a command that failed */
export function createCommands({ onError = (error) => { throw error; } } = {}) {
  const table = new Map();

  /** `entry`: a function, or {title, group, run(argument), enabled(), keys, palette: [{argument, title}]|false}. */
  function register(name, entry) {
    const full = typeof entry === "function" ? { run: entry } : entry;
    table.set(name, { title: titleOf(name), group: "Other", ...full, name });
  }

  function registerAll(entries) {
    for (const [name, entry] of Object.entries(entries)) register(name, entry);
  }

  function enabled(name) {
    const entry = table.get(name);
    return Boolean(entry) && (!entry.enabled || Boolean(entry.enabled()));
  }

  /** Run a command; unknown or disabled names do nothing and return false. */
  function run(name, argument) {
    if (!enabled(name)) return false;
    try {
      const result = table.get(name).run(argument);
      if (result instanceof Promise) result.catch((error) => onError(error, name));
    } catch (error) {
      onError(error, name);
    }
    return true;
  }

  /** Everything the palette shows: one row a command, or one a choice where a command has choices. */
  function list() {
    const rows = [];
    for (const entry of table.values()) {
      if (entry.palette === false) continue;
      const choices = typeof entry.palette === "function" ? entry.palette() : entry.palette;
      if (Array.isArray(choices)) {
        for (const choice of choices) rows.push({ ...choice, name: entry.name, group: entry.group });
      } else {
        rows.push({ name: entry.name, title: entry.title, group: entry.group });
      }
    }
    return rows;
  }

  return { register, registerAll, run, list, enabled, has: (name) => table.has(name) };
}

/** "play-pause" -> "Play pause" */
export function titleOf(name) {
  const words = name.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Run the command of any clicked element that carries data-command. */
export function delegateClicks(root, commands) {
  root.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-command]");
    if (!button || button.disabled || button.getAttribute("aria-disabled") === "true") return;
    event.preventDefault();
    if (event.detail > 0 && !button.closest("dialog")) button.blur(); // the next Space plays instead of pressing again
    commands.run(button.dataset.command, button.dataset.argument);
  });
}

/** Rank palette rows for a typed query: every letter in order, tighter and earlier is better. */
export function rankRows(rows, query) {
  const wanted = query.trim().toLowerCase();
  if (!wanted) return rows;
  return rows
    .map((row) => ({ row, score: score(row.title.toLowerCase(), wanted) }))
    .filter((entry) => entry.score !== null)
    .sort((a, b) => a.score - b.score)
    .map((entry) => entry.row);
}

/** How well a text answers a query, less is better: below 10 where the query stands in it as it is; null where its letters do not. */
export function score(text, wanted) {
  const direct = text.indexOf(wanted);
  if (direct >= 0) return direct === 0 || text[direct - 1] === " " ? direct / 100 : 1 + direct / 100;
  let position = -1;
  let gaps = 0;
  for (const letter of wanted) {
    const next = text.indexOf(letter, position + 1);
    if (next < 0) return null;
    gaps += next - position - 1;
    position = next;
  }
  return 10 + gaps;
}
