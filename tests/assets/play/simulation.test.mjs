import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../../assets/modules/lib/api.mjs";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { quantity } from "../../../assets/modules/lib/numbers.mjs";
import { AUTOMATIC_ELEMENTS, createSimulation, physicsOf } from "../../../assets/modules/play/simulation.mjs";
import { DEFAULTS, loadSettings, requestSettings, saveSettings, solverOf } from "../../../assets/modules/play/settings.mjs";
import { createStore } from "../../../assets/modules/lib/store.mjs";
import { initialState } from "../../../assets/modules/document/state.mjs";
import { rcPair } from "../container.mjs";
import { statusSentence } from "../../../assets/modules/play/trust.mjs";
import { deferred, manualTimers, memoryStorage, settle } from "../scripted.mjs";

const REGISTRY = {
  devices: {},
  solvers: {
    rk4: { params: [{ name: "steps", default: 200 }] },
    auto: { params: [{ name: "rtol", default: 1e-6 }, { name: "atol", default: null }], adaptive: true, gradients: ["discrete"] },
    dopri5: { adaptive: true, params: [{ name: "rtol", default: 1e-6 }, { name: "atol", default: 1e-8 }] },
    rodas4: { params: [{ name: "rtol", default: 1e-6 }], implicit: true, gradients: ["continuous"] },
  },
};

function pair() {
  const doc = CircuitDocument.from();
  doc.addNode({ id: "n1", voltage: 1 });
  doc.addNode({ id: "n2", role: "output", x: 120 });
  doc.addDevice("n1", "n2", "resistor", { id: "d1", params: { conductance: 1 } });
  return doc;
}

function bench(answers) {
  const store = createStore({ ...initialState(), doc: pair(), registry: REGISTRY, settings: { ...DEFAULTS } });
  const timers = manualTimers();
  const asked = [];
  const api = {
    simulate: (circuit, settings) => {
      asked.push({ circuit, settings });
      return answers(asked.length);
    },
    binary: async () => rcPair(),
  };
  return { store, timers, asked, simulation: createSimulation({ store, api, quantity, timers }) };
}

const good = async () => ({ hash: "h", url: "/api/sim/h.bin", status: { ok: true, message: "" }, stats: { steps: 9 } });

test("an edit is simulated after 300 ms, once", async () => {
  const { store, timers, asked, simulation } = bench(good);
  simulation.request();
  simulation.request();
  assert.equal(store.get("simState"), "stale");
  assert.deepEqual(timers.waiting, [300]);
  await timers.run();
  assert.equal(asked.length, 1);
  assert.equal(store.get("simState"), "fresh");
  assert.equal(store.get("sim").stats.steps, 9);
});

test("moving a node or renaming the circuit asks for nothing", async () => {
  const { store, timers, asked, simulation } = bench(good);
  simulation.request();
  await timers.run();
  store.get("doc").moveNodes([{ id: "n1", x: 9, y: 9 }]);
  store.get("doc").setName("other");
  simulation.request();
  assert.deepEqual(timers.waiting, []);
  store.get("doc").setParams("d1", { conductance: 2 });
  simulation.request();
  await timers.run();
  assert.equal(asked.length, 2);
  assert.equal(asked[1].circuit.slices[0].devices[0].params.conductance, 2);
});

test("edits during an answer lead to exactly one more question, about the newest circuit", async () => {
  const first = deferred();
  const { store, timers, asked, simulation } = bench((count) => (count === 1 ? first.promise : good()));
  simulation.request();
  await timers.run();
  for (const conductance of [2, 3, 4]) {
    store.get("doc").setParams("d1", { conductance });
    simulation.request();
    await timers.run();
  }
  assert.equal(asked.length, 1);
  first.resolve(await good());
  await settle();
  assert.equal(asked.length, 2);
  assert.equal(asked[1].circuit.slices[0].devices[0].params.conductance, 4);
  assert.equal(store.get("simState"), "fresh");
});

test("an answer for a document that is gone is dropped", async () => {
  const first = deferred();
  const { store, timers, simulation } = bench(() => first.promise);
  simulation.request();
  await timers.run();
  store.set({ doc: pair() });
  first.resolve(await good());
  await settle();
  assert.equal(store.get("sim"), null);
});

test("large circuits wait for the user", async () => {
  const { store, timers, asked, simulation } = bench(good);
  const doc = CircuitDocument.from({
    format: "kirchhoff-circuit/1", name: "",
    nodes: Array.from({ length: AUTOMATIC_ELEMENTS + 1 }, (_, k) => ({ id: `n${k}` })),
    slices: [{ duration: 1, devices: [] }],
  });
  store.set({ doc });
  simulation.request();
  assert.equal(store.get("simState"), "stale");
  assert.deepEqual(timers.waiting, []);
  simulation.request({ force: true });
  await timers.run();
  assert.equal(asked.length, 1);
});

test("a diverged solve shows what exists and names node and time", async () => {
  const { store, timers, simulation } = bench(async () => ({
    ...(await good()), status: { ok: false, message: "The voltage is not finite any more", node: "n2", time: 0.42 },
  }));
  simulation.request();
  await timers.run();
  assert.ok(store.get("sim"), "the part that exists is shown");
  assert.equal(store.get("simState"), "error");
  const { message, node } = store.get("simError");
  assert.equal(node, "n2");
  assert.equal(message, "The voltage is not finite any more at node n2 (t = 0.420 s). Shown up to there.");
});

test("a sentence that names node and time already is not made longer", () => {
  const status = { ok: false, message: "node n2 diverged at t = 0.42 s.", node: "n2", time: 0.42 };
  assert.equal(statusSentence(status, quantity), "node n2 diverged at t = 0.42 s. Shown up to there.");
  assert.equal(statusSentence({ ok: true, message: "" }, quantity), "");
});

