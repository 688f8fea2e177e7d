/** Inspector tab of the selected device: law, parameters, values now, gradient. */

import { createCurve, curveRange } from "./curve.mjs";
import { el, iconButton, put, setText } from "../../lib/dom.mjs";
import { checkField, figures, heading, numberField, parameterName, selectField, textField } from "../../lib/fields.mjs";
import { number, power, quantity } from "../../lib/numbers.mjs";
import { requestSettings } from "../../play/settings.mjs";

const CHECK_TOLERANCE = 1e-3;
/** @type {[string, (law) => boolean][]} */
const KIND_GROUPS = [["Two terminals", (law) => law.difference], ["Each end on its own", () => true]];

/** Parameters of a device with the law's defaults where the document leaves them out. */
export function completeParams(device, law) {
  return Object.fromEntries((law?.params ?? []).map((param) => [param.name, device.params?.[param.name] ?? param.default]));
}

export function createDevicePane(context) {
  const { store, api, edit } = context;
  const root = el("div", {});
  const empty = el("div", { class: "inspector-empty" },
    el("p", { text: "No device selected." }),
    el("p", { class: "muted", text: "Click a device on the board to see its law and its current, or draw one: press E and drag from node to node." }));
  let built = null; // {key, sync(state), tick(state)}

  function sync(state) {
    const { selection, doc, registry } = state;
    const devices = selection.devices.map((id) => doc.device(id)).filter(Boolean);
    if (devices.length === 0 || !registry) {
      if (built !== null || !root.hasChildNodes()) put(root, empty);
      built = null;
      return;
    }
    const kinds = new Set(devices.map((device) => device.kind));
    const key = JSON.stringify([devices.map((device) => device.id), [...kinds], state.sim?.params, Boolean(doc.slices.length > 1)]);
    if (built?.key !== key) {
      built = devices.length === 1 ? single(devices[0], state) : several(devices, kinds, state);
      built.key = key;
      put(root, built.nodes);
    }
    built.sync(state);
  }

  /** Setters for parameters of one or many devices: a slider drag is one undo step. */
  function paramFields(ids, law) {
    return law.params.map((param) => {
      const field = numberField({
        label: parameterName(param.name),
        unit: param.unit,
        doc: param.doc,
        slider: param.slider,
        low: param.low,
        high: param.high,
        integer: Boolean(param.integer),
        onDrag: (value) => edit((doc) => doc.transient(() => ids.forEach((id) => doc.setParams(id, { [param.name]: value })))),
        onRelease: () => store.get().doc.commit(),
        onCommit: (value) => edit((doc) => doc.group(() => ids.forEach((id) => doc.setParams(id, { [param.name]: value })))),
      });
      return { param, field };
    });
  }

  function kindField(ids, registry) {
    const laws = Object.entries(registry.devices);
    const options = [];
    const placed = new Set();
    for (const [group, belongs] of KIND_GROUPS) {
      for (const [kind, law] of laws) {
        if (placed.has(kind) || !belongs(law)) continue;
        placed.add(kind);
        options.push({ value: kind, text: law.title, group });
      }
    }
    return selectField({
      label: "Kind",
      options,
      onCommit: (kind) => edit((doc) => doc.group(() => ids.forEach((id) => changeKind(doc, id, kind, registry)))),
    });
  }

  function single(device, state) {
    const { registry, doc } = state;
    const { id } = device;
    const law = registry.devices[device.kind];
    const title = textField({ label: "Name of the device", large: true, onCommit: (next) => rename(id, next) });
    const ends = el("div", { class: "device-ends" });
    const kind = kindField([id], registry);
    const curve = createCurve({ api });
    const params = paramFields([id], law);
    const trainable = checkField({ label: "Trainable", doc: "Training may change the parameters of this device.", onCommit: (on) => edit((d) => d.setDevice(id, { trainable: on })) });
    const slice = doc.slices.length > 1
      ? selectField({ label: "Time slice", options: doc.slices.map((_, k) => ({ value: String(k), text: `Slice ${k + 1}` })), onCommit: (k) => moveToSlice(id, Number(k)) })
      : null;
    const now = figures([
      { key: "i", label: "Current", doc: "Positive from the first to the second node" },
      { key: "d", label: "Voltage across" },
      { key: "vs", label: `At ${device.source}` },
      { key: "vd", label: `At ${device.target}` },
      { key: "p", label: "Power into device", doc: "Current times voltage across it" },
      { key: "ia", label: "Adjoint current", doc: "g_s (μ_source − μ_target): what this device carries in the adjoint circuit" },
    ]);
    const gradient = gradientTable(id, law.params);
    const nodes = [
      el("div", { class: "inspector-title" }, title.root, iconButton("swap", "Swap the ends", { on: { click: () => edit((d) => { const x = d.device(id); d.setDevice(id, { source: x.target, target: x.source }); }) } })),
      ends,
      curve.root,
      kind.root,
      params.map(({ field }) => field.root),
      trainable.root,
      slice?.root,
      heading("Now"),
      now.root,
      gradient.root,
    ];

    function syncSingle({ doc: current, sim }) {
      const fresh = current.device(id);
      if (!fresh) return;
      title.set(id);
      put(ends, endButton(fresh.source), el("span", { class: "arrow", text: "→" }), endButton(fresh.target),
        current.slices.length > 1 ? el("span", { class: "badge", text: `slice ${current.sliceOf(id) + 1}` }) : null);
      kind.set(fresh.kind);
      slice?.set(String(current.sliceOf(id)));
      const complete = completeParams(fresh, law);
      for (const { param, field } of params) field.set(complete[param.name]);
      trainable.set(fresh.trainable !== false);
      const across = sim && law.difference ? acrossExtent(sim, fresh) : [];
      curve.show({
        kind: fresh.kind, params: complete, difference: law.difference,
        range: curveRange(law.difference ? across : extent(sim, fresh.source)),
        vd: extent(sim, fresh.target).length ? extent(sim, fresh.target) : [-1, 1],
        source: fresh.source, target: fresh.target,
      });
      gradient.sync(sim);
    }

    function tick({ doc: current, sim, time }) {
      const fresh = current.device(id);
      if (!fresh) return;
      const vs = voltage(sim, fresh.source, time);
      const vd = voltage(sim, fresh.target, time);
      const i = sim ? sim.deviceValueAt(id, time) : NaN;
      const idle = sim && sim.deviceIndex.has(id) && Number.isNaN(i);
      now.set("i", idle ? "idle" : quantity(i, "A"));
      now.set("d", quantity(vs - vd, "V"));
      now.set("vs", quantity(vs, "V"));
      now.set("vd", quantity(vd, "V"));
      now.set("p", quantity((vs - vd) * i, "W"));
      now.set("ia", quantity(sim?.hasAdjoint ? sim.deviceValueAt(id, time, "adjoint") : NaN, ""));
      curve.operate(sim ? { vs, vd, i } : null);
      gradient.tick(sim, time);
    }

    return { nodes, sync: syncSingle, tick };
  }

  function several(devices, kinds, { registry }) {
    const ids = devices.map((device) => device.id);
    const law = kinds.size === 1 ? registry.devices[[...kinds][0]] : null;
    const kind = kindField(ids, registry);
    const params = law ? paramFields(ids, law) : [];
    const trainable = checkField({ label: "Trainable", onCommit: (on) => edit((doc) => doc.group(() => ids.forEach((id) => doc.setDevice(id, { trainable: on })))) });
    const nodes = [
      el("div", { class: "inspector-title" }, el("h2", { text: `${ids.length} devices` })),
      el("p", { class: "muted", text: law ? "Changes apply to all of them." : "Several kinds. Choosing one changes all of them." }),
      kind.root,
      params.map(({ field }) => field.root),
      trainable.root,
    ];
    return {
      nodes,
      sync: ({ doc }) => {
        const first = doc.device(ids[0]);
        if (!first) return;
        kind.set(law ? first.kind : "");
        const complete = law ? completeParams(first, law) : {};
        for (const { param, field } of params) field.set(complete[param.name]);
        trainable.set(ids.every((id) => doc.device(id)?.trainable !== false));
      },
      tick: () => {},
    };
  }

  function endButton(node) {
    if (node === "gnd") return el("span", { class: "badge", text: "ground" });
    return el("button", { type: "button", class: "link", text: node, on: { click: () => store.set({ selection: { nodes: [node], devices: [] } }) } });
  }

  function rename(id, next) {
    const { doc } = store.get();
    doc.renameDevice(id, next);
    store.set({ selection: { nodes: [], devices: [next] } });
  }

  function moveToSlice(id, slice) {
    edit((doc) => doc.group(() => {
      const { source, target, kind, params, trainable } = doc.device(id);
      doc.removeElements({ devices: [id] });
      doc.addDevice(source, target, kind, { params, trainable, slice, id });
    }));
    store.set({ selection: { nodes: [], devices: [id] }, slice });
  }

  /** Accumulated and final gradient of every parameter, and the check against finite differences. */
  function gradientTable(id, params) {
    const body = el("tbody", {});
    const rows = new Map();
    for (const param of params) {
      const cells = { now: el("td", {}), total: el("td", {}) };
      const check = el("button", { type: "button", class: "button small quiet", text: "Check", title: "Compare with a finite difference", on: { click: () => run(param, check, result) } });
      const result = el("div", { class: "check-result", role: "status" });
      rows.set(param.name, { ...cells, result });
      body.append(
        el("tr", {}, el("th", { scope: "row", text: `∂L/∂${param.name.replaceAll("_", " ")}` }), cells.now, cells.total, el("td", { class: "check-cell" }, check)),
        el("tr", { class: "check-row" }, el("td", { colspan: 4 }, result)),
      );
    }
    const table = el("table", { class: "gradient" },
      el("thead", {}, el("tr", {}, el("th", { text: "" }),
        el("th", { scope: "col", text: "since end", title: "Gathered from the end of time back to now" }),
        el("th", { scope: "col", text: "total", title: "The value training uses" }), el("th", {}))), body);
    const note = el("p", { class: "muted small" });
    const block = el("div", {}, heading("Gradient"), table, note);
    let checkedFor = null;

    async function run(param, button, result) {
      const { doc, settings, registry } = store.get();
      const circuit = doc.toJSON();
      button.disabled = true;
      result.dataset.tone = "";
      setText(result, "Checking");
      try {
        const { adjoint, difference, error } = await api.gradientCheck({ circuit, settings: requestSettings(settings, circuit, registry), device: id, param: param.name });
        const good = error <= CHECK_TOLERANCE;
        result.dataset.tone = good ? "ok" : "error";
        setText(result, `adjoint ${number(adjoint, 6)}, finite difference ${number(difference, 6)}: relative error ${power(error)}${good ? " ✓" : ", too large"}`);
      } catch (error) {
        result.dataset.tone = "error";
        setText(result, error.message);
      }
      button.disabled = false;
    }

    return {
      root: block,
      sync: (sim) => {
        const known = Boolean(sim?.hasAdjoint);
        table.hidden = !known;
        setText(note, known ? "" : "Mark an output node to get a loss and its gradient.");
        if (checkedFor !== sim) for (const { result } of rows.values()) setText(result, "");
        checkedFor = sim;
      },
      tick: (sim, time) => {
        if (!sim?.hasAdjoint) return;
        for (const [name, cells] of rows) {
          setText(cells.now, number(sim.gradientAt(id, name, time)));
          setText(cells.total, number(sim.gradient(id, name)));
        }
      },
    };
  }

  return { root, sync, tick: (state) => built?.tick(state) };
}

