// What says that a page is empty: for each time it is left, and again where it was not heard.

import assert from "node:assert/strict";
import { test } from "node:test";

import emptyPage from "../../explorer/ui/components/empty_page.js";

test("it tells each time, and again, ever less often, only while nothing is on its way", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const state = { testScriptState: "running" };
  globalThis.document = { querySelector: () => ({ dataset: state }) };
  const told = [];
  const setTriggerValue = (name, value) => told.push([name, value]);
  const end = emptyPage({ data: { turn: 1 }, setTriggerValue });
  context.mock.timers.tick(5000);
  assert.deepEqual(told, [["told", 1]]);
  end();
  const last = emptyPage({ data: { turn: 2 }, setTriggerValue });
  assert.deepEqual(told.at(-1), ["told", 2]);
  state.testScriptState = "notRunning";
  context.mock.timers.tick(2000);
  assert.equal(told.length, 3);
  context.mock.timers.tick(3999);
  assert.equal(told.length, 3);
  context.mock.timers.tick(1);
  assert.equal(told.length, 4);
  last();
  context.mock.timers.tick(60000);
  assert.equal(told.length, 4);
});
