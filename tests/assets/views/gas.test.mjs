import assert from "node:assert/strict";
import { test } from "node:test";
import { themeColours } from "../../../assets/modules/paint/colours.mjs";
import { boundsOf, disjoint, filmOf, momentOf, phaseAt, phasesOf, turned } from "../../../assets/modules/views/gas/film.mjs";
import { frameOf, paintFilm } from "../../../assets/modules/views/gas/film_paint.mjs";
import { answersFigure, cloudFigure, course, energyFigure, momentumFigure } from "../../../assets/modules/views/gas/ledger_figures.mjs";
import { circleOf, collisionFigure, energyRatio, fractionsFigure, relaxationFigure, speedsFigure } from "../../../assets/modules/views/gas/lab_figures.mjs";
import { coursesOf, matrixFigure, rankFigure } from "../../../assets/modules/views/gas/neurons.mjs";
import { booksOf, booksWords, planeWords, ruleWords, stageWords } from "../../../assets/modules/views/gas/words.mjs";
import { meanWords } from "../../../assets/modules/views/painters/books.mjs";
import { weightWords } from "../../../assets/modules/views/painters/condensation.mjs";

const LOOK = { text: "#111", muted: "#888", grid: "#eee", line: "#ccc", surface: "#fff", accent: "#00f", warm: "#f00", font: "sans", series: ["#1", "#2", "#3"] };
const array = (shape, data) => ({ shape, data: Float32Array.from(data) });

/** Three particles, two examples, one round in which the first two collide in the second example. */
const ARRAYS = {
  place_0: array([2, 3, 4], [...new Array(12).fill(9), 0, 0, 0, 1, 4, 0, 4, -1, 0, 5, 2, 5]),
  motion_0: array([2, 2, 3, 2], [...new Array(12).fill(9), 1, 0, -1, 0, 2, 0, 0, 1, 0, -1, 2, 0]),
  pairs_0: array([2, 1, 1, 4], [0, 2, 0.1, 0, 0, 1, 0.75, 1]),
};
const close = (found, wanted) => found.forEach((value, k) => assert.ok(Math.abs(value - wanted[k]) < 1e-6, `${found} is not ${wanted}`));

test("a film has accelerate, pairs and collide for every round, drift; nothing collides without a round", () => {
  assert.deepEqual(phasesOf(1).map(({ name }) => name), ["accelerate", "pairs", "collide", "drift"]);
  assert.deepEqual(phasesOf(2).map(({ title }) => title), ["accelerate", "candidate pairs, round 1", "collide, round 1", "candidate pairs, round 2", "collide, round 2", "drift"]);
  const phases = phasesOf(0);
  assert.deepEqual(phases.map(({ name }) => name), ["accelerate", "drift"]);
  assert.equal(phaseAt(phases, 0).share, 0);
  assert.deepEqual([phaseAt(phases, 99).phase.name, phaseAt(phases, 99).share], ["drift", 1]);
  phases.slice(1).forEach(({ begin }, k) => assert.equal(begin, phases[k].end));
});

test("of the arrays an example is taken, and its moments go from the first positions to the last", () => {
  const film = filmOf(ARRAYS, 0, 1);
  assert.equal(film.count, 3);
  assert.deepEqual(film.rounds, [[{ first: 0, second: 1, chance: 0.75, met: true }]]);
  const phases = phasesOf(1);
  const at = (name, share) => {
    const { begin, end } = phases.find((phase) => phase.name === name);
    return momentOf(film, phases, begin + share * (end - begin));
  };
  close(at("accelerate", 0).arrows, [0, 0, 0, 0, 0, 0]);
  close(at("pairs", 0.5).arrows, [1, 0, -1, 0, 2, 0]);
  assert.ok(at("pairs", 0.6).lines === 1 && at("collide", 0.3).flash > 0.9 && at("drift", 0.5).lines === 0);
  close(at("drift", 0).arrows, [0, 1, 0, -1, 2, 0]);
  close(at("drift", 0.5).at, [0, 0.5, 4, -0.5, 1, 5]);
  close(momentOf(film, phases, 99).at, [0, 1, 4, -1, 2, 5]);
  close(momentOf(film, phases, 99).arrows, [0, 0, 0, 0, 0, 0]);
});