/** Another law keeps the values of parameters that both have. */
function changeKind(doc, id, kind, registry) {
  const device = doc.device(id);
  if (device.kind === kind) return;
  const before = completeParams(device, registry.devices[device.kind]);
  const names = new Set(registry.devices[kind].params.map((param) => param.name));
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => names.has(name)));
  doc.setDevice(id, { kind, params: completeParams({ params: kept }, registry.devices[kind]) });
}

function voltage(sim, node, time) {
  if (node === "gnd") return 0;
  return sim ? sim.valueAt(node, time) : NaN;
}

function extent(sim, node) {
  if (node === "gnd" || !sim?.nodeIndex.has(node)) return node === "gnd" ? [0, 0] : [];
  const series = sim.nodeSeries(node).filter(Number.isFinite);
  return series.length ? [Math.min(...series), Math.max(...series)] : [];
}

function acrossExtent(sim, { source, target }) {
  const a = source === "gnd" ? null : sim.nodeIndex.has(source) ? sim.nodeSeries(source) : [];
  const b = target === "gnd" ? null : sim.nodeIndex.has(target) ? sim.nodeSeries(target) : [];
  const length = (a ?? b)?.length ?? 0;
  const values = Array.from({ length }, (_, k) => (a ? a[k] : 0) - (b ? b[k] : 0)).filter(Number.isFinite);
  return values.length ? [Math.min(...values), Math.max(...values)] : [];
}
