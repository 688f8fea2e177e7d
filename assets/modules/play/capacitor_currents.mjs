/** What flows into the capacitors of nodes. Pure. */

/**
 * C dv/dt of every node [A]: as the server says, else what the devices leave there by Kirchhoff's current law, which is
 * all of it where every device has two ends.
 * @param {object} scene
 * @param {{nodes: Int32Array}} columns  of the scene's nodes in the simulation, -1 where there is none
 * @param {any} sim
 * @param {Float32Array} currents  (E,) from source to target at the same time, NaN outside a device's slice
 * @param {Float32Array} [out]
 */
export function capacitorCurrents(scene, { nodes }, sim, time, currents, out) {
  const into = out && out.length === scene.N ? out : new Float32Array(scene.N);
  into.fill(0);
  if (sim.has("capacitor_currents")) {
    const row = sim.row("capacitor_currents", sim.N, time);
    for (let n = 0; n < scene.N; n++) into[n] = nodes[n] < 0 ? NaN : row[nodes[n]];
    return into;
  }
  if ((sim.header.terminals ?? []).length > 0) return into; // the server would have said of any that is not 0
  for (let e = 0; e < scene.E; e++) {
    if (!Number.isFinite(currents[e])) continue;
    if (scene.source[e] >= 0) into[scene.source[e]] -= currents[e];
    if (scene.target[e] >= 0) into[scene.target[e]] += currents[e];
  }
  return into;
}