test("a pair turns about its common mean: momentum and relative speed stay all the way, others are untouched", () => {
  const pairs = [{ first: 0, second: 1, chance: 1, met: true }];
  const [before, after] = [Float32Array.of(3, 1, -1, 1, 5, 5), Float32Array.of(1, 3, 1, -1, 5, 5)];
  for (const share of [0, 0.25, 0.5, 0.9, 1]) {
    const now = turned(before, after, pairs, share);
    close([now[0] + now[2], now[1] + now[3], Math.hypot(now[0] - now[2], now[1] - now[3])], [2, 2, 4]);
    close([now[4], now[5]], [5, 5]);
  }
  close(turned(before, after, pairs, 1), after);
  close(turned(before, after, pairs, 0.5), [1 + Math.SQRT2, 1 + Math.SQRT2, 1 - Math.SQRT2, 1 - Math.SQRT2, 5, 5]);
  const crowd = [...pairs, { first: 1, second: 2, chance: 1, met: true }];
  assert.equal(disjoint(crowd), false);
  close(turned(before, after, crowd, 0.5), [2, 2, 0, 0, 5, 5]);
});

test("all that a film shows is on the canvas, to one scale along both axes", () => {
  const film = filmOf(ARRAYS, 0, 1);
  const bounds = boundsOf(film);
  assert.deepEqual(bounds, { x0: 0, x1: 4, y0: -1, y1: 5 });
  const frame = frameOf(bounds, 400, 300);
  for (const [x, y] of [[0, -1], [4, 5]]) {
    const [px, py] = [frame.x + frame.scale * x, frame.y - frame.scale * y];
    assert.ok(px >= 20 && px <= 380 && py >= 20 && py <= 280);
  }
});

/** A brush that notes what it is told and what it was set to then. */
function noting() {
  const calls = [];
  const own = {};
  const brush = new Proxy(own, { get: (_, name) => own[name] ?? ((...given) => calls.push([name, ...given, { alpha: own.globalAlpha, stroke: own.strokeStyle }])), set: (_, name, value) => { own[name] = value; return true; } });
  return { brush, calls };
}

test("candidates are joined by lines of their probability, dots are everywhere", () => {
  const film = filmOf(ARRAYS, 0, 1);
  const phases = phasesOf(1);
  const { brush, calls } = noting();
  paintFilm(/** @type {any} */ (brush), film, momentOf(film, phases, phases[1].end - 1e-9), frameOf(boundsOf(film), 400, 300), themeColours("dark"));
  const strokes = calls.filter(([name, about]) => name === "stroke" && about.alpha === 0.75);
  assert.equal(strokes.length, 1);
  assert.equal(calls.filter(([name]) => name === "arc").length, 3);
});

test("books say what the rule kept, beside the published one", () => {
  const ledger = array([2, 2, 8], [0, 0, 0, 1, 0, 0, 0, 1, 0.3, 0.6, 1e-8, 1, 0.9, 8, 1e-15, 64, 0, 0, 0, 1, 0, 0, 0, 1, 0.2, 0.4, 2e-8, 1, NaN, NaN, NaN, NaN]);
  assert.equal(booksWords(booksOf(ledger, 0, 1)), "accepted 30 %, energy × 1.00, momentum error 1e-8");
  assert.equal(booksOf(ledger, 0, 9).theirEnergy, 64);
  const { x, y } = course(ledger, 7);
  assert.deepEqual(y.slice(0, 3), [1, 64, null]);
  assert.ok(x[0] < x[1] && x[1] < x[3]);
  const [theirs, own] = energyFigure({ ledger, rule: "matched" }, LOOK).data;
  assert.deepEqual([theirs.name, theirs.y, own.name], ["published rule", [1, 64, null, 1, null, null], "matched"]);
  const flat = momentumFigure({ ledger, rule: "matched" }, LOOK).data[1].y.filter((value) => value !== null);
  assert.ok(flat.every((value) => Math.abs(value - 1) < 1e-6));
  assert.equal(energyFigure({ ledger: { ...ledger, data: ledger.data.map((v, k) => (k % 8 > 3 ? NaN : v)) }, rule: "off" }, LOOK).data.length, 1, "nothing beside it");
});

test("particles of training passes and of evaluation have one centre on show; answers lie over each other", () => {
  const place = Float32Array.of(0, 0, 0, 0, 2, 0, 2, 0);
  const { data } = cloudFigure({ draws: array([2, 2, 2], [1, 1, 1, -1, 0, 2, 2, -2]), place, motion: Float32Array.of(0, 1, 0, -1) }, LOOK);
  assert.deepEqual(data.slice(2).map(({ x, y }) => [...x, ...y]), [[1, 0], [1, 0]]);
  const answers = answersFigure(array([3, 2], [1, 2, 3, 4, 5, 6]), LOOK).data;
  assert.deepEqual(answers.map(({ name, y }) => [name, ...y]), [["2 training passes", 3, 4], ["2 training passes", 5, 6], ["evaluation", 1, 2]]);
  assert.match(meanWords(3e-8, 1), /^layer 2: the mean of every channel is the same .* 3e-8/);
  assert.match(meanWords(0.007, 0), /not the same/);
});

