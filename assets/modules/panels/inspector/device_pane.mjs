/** Inspector tab of the selected device: law, parameters, values now, gradient. */

import { lawOf } from "../../document/expressions.mjs";
import { el, put } from "../../lib/dom.mjs";
import { checkField } from "../../lib/fields.mjs";
import { sharedOf } from "../../lib/shared.mjs";
import { completeParams, kindField, paramFields, terminalChoices } from "./device_fields.mjs";
import { oneDevice } from "./one_device.mjs";

/** @param {{store, api, edit}} context */
export function createDevicePane(context) {
  const root = el("div", {});
  const empty = el("div", { class: "inspector-empty" },
    el("p", { text: "No device selected." }),
    el("p", { class: "muted", text: "Click a device on the board to see its law and its current, or draw one: press E and drag from node to node." }));
  let built = null; // {key, nodes, sync(state), tick(state)}

  function sync(state) {
    const { selection, doc, registry } = state;
    const devices = selection.devices.map((id) => doc.device(id)).filter(Boolean);
    if (devices.length === 0 || !registry) {
      if (built !== null || !root.hasChildNodes()) put(root, empty);
      built = null;
      return;
    }
    const kinds = new Set(devices.map((device) => device.kind));
    const key = JSON.stringify([devices.map((device) => device.id), [...kinds], state.sim?.params, Boolean(doc.slices.length > 1), devices.length === 1 ? [devices[0].expression, terminalChoices(state, lawOf(registry, devices[0]))] : []]);
    if (built?.key !== key) {
      const content = devices.length === 1 ? oneDevice(context, devices[0], state) : severalDevices(context, devices, kinds, state);
      built = { ...content, key };
      put(root, built.nodes);
    }
    built.sync(state);
  }

  return { root, sync, tick: (state) => built?.tick(state) };
}

/** The content for several devices: what they can be given together. */
function severalDevices(context, devices, kinds, { registry }) {
  const { edit } = context;
  const ids = devices.map((device) => device.id);
  const law = kinds.size === 1 ? registry.devices[[...kinds][0]] : null;
  const kind = kindField(context, ids, registry);
  const params = law ? paramFields(context, ids, law) : [];
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
      const chosen = ids.map((id) => doc.device(id)).filter(Boolean);
      if (chosen.length === 0) return;
      kind.set(sharedOf(chosen.map((device) => device.kind)));
      const complete = law ? chosen.map((device) => completeParams(device, law)) : [];
      for (const { param, field } of params) field.set(sharedOf(complete.map((values) => values[param.name])));
      trainable.set(sharedOf(chosen.map((device) => device.trainable !== false)));
    },
    tick: () => {},
  };
}
