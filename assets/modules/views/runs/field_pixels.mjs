/** A field as pixels. Pure. */

import { RAMP_HALF, rampLevel } from "../../paint/colours.mjs";

/** Pixel words of values, symmetric around 0; transparent where a value is not finite. */
export function fillField(pixels, values, range, words) {
  for (let k = 0; k < values.length; k++) {
    const value = values[k];
    pixels[k] = !Number.isFinite(value) ? 0 : words[range > 0 ? rampLevel(value, range) : RAMP_HALF];
  }
  return pixels;
}
