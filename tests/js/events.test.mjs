// What Python is told: all of it, and not while a run is under way.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { EventSender } from "../../explorer/ui/components/events.js";

let state, listeners, told, sender;

function listenTo(type, handler) {
  const before = listeners[type];
  listeners[type] = (event) => [before?.(event), handler(event)];
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  [state, listeners, told] = ["notRunning", {}, []];
  const status = { dataset: { get testScriptState() { return state; } } };
  globalThis.document = { addEventListener: listenTo, querySelector: () => status };
  globalThis.window = { addEventListener: listenTo };
  globalThis.location = { pathname: "/compare", search: "?view=side", origin: "http://here" };
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

test("back within the page tells the address, before Streamlit hears of it; back to another page does not", () => {
  let stopped = 0;
  const back = { stopImmediatePropagation: () => (stopped += 1) };
  listeners.popstate(back);
  assert.deepEqual(told[0][1].map(({ type, value }) => [type, value]), [["address", "?view=side"]]);
  globalThis.location = { pathname: "/explore", search: "" };
  listeners.popstate(back);
  assert.deepEqual([told.length, stopped], [1, 1]);
});

test("nothing is told after the end", () => {
  state = "running";
  sender.send({ type: "select", id: "stem" });
  sender.end();
  state = "notRunning";
  pass(100);
  assert.equal(told.length, 0);
});
