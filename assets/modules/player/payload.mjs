/** What a page that plays by itself brings along: words and packed arrays, see designer/player/payload.py. Pure. */

import { Trajectory } from "../play/trajectory.mjs";

/** The bytes of Base64 text. */
function bytesOf(text) {
  const letters = atob(text.trim());
  const bytes = new Uint8Array(letters.length);
  for (let k = 0; k < letters.length; k += 1) bytes[k] = letters.charCodeAt(k);
  return bytes;
}

async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

const sizeOf = ({ shape }) => shape.reduce((product, size) => product * size, 1);

/** One array: planes of bytes, differences, columns. */
export function unpackArray(bytes, shape) {
  const count = sizeOf({ shape });
  const rows = shape.length > 0 ? shape[0] : 1;
  const columns = rows > 0 ? count / rows : 0;
  const out = new Float32Array(count);
  const words = new Uint32Array(out.buffer);
  let word = 0;
  for (let c = 0, k = 0; c < columns; c += 1) {
    for (let r = 0; r < rows; r += 1, k += 1) {
      word = (word + (bytes[k] | (bytes[count + k] << 8) | (bytes[2 * count + k] << 16) | (bytes[3 * count + k] << 24))) >>> 0;
      words[r * columns + c] = word;
    }
  }
  return out;
}

/**
 * Words and parts of a page. A part is unpacked when it is first asked for.
 * @param {string} text
 * @returns {Promise<{words: any, has: (name: string) => boolean, part: (name: string) => {header: any, arrays: any}, trajectory: (name: string) => Trajectory}>}
 */
export async function openPayload(text) {
  const block = await inflated(bytesOf(text));
  const length = new DataView(block).getUint32(0, true);
  const { parts, ...words } = JSON.parse(new TextDecoder().decode(new Uint8Array(block, 4, length)));
  const listed = new Map();
  let start = 4 + length;
  for (const { name, header } of parts) {
    listed.set(name, { header, start });
    start += 4 * header.arrays.reduce((sum, array) => sum + sizeOf(array), 0);
  }
  if (start !== block.byteLength) throw new Error("This page is not whole: what it shows was cut short or changed.");
  const known = new Map();

  function part(name) {
    const { header, start: first } = listed.get(name);
    let at = first;
    const arrays = Object.fromEntries(header.arrays.map((array) => {
      const bytes = new Uint8Array(block, at, 4 * sizeOf(array));
      at += bytes.length;
      return [array.name, { shape: array.shape, data: unpackArray(bytes, array.shape) }];
    }));
    return { header, arrays };
  }

  function trajectory(name) {
    if (!known.has(name)) {
      const { header, arrays } = part(name);
      known.set(name, Object.assign(new Trajectory(header, arrays), { hash: name }));
    }
    return known.get(name);
  }

  return { words, has: (name) => listed.has(name), part, trajectory };
}
