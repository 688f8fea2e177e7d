/** How far the dots of every device have come; they keep their places through edits. Pure. */

import { advancePhases, createPhases } from "./phases.mjs";

export class Motion {
  /** Phases at the source's end and at the target's, where an adjoint current has two. */
  source = new Float32Array(0);
  target = new Float32Array(0);
  /** 1 where dots would be too fast to be seen. */
  glow = new Uint8Array(0);
  /** @type {any} */
  #scene = null;

  /** Goes on with another scene: phases follow the device's name. */
  follow(scene) {
    if (this.#scene === scene) return;
    const [before, source, target] = [this.#scene, this.source, this.target];
    this.#scene = scene;
    this.source = createPhases(scene);
    this.target = createPhases(scene);
    this.glow = new Uint8Array(scene.E);
    if (!before) return;
    scene.deviceIds.forEach((id, e) => {
      const old = before.deviceIndex.get(id);
      if (old === undefined) return;
      this.source[e] = source[old];
      this.target[e] = target[old];
    });
  }

  /**
   * Moves the dots by `dt` wall seconds of a frame's currents.
   * @param {{i: Float32Array, iTarget: Float32Array|null}} frame
   */
  advance(frame, gain, dt) {
    if (dt <= 0 || gain <= 0) return;
    const { lengths } = this.#scene;
    advancePhases(this.source, frame.i, dt, gain, lengths, this.glow);
    if (frame.iTarget) advancePhases(this.target, frame.iTarget, dt, gain, lengths);
  }
}