test("where the adjoint is slow the forward part is shown first, the adjoint when editing rests", async () => {
  const { store, timers, asked, simulation } = bench(async () => ({ ...(await good()), seconds: 3 }));
  store.set({ settings: { ...DEFAULTS, solver: "rodas4" } });
  simulation.request();
  await timers.run();
  assert.deepEqual(asked.map(({ settings }) => settings.adjoint), [false]);
  assert.equal(store.get("simState"), "fresh");
  store.get("doc").setParams("d1", { conductance: 2 });
  simulation.request();
  await timers.run();
  assert.deepEqual(asked.map(({ settings }) => settings.adjoint), [false, false], "an edit postpones the adjoint");
  await timers.run();
  assert.deepEqual(asked.map(({ settings }) => settings.adjoint), [false, false, true]);
});

test("entering the adjoint lane asks for the adjoint at once", async () => {
  const { store, timers, asked, simulation } = bench(good);
  store.set({ settings: { ...DEFAULTS, solver: "rodas4" } });
  simulation.request();
  await timers.run();
  store.set({ lane: "adjoint" });
  await settle();
  assert.deepEqual(asked.map(({ settings }) => settings.adjoint), [false, true]);
});

test("a refused circuit gives the server's sentence; the next edit asks again", async () => {
  const { store, timers, asked, simulation } = bench((count) =>
    count === 1 ? Promise.reject(new ApiError("no such kind", { status: 422, where: "slices[0]" })) : good());
  simulation.request();
  await timers.run();
  assert.deepEqual(store.get("simError").message, "no such kind");
  store.get("doc").setParams("d1", { conductance: 5 });
  simulation.request();
  await timers.run();
  assert.equal(asked.length, 2);
  assert.equal(store.get("simError"), null);
});

test("an emptied circuit has no picture and asks for none", async () => {
  const { store, timers, asked, simulation } = bench(good);
  simulation.request();
  await timers.run();
  store.get("doc").removeElements({ nodes: ["n1", "n2"] });
  simulation.request();
  await timers.run();
  assert.equal(asked.length, 1);
  assert.equal(store.get("sim"), null);
});

test("physics leaves out positions and labels and keeps everything else", () => {
  const doc = pair();
  const before = physicsOf(doc.toJSON());
  doc.setNode("n1", { label: "source" });
  assert.equal(physicsOf(doc.toJSON()), before);
  doc.setNode("n1", { capacitance: 2 });
  assert.notEqual(physicsOf(doc.toJSON()), before);
});

test("a request carries the options of its solver and targets of its outputs only", () => {
  const circuit = pair().toJSON();
  const settings = { ...DEFAULTS, solver: "rk4", steps: 50, loss: "mse", targets: { n2: 0.5, gone: 1 } };
  assert.deepEqual(requestSettings(settings, circuit, REGISTRY), {
    solver: "rk4", outputs: 201, adjoint: true, loss: "mse", steps: 50, gradient: "discrete", targets: { n2: 0.5 },
  });
  assert.equal(requestSettings({ ...DEFAULTS, solver: "rodas4" }, circuit, REGISTRY).gradient, "continuous");
  assert.deepEqual(requestSettings(DEFAULTS, circuit, REGISTRY), {
    solver: "auto", outputs: 201, adjoint: true, loss: "sum", gradient: "discrete", targets: {},
  }, "tolerances that nobody chose are the solver's own");
  const silent = { ...circuit, nodes: circuit.nodes.map((node) => ({ ...node, role: "hidden" })) };
  assert.equal(requestSettings(DEFAULTS, silent, REGISTRY).adjoint, false);
});

test("an unknown solver gives way to the default, or to one that controls its error", () => {
  assert.equal(solverOf({ solver: "rk4" }, REGISTRY), "rk4");
  assert.equal(solverOf({ solver: "unknown" }, REGISTRY), DEFAULTS.solver);
  const { rk4, dopri5 } = REGISTRY.solvers;
  assert.equal(solverOf({ solver: "auto" }, { solvers: { rk4, dopri5 } }), "dopri5");
  assert.equal(solverOf({ solver: "rk4" }, null), "rk4");
});

test("settings survive in storage; broken storage gives the defaults", () => {
  const storage = memoryStorage();
  saveSettings("c1", { ...DEFAULTS, rtol: 1e-3 }, storage);
  assert.equal(loadSettings("c1", storage).rtol, 1e-3);
  assert.equal(loadSettings("c2", storage).rtol, undefined);
  storage.setItem("kd-settings-c1", "{broken");
  assert.deepEqual(loadSettings("c1", storage), { ...DEFAULTS });
});

test("a person who stops a simulation keeps the picture before, and can ask again", async () => {
  const late = deferred();
  const { store, timers, asked, simulation } = bench((count) => (count === 2 ? late.promise : good()));
  simulation.request();
  await timers.run();
  const before = store.get("sim");
  store.get("doc").setNode("n1", { voltage: 2 });
  simulation.request();
  const answered = timers.run();
  assert.equal(store.get("simState"), "running");
  simulation.stop();
  assert.equal(store.get("simState"), "error");
  assert.match(store.get("simError").message, /You stopped/);
  late.resolve(await good());
  await answered;
  await settle();
  assert.equal(store.get("simState"), "error", "an answer nobody waits for is not shown");
  assert.equal(store.get("sim"), before);
  simulation.request({ force: true });
  await timers.run();
  assert.equal(asked.length, 3);
  assert.equal(store.get("simState"), "fresh");
});
