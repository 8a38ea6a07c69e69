// What is drawn of a network at a step of its training is what had been measured by then.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cutTrace, growingTraces, lastValue } from "../../explorer/ui/components/replay/growing_traces.js";

const PACE = { name: "ResNet-20", steps: 40 };
const line = { x: [10, 20, 30, 40], y: [4, 3, 2, 1], band: false };

test("a curve ends at the step", () => {
  assert.deepEqual(cutTrace(line, 20), { x: [10, 20], y: [4, 3], map: undefined });
  assert.deepEqual(cutTrace(line, 29).x, [10, 20]);
  assert.deepEqual(cutTrace(line, Infinity).x, line.x);
  assert.deepEqual(cutTrace(line, 0).x, []);
});

test("a band is cut on both of its sides", () => {
  const band = { x: [10, 20, 30, 30, 20, 10], y: [1, 2, 3, 6, 5, 4], band: true };
  assert.deepEqual(cutTrace(band, 25), { x: [10, 20, 20, 10], y: [1, 2, 5, 4], map: undefined });
});

test("a map is cut in every row", () => {
  const map = { x: [10, 20, 30], map: [[1, 2, 3], [4, 5, 6]], band: false };
  assert.deepEqual(cutTrace(map, 20), { x: [10, 20], y: undefined, map: [[1, 2], [4, 5]] });
});

test("the last value is the one at or before the step", () => {
  assert.deepEqual([9, 10, 35, 99].map((step) => lastValue(line, step)), [undefined, 4, 2, 1]);
});

test("what has a network's name grows, and plotly.py's arrays are read", () => {
  const packed = (values) => ({ dtype: "f8", bdata: Buffer.from(new Float64Array(values).buffer).toString("base64") });
  const data = [
    { legendgroup: "ResNet-20", x: packed([1, 2]), y: packed([0.5, 0.25]) },
    { name: "a paper", x: [1], y: [2] },
    { legendgroup: "ResNet-20", xaxis: "x2", yaxis: "y2", x: packed([1, 2, 3]), z: { ...packed([1, 2, 3, 4, 5, 6]), shape: "2, 3" } },
  ];
  const [curve, map] = growingTraces(data, [PACE]);
  assert.deepEqual([curve.index, curve.pace, curve.axis, curve.x, curve.y], [0, PACE, "xaxis", [1, 2], [0.5, 0.25]]);
  assert.deepEqual([map.index, map.axis, map.map, map.y], [2, "xaxis2", [[1, 2, 3], [4, 5, 6]], undefined]);
});
