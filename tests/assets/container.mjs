/** Writes a KSIM container the way the server does, for tests of the reader. */
export function encode(header, arrays) {
  const entries = [];
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    entries.push({ name, shape, offset });
    offset += 4 * data.length;
  }
  let text = JSON.stringify({ ...header, arrays: entries });
  const bytes = () => new TextEncoder().encode(text);
  while ((12 + bytes().length) % 8 !== 0) text += " ";
  const head = bytes();
  const buffer = new ArrayBuffer(12 + head.length + offset);
  const view = new DataView(buffer);
  new Uint8Array(buffer).set([..."KSIM"].map((c) => c.charCodeAt(0)), 0);
  view.setUint32(4, 1, true);
  view.setUint32(8, head.length, true);
  new Uint8Array(buffer).set(head, 12);
  let at = 12 + head.length;
  for (const { data } of Object.values(arrays)) {
    for (const value of data) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return buffer;
}

/** An RC pair discharging into each other: v = 1/2 ± exp(-2t)/2, i = exp(-2t); with its adjoint circuit for L = v2(T). */
export function rcPair(samples = 201, duration = 1) {
  const t = Array.from({ length: samples }, (_, k) => (k * duration) / (samples - 1));
  const v = t.flatMap((s) => [0.5 + Math.exp(-2 * s) / 2, 0.5 - Math.exp(-2 * s) / 2]);
  const i = t.map((s) => Math.exp(-2 * s));
  const back = t.map((s) => Math.exp(-2 * (duration - s)));
  const lambda = back.flatMap((e) => [0.5 - e / 2, 0.5 + e / 2]);
  const path = t.map((s) => (duration - s) * Math.exp(-2 * duration));
  return encode(
    { node_ids: ["n1", "n2"], device_ids: ["d1"], status: { ok: true, message: "" }, stats: { steps: 200 } },
    {
      t: { shape: [samples], data: t },
      voltages: { shape: [samples, 2], data: v },
      currents: { shape: [samples, 1], data: i },
      adjoint_voltages: { shape: [samples, 2], data: lambda },
      adjoint_currents: { shape: [samples, 1], data: back.map((e) => -e) },
      adjoint_currents_target: { shape: [samples, 1], data: back.map((e) => -e) },
      "gradient/conductance": { shape: [1], data: [path[0]] },
      "gradient_path/conductance": { shape: [samples, 1], data: path },
    },
  );
}
