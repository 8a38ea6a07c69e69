// The curve that one expects: where its points stand.

import assert from "node:assert/strict";
import { test } from "node:test";

import { across, lineThrough } from "../../explorer/ui/components/curve_pad.js";

test("five points stand equally far apart, with an edge at both sides", () => {
  const places = [0, 0.25, 0.5, 0.75, 1].map(across);
  assert.deepEqual(places, [10, 30, 50, 70, 90]);
});

test("a line has its zero at the bottom, and stays on the chart", () => {
  assert.equal(lineThrough([[0, 0], [0.5, 0.25], [1, 7]]), "10.00,100.00 50.00,75.00 90.00,0.00");
  assert.equal(lineThrough([]), "");
});
