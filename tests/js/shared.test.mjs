// What every component needs: events that arrive although a busy server drops some, and the page's look.

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { calm, isDark, make, mounted, remembered } from "../../explorer/ui/components/shared.js";

afterEach(() => {
  for (const name of ["document", "getComputedStyle", "matchMedia"]) delete globalThis[name];
});

function paint(colour) {
  globalThis.getComputedStyle = () => ({ getPropertyValue: (name) => (name === "--st-background-color" ? colour : "") });
}

test("events are numbered in their order, however fast they come, and the last eight are repeated", () => {
  let events = [];
  for (let at = 0; at < 20; at++) events = remembered(events, { type: "select", id: `box${at}` });
  assert.deepEqual(events.map((event) => event.id), Array.from({ length: 8 }, (_, at) => `box${at + 12}`));
  assert.ok(events.every((event, at) => at === 0 || event.number > events[at - 1].number));
});

test("a number is greater than all that were given before the page was loaded again", () => {
  const before = Date.now();
  assert.ok(remembered([], { type: "fold_all" })[0].number >= before);
  const ahead = [{ type: "select", number: before + 60_000 }]; // the clock was set back
  assert.equal(remembered(ahead, { type: "select" }).at(-1).number, before + 60_001);
});

test("what is remembered is not written into", () => {
  const events = Object.freeze([Object.freeze({ type: "select", number: 1 })]), event = Object.freeze({ type: "toggle" });
  assert.equal(remembered(events, event).length, 2);
});

test("what Python has not heard of is told again, once no run is on its way, until it has", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const told = [], root = {}, data = { heard: 0 }, thing = { bring: (_, tell) => Object.assign(thing, { tell }), end() {} };
  let state = "notRunning";
  globalThis.document = { querySelector: () => ({ dataset: { testScriptState: state } }) };
  const show = mounted(".stage", () => thing), setTriggerValue = (_, events) => told.push(events.map(({ id }) => id));
  const draw = () => show({ parentElement: { querySelector: () => root }, data, setTriggerValue });
  draw();
  mock.timers.tick(60_000);
  thing.tell({ type: "rested", id: "1" });
  state = "running";
  mock.timers.tick(60_000);
  assert.deepEqual(told, [["1"]]);
  state = "notRunning";
  mock.timers.tick(2000);
  assert.deepEqual(told, [["1"], ["1"]]);
  data.heard = Date.now() + 1;
  const end = draw();
  mock.timers.tick(60_000);
  assert.equal(told.length, 2);
  delete data.heard; // of one that says nothing of it
  draw();
  thing.tell({ type: "rested", id: "2" });
  mock.timers.tick(60_000);
  assert.equal(told.length, 3);
  end();
  mock.timers.reset();
});

test("a background is dark or light in either way of writing it", () => {
  for (const [colour, dark] of [["#0e1117", true], [" #FFFFFF", false], ["rgb(14, 17, 23)", true], ["rgb(240, 242, 246)", false], ["", false]]) {
    paint(colour);
    assert.equal(isDark({}), dark, colour);
  }
});

test("who asks for less motion is heard", () => {
  for (const matches of [true, false]) {
    globalThis.matchMedia = (query) => ({ matches: matches && query === "(prefers-reduced-motion: reduce)" });
    assert.equal(calm(), matches);
  }
});

test("an element is made with its class and what stands in it", () => {
  globalThis.document = { createElement: (tag) => ({ tag, inside: [], append(...parts) { this.inside.push(...parts); } }) };
  const { tag, className, inside } = make("li", "row", "ResNet", "50");
  assert.deepEqual([tag, className, inside], ["li", "row", ["ResNet", "50"]]);
  assert.equal(make("p").className, undefined);
});
