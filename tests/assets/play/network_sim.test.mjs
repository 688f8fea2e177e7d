import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../../assets/modules/lib/api.mjs";
import { createNetworkSimulation, networkSettings } from "../../../assets/modules/play/network_sim.mjs";
import { quantity } from "../../../assets/modules/lib/numbers.mjs";
import { createStore } from "../../../assets/modules/lib/store.mjs";
import { initialState } from "../../../assets/modules/document/state.mjs";
import { rcPair } from "../container.mjs";
import { deferred, manualTimers, settle } from "../scripted.mjs";

const NETWORK = { id: "net", settings: { solver: "heun", steps: 2 } };

function bench(answers) {
  const store = createStore({ ...initialState(), network: NETWORK, settings: {} });
  const timers = manualTimers();
  const asked = [];
  const api = {
    simulateNetwork: (id, voltages, settings) => {
      asked.push({ id, voltages, settings });
      return answers(asked.length);
    },
    binary: async () => rcPair(),
  };
  return { store, timers, asked, networks: createNetworkSimulation({ store, api, quantity, timers }) };
}

const good = async (k) => ({ hash: `h${k}`, url: "/api/sim/h.bin", status: { ok: true, message: "" }, stats: {}, seconds: 0.1 });

test("the input that was drawn last is simulated, once", async () => {
  const { store, timers, asked, networks } = bench(good);
  networks.draw([1]);
  networks.draw([2]);
  assert.equal(timers.waiting.length, 1);
  await timers.run();
  assert.deepEqual(asked, [{ id: "net", voltages: [2], settings: { solver: "heun", steps: 2 } }]);
  assert.equal(store.get("sim").hash, "h1");
  assert.equal(store.get("simState"), "fresh");
});

test("while an answer is under way only the newest next input is kept", async () => {
  const first = deferred();
  const { timers, asked, networks } = bench((k) => (k === 1 ? first.promise : good(k)));
  networks.draw([1]);
  await timers.run();
  for (const value of [2, 3, 4]) {
    networks.draw([value]);
    await timers.run();
  }
  assert.equal(asked.length, 1);
  first.resolve(await good(1));
  await settle();
  assert.deepEqual(asked.map(({ voltages }) => voltages[0]), [1, 4]);
});

test("an answer for a network that is no longer open is dropped", async () => {
  const late = deferred();
  const { store, timers, networks } = bench(() => late.promise);
  networks.request({ force: true });
  await timers.run();
  store.set({ network: null });
  networks.reset();
  late.resolve(await good(1));
  await settle();
  assert.equal(store.get("sim"), null);
});

test("a refusal is an error in the server's words", async () => {
  const { store, timers, networks } = bench(() => Promise.reject(new ApiError("784 input voltages are needed, got 1", { status: 422 })));
  networks.draw([1]);
  await timers.run();
  assert.equal(store.get("simState"), "error");
  assert.equal(store.get("simError").message, "784 input voltages are needed, got 1");
});

test("the replay of a network asks for nothing", async () => {
  const { store, timers, asked, networks } = bench(good);
  store.set({ network: { id: null } });
  networks.request({ force: true });
  await timers.run();
  assert.equal(asked.length, 0);
});

test("a person's choice of method goes before the one that the server names", () => {
  assert.deepEqual(networkSettings({ solver: "dopri5", steps: 200 }, NETWORK), { solver: "heun", steps: 2 });
  assert.deepEqual(networkSettings({ networkSteps: 5 }, NETWORK), { solver: "heun", steps: 5 });
});
