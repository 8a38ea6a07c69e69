// What Python is told: all of it, not while a run is under way, and nothing after the visitor has left the page.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { EventSender } from "../../explorer/ui/components/events.js";

let state, listeners, told, sender, links;

function listenTo(type, handler) {
  const before = listeners[type];
  listeners[type] = (event) => [before?.(event), handler(event)];
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  [state, listeners, told, links] = ["notRunning", {}, [], []];
  const status = { dataset: { get testScriptState() { return state; } } };
  globalThis.document = { addEventListener: listenTo, querySelector: () => status, querySelectorAll: () => links };
  globalThis.window = { addEventListener: listenTo };
  globalThis.location = { pathname: "/compare", search: "?view=side", origin: "http://here" };
  sender = new EventSender();
  sender.trigger = (name, events) => told.push([name, events]);
});

afterEach(() => { // what still waits for a page to come
  globalThis.location = { pathname: "/elsewhere" };
  pass(2000);
});

function pass(milliseconds) {
  for (let past = 0; past < milliseconds; past += 20) mock.timers.tick(20);
}

// What a click on a link of the page is; a program's click is heard like a visitor's.
function link(href) {
  const found = { href, origin: new URL(href).origin, clicks: 0, click: () => { found.clicks += 1; listeners.click(event); } };
  const event = { target: { closest: () => found } };
  links.push(found);
  return event;
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

test("a click on a link that led nowhere is made again and again, each time once nothing is on its way", () => {
  state = "running";
  listeners.click(link("http://here/train"));
  pass(4000);
  assert.equal(links[0].clicks, 0);
  state = "notRunning";
  pass(1600);
  assert.equal(links[0].clicks, 1);
  pass(1600);
  assert.equal(links[0].clicks, 2);
  globalThis.location = { pathname: "/train", search: "", origin: "http://here" };
  pass(4000);
  assert.equal(links[0].clicks, 2);
});

test("also where the page is drawn anew in between, with other links to the same pages", () => {
  listeners.click(link("http://here/train"));
  sender.end();
  links = [];
  link("http://here/scale");
  link("http://here/train");
  pass(1600);
  assert.deepEqual(links.map(({ clicks }) => clicks), [0, 1]);
});

test("whoever went elsewhere and back within that time stays", () => {
  listeners.click(link("http://here/train"));
  pass(500);
  globalThis.location = { pathname: "/train", search: "", origin: "http://here" };
  listeners.click(link("http://here/compare"));
  pass(500);
  globalThis.location = { pathname: "/compare", search: "", origin: "http://here" };
  pass(4000);
  assert.deepEqual(links.map(({ clicks }) => clicks), [0, 0]);
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
