// The window that slides: the edges around all that it reads, and numbers as they are sent.

import assert from "node:assert/strict";
import { test } from "node:test";

import { edges, floats } from "../../explorer/ui/components/replay/sliding_window.js";

test("what is read beyond the input is within the edges, and the input always is", () => {
  const padded = [[-1, 2], [0, 3], [2, 5]];
  assert.deepEqual(edges(padded, padded, 4, 4), { top: -1, bottom: 5, left: -1, right: 5 });
  assert.deepEqual(edges([[0, 2], [2, 4]], [[0, 2]], 5, 3), { top: 0, bottom: 5, left: 0, right: 3 });
});

test("numbers arrive as they were, also those that are none", () => {
  const sent = Buffer.from(new Float32Array([1.5, -0.25, NaN]).buffer).toString("base64");
  assert.deepEqual([...floats(sent)], [1.5, -0.25, NaN]);
});