const LAB = {
  speed: array([2], [0.5, 1.5]), speeds: array([2, 2], [0, 1, 0.4, 0.6]), rayleigh: array([2], [0.5, 0.5]),
  temperature: array([2, 2], [1, 0, 0.5, 0.5]), kurtosis: array([2], [1, 3]), gas_energy: array([2], [1, 1]),
  pair: array([2, 2], [1, 0, -1, 0]), ends: array([1, 2, 2], [0, 1, 0, -1]), ends_published: array([1, 2, 2], [0, 3, 0, -3]),
  dimension: array([2], [1, 2]), fraction: array([3, 2], [0.1, 0.05, 0.2, 0.2, 0.4, 0.3]),
};

test("a gas by itself: speeds of a round, both temperatures, the circle and who leaves it, the shares in percent", () => {
  assert.deepEqual([...speedsFigure(LAB, 1, LOOK).data[0].y], [...Float32Array.of(0.4, 0.6)]);
  const relaxed = relaxationFigure(LAB, 1, LOOK);
  assert.deepEqual([...relaxed.data[2].y], [0, 0.5]);
  assert.equal(relaxed.layout.shapes[0].x0, 1);
  assert.deepEqual(circleOf(LAB.pair), { x: 0, y: 0, radius: 1 });
  const [circle, one] = collisionFigure(LAB, false, LOOK).data;
  assert.ok(circle.x.every((x, k) => Math.abs(Math.hypot(x, circle.y[k]) - 1) < 1e-9));
  assert.deepEqual([one.x[0], one.y[0]], [0, 1]);
  assert.equal(collisionFigure(LAB, true, LOOK).data[1].y[0], 3);
  assert.deepEqual([energyRatio(LAB, false), energyRatio(LAB, true)], [1, 9]);
  assert.ok(fractionsFigure(LAB, "0.9", LOOK).data.some(({ y }) => Math.abs(y[0] - 40) < 1e-4));
});

test("neurons: the rows that are there, and every weight over the epochs", () => {
  const weights = [{ name: "network.a", rows: 300, looked: 128, shown: 2 }, { name: "b", rows: 2, looked: 2, shown: 2 }];
  const similar = array([2, 3, 3], [1, 0.5, 0, 0.5, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]);
  assert.deepEqual(matrixFigure({ similar, weight: weights[0], layer: 0 }, LOOK).data[0].z, [[1, 0.5], [0.5, 1]]);
  const all = array([2, 2, 5], [0.1, 0, 64, 0, 0, 0.2, 0, 2, 0, 0, 0.3, 0, 32, 0, 0, 0.4, 0, 1, 0, 0]);
  assert.deepEqual(coursesOf(all, 2).map((row) => [...row]), [[64, 32], [2, 1]]);
  const { data } = rankFigure({ epochs: array([2], [0, 1]), all, weights, layer: 0 }, LOOK);
  assert.deepEqual([data.at(-1).name, ...data.at(-1).y], ["a", 0.5, 0.25]);
  assert.equal(weightWords(weights[0], [0.1, 0, 64]), "a: 300 rows, 128 of them looked at, 2 shown; effective rank 64.0, mean |cos| 0.100, 0 % of pairs above 0.9");
});

test("words say which rule runs, where particles are seen, and what is seen now", () => {
  assert.equal(ruleWords({ rule: "matched", coll: 0.9, rounds: 2 }), "rule: disjoint elastic pairs (matched), c = 0.9, 2 rounds");
  assert.equal(ruleWords({ rule: "off" }), "rule: no collisions (off)");
  assert.equal(planeWords({ coordinates: 2, share: 1 }), "both coordinates");
  assert.match(planeWords({ coordinates: 8, share: 0.614 }), /first two principal axes .* 61 %/);
  const stage = { round: 1, name: "collide", rule: "matched", pairs: [{ met: true }, { met: false }], known: null };
  assert.equal(stageWords(stage), "Arrows turn about their common mean: 1 of 2 pairs collided.");
  assert.match(stageWords({ ...stage, rule: "mean_field" }), /mean of its outcomes/);
  assert.match(stageWords({ ...stage, rule: "off" }), /plain residual network/);
});
