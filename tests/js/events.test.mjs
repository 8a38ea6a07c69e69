// What Python is told: all of it, and not while a run is under way.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { EventSender } from "../../explorer/ui/components/events.js";

let state, told, sender;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  [state, told] = ["notRunning", []];
  const status = { dataset: { get testScriptState() { return state; } } };
  globalThis.document = { addEventListener() {}, querySelector: () => status };
  sender = new EventSender();
  sender.trigger = (name, events) => told.push([name, events]);
});

function pass(milliseconds) {
  for (let past = 0; past < milliseconds; past += 20) mock.timers.tick(20);
}

test("what was done is told at once, numbered, with what went before", () => {
  sender.send({ type: "select", id: "stem" });
  sender.send({ type: "toggle", id: "stem" });
  assert.deepEqual(told.map(([name, events]) => [name, events.map(({ type }) => type)]), [["event", ["select"]], ["event", ["select", "toggle"]]]);
  const [first, second] = told[1][1].map(({ number }) => number);
  assert.ok(second > first);
});

test("while a run is on its way it waits, and tells what was done meanwhile", () => {
  state = "running";
  sender.send({ type: "select", id: "stem" });
  pass(200);
  assert.equal(told.length, 0);
  sender.send({ type: "select", id: "head" });
  state = "notRunning";
  pass(20);
  assert.deepEqual(told.map(([, events]) => events.map(({ id }) => id)), [["stem", "head"]]);
});

test("it does not wait for ever", () => {
  state = "running";
  sender.send({ type: "select", id: "stem" });
  pass(3100);
  assert.equal(told.length, 1);
});

test("nothing is told after the end", () => {
  state = "running";
  sender.send({ type: "select", id: "stem" });
  sender.end();
  state = "notRunning";
  pass(100);
  assert.equal(told.length, 0);
});
