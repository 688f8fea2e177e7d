import test from "node:test";
import assert from "node:assert/strict";
import { everyCurve, readingsOf, slopeUnit } from "../../../../assets/modules/panels/scope/readings.mjs";
import { stepColumns } from "../../../../assets/modules/panels/scope/range.mjs";
import { stepsNote } from "../../../../assets/modules/panels/scope/words.mjs";
import { placeNames } from "../../../../assets/modules/panels/scope/picture.mjs";
import { portraitScale, rangeOf, ticksOf } from "../../../../assets/modules/panels/scope/portrait.mjs";

const ramp = { // v = 3 t - 1, i = t²
  nodeIds: ["a", "b"], deviceIds: ["R"], sources: { ids: ["u"] }, terminals: { named: new Map([["base of Q", {}]]) },
  valueAt: (id, time) => 3 * time - 1, deviceValueAt: (id, time) => time ** 2,
};

test("two cursors read differences and the slope between them, in either order", () => {
  const shown = { sim: ramp, lane: "voltages", choice: { what: "nodes", ids: ["a"] } };
  assert.deepEqual(readingsOf(shown, [0.5, 2.5]), { dt: 2, rate: 0.5, rows: [{ id: "a", a: 0.5, b: 6.5, delta: 6, slope: 3 }] });
  const back = readingsOf(shown, [2.5, 0.5]);
  assert.deepEqual([back.dt, back.rate, back.rows[0].delta, back.rows[0].slope], [-2, 0.5, -6, 3]);
  const chord = readingsOf({ ...shown, choice: { what: "devices", ids: ["R"] } }, [1, 3]);
  assert.equal(chord.rows[0].slope, 4);
  assert.ok(Number.isNaN(readingsOf(shown, [1, 1]).rate) && Number.isNaN(readingsOf(shown, [1, 1]).rows[0].slope));
  assert.deepEqual([slopeUnit("V"), slopeUnit("")], ["V/s", "1/s"]);
});

test("the ticks under the curves are named where there are any", () => {
  assert.equal(stepsNote({ array: () => new Float64Array(1206) }), "1,206 accepted steps of the solver");
  assert.deepEqual([stepsNote({ array: () => null }), stepsNote(null)], ["", ""]);
});

test("the names of a picture stand in rows as wide as it, none over another or beyond the edge", () => {
  const names = ["in", "out", "a very long name of a node", "b", "c"];
  const widthOf = (name) => 7 * name.length;
  const places = placeNames(names, 240, widthOf);
  assert.deepEqual(places.map(({ row }) => row), [0, 0, 1, 2, 2]);
  for (const [k, { x, row }] of places.entries()) {
    assert.ok(x + 20 + widthOf(names[k]) <= 240 - 12);
    if (k > 0 && places[k - 1].row === row) assert.ok(x > places[k - 1].x + 20 + widthOf(names[k - 1]));
  }
  assert.deepEqual(placeNames([], 240, widthOf), []);
});

test("the CSV holds every node, or every current", () => {
  assert.deepEqual(everyCurve({ sim: ramp, choice: { what: "nodes", ids: ["b"] } }).ids, ["a", "b"]);
  assert.deepEqual(everyCurve({ sim: ramp, choice: { what: "devices", ids: [] } }).ids, ["R", "source of u", "base of Q"]);
});

test("a portrait's axes have round ticks inside their range, over many decades", () => {
  for (const size of [1e-12, 3e-7, 0.04, 1, 730, 2e9]) {
    const { step, ticks } = ticksOf([-0.3 * size, size]);
    assert.ok(ticks.length >= 3 && ticks.length <= 8, `${size}: ${ticks}`);
    assert.ok(ticks.every((tick) => tick >= -0.3 * size - 1e-9 * size && tick <= size * (1 + 1e-9)));
    assert.ok([1, 2, 5, 10].some((m) => Math.abs(Math.log10(step / m) - Math.round(Math.log10(step / m))) < 1e-9));
  }
  assert.deepEqual(ticksOf([1, 1]).ticks, []);
  assert.deepEqual(rangeOf([NaN]), [-1, 1]);
  assert.deepEqual(rangeOf([3, 3]), [0, 6]);
  const { plot, xOf, yOf } = portraitScale({ width: 400, height: 200 }, [-1, 1], [0, 10]);
  assert.deepEqual([xOf(-1), xOf(1), yOf(10), yOf(0)], [plot.left, plot.left + plot.width, plot.top, plot.top + plot.height]);
});

test("every accepted step is marked in the column in which it ends", () => {
  assert.deepEqual([...stepColumns([0.1, 0.15, 0.9, 1.4, 2.1], [0, 2], 4)], [2, 1, 1, 0]);
  assert.deepEqual([...stepColumns([0.1, 1.4], [1, 2], 2)], [1, 0]);
  assert.equal(stepColumns([], [0, 1], 0).length, 0);
});
