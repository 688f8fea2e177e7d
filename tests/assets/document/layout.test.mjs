import test from "node:test";
import assert from "node:assert/strict";
import { chooseLayout, graphOf, layoutNow, layoutSteps, partsOf, runLayout } from "../../../assets/modules/document/layout.mjs";
import { gridWidth, isRing } from "../../../assets/modules/document/layout_shapes.mjs";

const circuit = (n, pairs, roles = {}) => ({
  nodes: Array.from({ length: n }, (_, k) => ({ id: `n${k}`, x: 0, y: 0, role: roles[k] ?? "hidden" })),
  slices: [{ duration: 1, devices: pairs.map(([a, b], k) => ({ id: `d${k}`, kind: "relu", source: `n${a}`, target: b === null ? "gnd" : `n${b}` })) }],
});
const ring = (n, hops = [1]) => circuit(n, hops.flatMap((h) => Array.from({ length: n }, (_, k) => [k, (k + h) % n])));

function random(n, m) {
  let seed = 7;
  const next = () => (seed = (seed * 48271) % 2147483647);
  const pairs = Array.from({ length: n - 1 }, (_, k) => [k + 1, next() % (k + 1)]);
  while (pairs.length < m) {
    const [a, b] = [next() % n, next() % n];
    if (a !== b) pairs.push([a, b]);
  }
  return circuit(n, pairs);
}

const least = (places) => {
  const list = [...places.values()];
  let min = Infinity;
  list.forEach((a, i) => { for (let j = 0; j < i; j++) min = Math.min(min, Math.hypot(a.x - list[j].x, a.y - list[j].y)); });
  return min;
};

test("the method follows the shape of the graph", () => {
  const of = (c) => chooseLayout(graphOf(c));
  assert.equal(of(ring(12)), "circle");
  assert.equal(of(ring(40, [1, 2])), "circle");
  assert.equal(of(circuit(6, [[0, 1], [1, 2], [3, 4], [4, 5], [0, 3], [1, 4], [2, 5]])), "grid");
  assert.equal(of(circuit(3, [[0, 1], [1, 2]], { 0: "input", 2: "output" })), "layered");
  assert.equal(of(random(30, 60)), "force");
  assert.equal(isRing(graphOf(circuit(4, [[0, 1], [1, 2], [2, 3], [0, 2], [1, 3], [3, 0]]))), false);
  assert.equal(gridWidth(graphOf(ring(5))), 0);
});

test("layers run from inputs on the left to outputs on the right without avoidable crossings", () => {
  const c = circuit(8, [[0, 3], [1, 2], [2, 5], [3, 4], [4, 6], [5, 7]], { 0: "input", 1: "input", 6: "output", 7: "output" });
  const places = layoutNow(c);
  const x = (k) => places.get(`n${k}`).x;
  assert.ok(x(0) === x(1) && x(0) < x(2) && x(2) < x(4) && x(4) < x(6) && x(6) === x(7));
  const y = (k) => places.get(`n${k}`).y;
  const side = Math.sign(y(0) - y(1));
  assert.deepEqual([Math.sign(y(3) - y(2)), Math.sign(y(4) - y(5)), Math.sign(y(6) - y(7))], [side, side, side]);
});

test("a ring is round and in order", () => {
  const places = [...layoutNow(ring(20)).values()];
  const [cx, cy] = [0, 1].map((c) => places.reduce((s, p) => s + (c ? p.y : p.x), 0) / 20);
  const radii = places.map((p) => Math.hypot(p.x - cx, p.y - cy));
  assert.ok(Math.max(...radii) - Math.min(...radii) < 2);
});

test("force layout keeps nodes apart and neighbours nearer than strangers", () => {
  const c = random(120, 240);
  const places = layoutNow(c, "force");
  assert.ok(least(places) > 40, `${least(places)}`);
  const away = (a, b) => Math.hypot(places.get(a).x - places.get(b).x, places.get(a).y - places.get(b).y);
  const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
  const joined = mean(c.slices[0].devices.map((d) => away(d.source, d.target)));
  const any = mean(c.nodes.flatMap((a, i) => c.nodes.slice(0, i).map((b) => away(a.id, b.id))));
  assert.ok(joined < 0.6 * any, `${joined} ${any}`);
});

test("parts do not overlap, lonely nodes stand together, ground joins nothing", () => {
  const c = circuit(12, [[0, 1], [1, 2], [2, 0], [3, 4], [5, null], [6, null]]);
  assert.deepEqual(partsOf(graphOf(c).neighbours).map((p) => p.length), [3, 2, 1, 1, 1, 1, 1, 1, 1]);
  const places = layoutNow(c);
  assert.equal(places.size, 12);
  assert.ok(least(places) > 60);
});

test("every node has a finite whole place, whatever the graph", () => {
  for (const c of [circuit(0, []), circuit(1, []), circuit(2, [[0, 1], [0, 1]]), random(50, 49), ring(3)]) {
    for (const name of ["auto", "layered", "force", "circle", "grid"]) {
      for (const p of layoutNow(c, name).values()) assert.ok(Number.isInteger(p.x) && Number.isInteger(p.y));
    }
  }
});

test("the same circuit is always arranged the same way", () => {
  assert.deepEqual([...layoutNow(random(60, 120))], [...layoutNow(random(60, 120))]);
});

test("a layout runs in small steps and stops when it is told to", async () => {
  const c = random(400, 800);
  assert.ok([...layoutSteps(c)].length > 100);
  const stop = new AbortController();
  let stages = 0;
  const places = await runLayout(c, { name: "force", signal: stop.signal, show: () => { stages += 1; stop.abort(); } });
  assert.equal(places, null);
  assert.equal(stages, 1);
  assert.equal((await runLayout(ring(8))).size, 8);
});
