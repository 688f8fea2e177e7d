import assert from "node:assert/strict";
import { test } from "node:test";
import { bookWords, gasWords } from "../../../assets/modules/views/painters/particles.mjs";
import { PHASES, doneOf, footOf, gasOf, phaseOf, scaleOf, sceneAt, turned, velocitiesAt, wayAt } from "../../../assets/modules/views/runs/film.mjs";

const array = (shape, data) => ({ shape, data: Float32Array.from(data) });
const VIEW = {
  header: { rule: "matched", coll: 0.9, motion: "velocities", particles: [4, 2], coordinates: [16, 2], groups: [1, 3], explained: [0.75, 1] },
  arrays: {
    place: array([2, 4, 2], [0, 0, 1, 0, 0, 1, 1, 1, 0, 0, 2, 0, NaN, NaN, NaN, NaN]),
    before: array([2, 4, 2], [1, 0, -1, 0, 0, 1, 0, -1, 1, 0, 0, 0, NaN, NaN, NaN, NaN]),
    after: array([2, 4, 2], [0, 1, 0, -1, 0, 1, 0, -1, 0.5, 0.5, 0.5, -0.5, NaN, NaN, NaN, NaN]),
    pairs: array([2, 2, 2], [0, 1, 2, 3, 0, 1, NaN, NaN]),
    probability: array([2, 2], [0.8, 0.1, 0.5, NaN]),
    accepted: array([2, 2], [1, 0, 1, NaN]),
    books: array([2, 4], [1, 0, 8, 1e-16, 1, 0, 16, 0]),
  },
};
const near = (a, b, message) => a.forEach((value, k) => assert.ok(Math.abs(value - b[k]) < 1e-6, message ?? `${a} is not ${b}`));

test("a layer has its own rows and none of those that fill it up", () => {
  const [first, second] = [gasOf(VIEW, 0), gasOf(VIEW, 1)];
  assert.equal(first.place.length, 4);
  assert.equal(second.place.length, 2);
  assert.deepEqual(second.pairs.map(({ a, b, accepted }) => [a, b, accepted]), [[0, 1, true]]);
  assert.equal(first.books.publishedEnergy, 8);
  assert.equal(second.groups, 3);
});

test("while a pair turns, what both have in common and their relative speed stay", () => {
  const gas = gasOf(VIEW, 0);
  for (const share of [0, 0.3, 0.7, 1]) {
    const [a, b, c, d] = velocitiesAt(gas, share);
    near([a[0] + b[0], a[1] + b[1]], [0, 0]);
    assert.ok(Math.abs(Math.hypot(a[0] - b[0], a[1] - b[1]) - 2) < 1e-6);
    near([...c, ...d], [0, 1, 0, -1], "a pair that is not accepted stays");
  }
  near(velocitiesAt(gas, 0)[0], [1, 0]);
  near(velocitiesAt(gas, 1)[0], [0, 1]);
  near(turned([1, 0], [-1, 0], 0.5).map(Math.abs), [0, 1]);
});

test("the film begins at rest and ends where the layer leads", () => {
  const gas = gasOf(VIEW, 0);
  const [begin, end] = [sceneAt(gas, 0), sceneAt(gas, 1)];
  begin.dots.forEach((dot, k) => near(dot, gas.place[k]));
  begin.velocities.forEach((v) => near(v, [0, 0]));
  end.dots.forEach((dot, k) => near(dot, [0, 1].map((axis) => gas.place[k][axis] + gas.after[k][axis])));
  end.plain.forEach((dot, k) => near(dot, [0, 1].map((axis) => gas.place[k][axis] + gas.before[k][axis])));
  assert.ok(sceneAt(gas, 0.5).lines.every(({ strength }) => strength > 0 && strength <= 1));
  assert.ok(end.lines.every(({ strength }) => strength === 0));
});

test("phases follow each other without a gap", () => {
  assert.deepEqual([0, 0.3, 0.5, 0.9, 1].map((way) => phaseOf(way).name), ["velocities", "pairs", "collide", "drift", "drift"]);
  assert.equal(PHASES.at(-1).end, 1);
  for (let way = 0; way < 1; way += 0.01) for (const number of [0, 1, 2, 3]) assert.ok(doneOf(way + 0.01, number) >= doneOf(way, number));
});

test("all that ever shows has room", () => {
  const size = { width: 500, height: 300 };
  for (const layer of [0, 1]) {
    const gas = gasOf(VIEW, layer);
    const at = scaleOf(gas, size);
    for (let way = 0; way <= 1; way += 0.05) {
      const { dots, velocities } = sceneAt(gas, way);
      dots.forEach((dot, k) => {
        for (const point of [dot, [dot[0] + velocities[k][0], dot[1] + velocities[k][1]]]) {
          const [x, y] = at(point);
          assert.ok(x >= -30 && x <= 530 && y >= -30 && y <= 300, `${x}, ${y}`);
        }
      });
    }
  }
  const { left, right } = footOf(size);
  near([wayAt(size, left), wayAt(size, right), wayAt(size, -9)], [0, 1, 0]);
});

test("words say what is seen and which rule runs", () => {
  assert.equal(gasWords(gasOf(VIEW, 0)), "4 particles of 16 coordinates, seen along two axes (75.0 % of it); 1 of 2 pairs collide");
  assert.match(gasWords(gasOf(VIEW, 1)), /^2 particles of 2 coordinates in the first of 3 groups; 1 of 1/);
  const [own, published] = bookWords(gasOf(VIEW, 0));
  assert.match(own, /disjoint pairs, c = 0.9.*energy × 1\.0000/);
  assert.match(published, /Published rule.*energy × 8/);
});
