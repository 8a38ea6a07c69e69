// A chart that is taken off the page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PlotlyChart } from "../../explorer/ui/components/plotly_chart/plotly_chart.js";

test("plotly loses its chart only once it is done with it", async () => {
  const done = [];
  globalThis.ResizeObserver = class { observe() {} disconnect() { done.push("no longer observed"); } };
  globalThis.Plotly = { purge: () => done.push("purged") };
  const chart = new PlotlyChart({ setAttribute() {} });
  let finish, fail;
  chart.work(new Promise((resolve) => { finish = resolve; }));
  chart.work(new Promise((_, reject) => { fail = reject; })).catch(() => {});
  const ended = chart.end();
  fail(new Error("plotly's"));
  await new Promise(setImmediate);
  assert.deepEqual(done, ["no longer observed"]);
  finish();
  await ended;
  assert.deepEqual(done, ["no longer observed", "purged"]);
});
