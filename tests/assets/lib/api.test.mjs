import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { ApiError, createApi, pathId } from "../../../assets/modules/lib/api.mjs";

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  heard.push({ method: request.method, path: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
  const { status = 200, type = "application/json", body = "{}", cut = false, headers = {} } = answers.shift() ?? {};
  response.writeHead(status, { "Content-Type": type, ...headers, ...(cut ? { "Content-Length": 1000 } : {}) });
  if (cut) response.write(body, () => response.destroy());
  else response.end(body);
});
const heard = [];
const answers = [];
let api;

before(async () => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const origin = `http://127.0.0.1:${server.address().port}`;
  api = createApi((path, sent) => fetch(origin + path, sent));
});
after(() => server.close());

const answering = (...next) => answers.push(...next);

test("objects travel as JSON, files as they are under their own name", async () => {
  answering({ body: JSON.stringify({ id: "c1", revision: 2 }) }, {}, { status: 204, body: undefined });
  assert.deepEqual(await api.saveCircuit("c1", { circuit: {}, revision: 1 }), { id: "c1", revision: 2 });
  await api.importFile("Ω net.cir", "* a netlist\n");
  assert.equal(await api.deleteCircuit("c1"), null);
  assert.deepEqual(heard.splice(0).map(({ method, path, headers, body }) => [method, path, headers["content-type"], headers["x-filename"], body]), [
    ["PUT", "/api/circuits/c1", "application/json", undefined, "{\"circuit\":{},\"revision\":1}"],
    ["POST", "/api/import", "application/octet-stream", "%CE%A9%20net.cir", "* a netlist\n"],
    ["DELETE", "/api/circuits/c1", undefined, undefined, ""],
  ]);
});

test("work that waits its turn says which page asks and in which order", async () => {
  await api.simulate({}, {});
  await api.simulateNetwork("n1", Float32Array.of(0.5, 1), { steps: 4 });
  await api.gallery();
  const [first, second, other] = heard.splice(0);
  assert.equal(first.headers["x-page"], second.headers["x-page"]);
  assert.equal(Number(second.headers["x-asking"]), Number(first.headers["x-asking"]) + 1);
  assert.deepEqual(JSON.parse(second.body), { voltages: [0.5, 1], settings: { steps: 4 } });
  assert.equal(other.headers["x-page"], undefined);
});

test("trajectories come as bytes", async () => {
  answering({ type: "application/octet-stream", body: Buffer.from([1, 2, 3]) });
  assert.deepEqual([...new Uint8Array(await api.binary("/api/sim/h.bin"))], [1, 2, 3]);
});

test("a refusal is the server's sentence with its place, or ours by the status", async () => {
  const refusal = { error: { message: "There is no such kind.", where: "slices[0].devices[1]" } };
  answering({ status: 422, body: JSON.stringify(refusal) }, { status: 404, type: "text/html", body: "<html>" }, { status: 500, body: "" });
  await assert.rejects(api.flow({}), { name: "ApiError", message: "There is no such kind.", status: 422, where: "slices[0].devices[1]", offline: false });
  await assert.rejects(api.circuit("c1"), { message: "The server does not know this.", status: 404, answer: null });
  await assert.rejects(api.registry(), { message: /its log says why/, status: 500, offline: false });
});

test("a refusal that comes as an answer is one all the same", async () => {
  const refusal = { error: { message: "Only capacitors lead there.", where: "node a" } };
  answering({ headers: { "X-Refused": "422" }, body: JSON.stringify(refusal) });
  await assert.rejects(api.operatingPoint({}), { message: "Only capacitors lead there.", status: 422, where: "node a" });
  assert.equal(heard.at(-1).headers["x-refusals"], "answer");
});

test("a proxy before a server that is away, a cut answer and no answer are one thing: offline", async () => {
  answering({ status: 502, type: "text/html", body: "Bad gateway" }, { body: "{\"a\":", cut: true });
  await assert.rejects(api.health(), { status: 502, offline: true });
  await assert.rejects(api.health(), { status: 0, offline: true, message: "The server does not answer." });
  await assert.rejects(createApi(() => fetch("http://127.0.0.1:1/")).health(), { status: 0, offline: true });
  answering({ status: 503, body: JSON.stringify({ error: { message: "Busy." } }) });
  await assert.rejects(api.health(), { status: 503, offline: false, message: "Busy." });
});

test("a question that is given up is no failure of the server", async () => {
  const giving = new AbortController();
  const asked = api.curve({}, giving.signal);
  giving.abort();
  await assert.rejects(asked, { name: "AbortError" });
});

test("what is not an id never becomes a path", () => {
  assert.equal(pathId("run_2-a"), "run_2-a");
  for (const id of ["../x", "a/b", "", "a".repeat(81), "a b"]) assert.throws(() => pathId(id), ApiError);
});
