/** What is in a data set, in sentences, and its pictures as pixels. Pure. */

const count = (n) => n.toLocaleString("en");
const several = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** "112 examples to learn from, 38 to test with". */
export function sizesText({ task, train, test }) {
  if (task === "match") return "No examples: the density is known up to a factor.";
  if (!train) return "";
  return `${several(train, "example")} to learn from, ${count(test)} to test with.`;
}

/** What goes in and what comes out. */
export function shapeText({ task, inputs, outputs, ranges = [], pictures, classes = [], fields, kind, symbols }) {
  if (!inputs) return "";
  if (task === "language") return `Windows of ${several(inputs, "character")} from ${several(symbols, "symbol")}; the one that follows each is asked for.`;
  if (kind === "tokens") return `Texts of up to ${several(inputs, "word")} from a vocabulary of ${count(symbols)}, ${several(classes.length, "class", "classes")}.`;
  if (task === "operator") return fields ? `From one field to another, on ${fields[0].input.points.join(" × ")} points.` : "";
  const sides = pictures && `${pictures.rows} × ${pictures.columns} pixels${pictures.channels === 3 ? " in three colours" : ""}`;
  const features = sides ?? several(inputs, task === "classify" || task === "regress" ? "feature" : "coordinate");
  if (task === "classify") return `${features}, ${several(classes.length, "class", "classes")}.`;
  if (task === "regress") return `${features}; ${ranges.map(([name, low, high]) => `${name} from ${short(low)} to ${short(high)}`).join(", ")}.`;
  return `${features} each, ${several(outputs, "node")} of the circuit.`;
}

const short = (value) => String(Number(value.toPrecision(4)));

/**
 * The circuit that would be trained, null for a model that is none; `fits` is false when the open one cannot be.
 * @param {{inputs: number, outputs: number, circuit?: object|null}} preview
 * @param {"builtin"|"open"} source
 * @param {{inputs: number, outputs: number}|null} board  nodes of the open circuit by role
 */
export function circuitText({ inputs, outputs, circuit }, source, board) {
  if (!inputs) return { text: "", fits: true };
  if (circuit === null) return { text: "This model is no circuit: it learns, and has nothing on the board.", fits: true };
  if (source !== "open") return { text: circuit ? `The built-in circuit for it has ${several(circuit.nodes, "node")} and ${several(circuit.devices, "device")}.` : "", fits: true };
  const wanted = `${several(inputs, "input node")} and ${several(outputs, "output node")}`;
  const fits = Boolean(board) && board.inputs === inputs && board.outputs === outputs;
  if (fits) return { text: `The open circuit fits: ${wanted}.`, fits };
  const found = board ? `the open circuit has ${count(board.inputs)} and ${count(board.outputs)}` : "no circuit is open";
  return { text: `This needs ${wanted}; ${found}.`, fits };
}

/** Places of at most `most` pictures, one of every class before a second one of any. */
export function oneOfEach(classes, most) {
  const seen = new Map();
  const turns = classes.map((name, place) => {
    const turn = seen.get(name) ?? 0;
    seen.set(name, turn + 1);
    return { place, name, turn };
  });
  turns.sort((a, b) => a.turn - b.turn || a.name - b.name);
  return turns.slice(0, most).map(({ place }) => place);
}

/** Base64 text as bytes. */
export const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** Red, green, blue, alpha of picture `k`, whose channels stand one after the other. */
export function pixelsOf(bytes, { channels, rows, columns }, k) {
  const size = rows * columns;
  const pixels = new Uint8ClampedArray(4 * size);
  for (let place = 0; place < size; place++) {
    for (let channel = 0; channel < 3; channel++) {
      pixels[4 * place + channel] = bytes[(k * channels + Math.min(channel, channels - 1)) * size + place];
    }
    pixels[4 * place + 3] = 255;
  }
  return pixels;
}

/**
 * Fields on one axis as lines of [x, y] in a box of pixels, all on one scale.
 * @param {Array<{levels: string, low: number, high: number}>} fields  bytes from `low` (0) to `high` (255)
 */
export function linesIn(fields, width, height, margin) {
  const low = Math.min(...fields.map((field) => field.low));
  const span = Math.max(...fields.map((field) => field.high)) - low || 1;
  return fields.map((field) => {
    const levels = [...bytesOf(field.levels)];
    const step = (width - 2 * margin) / Math.max(1, levels.length - 1);
    const value = (level) => field.low + (level / 255) * (field.high - field.low);
    return levels.map((level, k) => [margin + k * step, height - margin - ((value(level) - low) / span) * (height - 2 * margin)]);
  });
}

/** Points of the plane as [x, y] in a square of pixels, with one scale on both axes and a margin. */
export function placesIn(places, side, margin) {
  const xs = places.map(([x]) => x);
  const ys = places.map(([, y]) => y);
  const middle = (values) => (Math.min(...values) + Math.max(...values)) / 2;
  const span = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)) || 1;
  const scale = (side - 2 * margin) / span;
  const [cx, cy] = [middle(xs), middle(ys)];
  return places.map(([x, y]) => [side / 2 + (x - cx) * scale, side / 2 - (y - cy) * scale]);
}
