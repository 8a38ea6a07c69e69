// What Python is told: all of it, not while a run is under way, and nothing after the visitor has left the page.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { EventSender } from "../../explorer/ui/components/events.js";

let state, listeners, told, sender;

function listenTo(type, handler) {
  listeners[type] = handler;
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

function link(href, click = () => {}) {
  return { target: { closest: () => ({ href, origin: new URL(href).origin, click }) } };
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

test("nothing is told after a click on a link to another page, but after one in the page", () => {
  listeners.click(link("http://here/compare?view=field"));
  listeners.click({ ...link("http://here/train"), ctrlKey: true });
  listeners.click(link("http://elsewhere/train"));
  sender.send({ type: "select", id: "stem" });
  assert.equal(told.length, 1);
  listeners.click(link("http://here/train"));
  sender.send({ type: "select", id: "head" });
  assert.equal(told.length, 1);
});

test("a click on a link that led nowhere is made again, once nothing is on its way; one that led away is not", () => {
  let clicks = 0;
  const away = link("http://here/train", () => (clicks += 1));
  state = "running";
  listeners.click(away);
  pass(4000);
  assert.equal(clicks, 0);
  state = "notRunning";
  pass(1600);
  assert.equal(clicks, 1);
  listeners.click(away);
  sender.end();
  pass(4000);
  assert.equal(clicks, 1);
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
