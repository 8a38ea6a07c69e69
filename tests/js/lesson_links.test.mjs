// Links in a lesson's text are Python's to follow; what is locked cannot be reached by the keyboard.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import lessonLinks, { keepRecord } from "../../explorer/ui/components/lesson_links.js";

let heard, told, end, scrolled;

beforeEach(() => {
  [heard, told, scrolled] = [{}, [], [{ scrollTop: 70 }, { scrollTop: 30 }]];
  globalThis.document = {
    querySelectorAll: (which) => (which === ".stMain, .st-key-lesson" ? scrolled : []),
    addEventListener: (type, handler) => { heard[type] = handler; },
    removeEventListener: (type, handler) => { if (heard[type] === handler) delete heard[type]; },
  };
  end = lessonLinks({ data: { locked: ".knob" }, setTriggerValue: (name, value) => told.push([name, value]) });
});

function click(link) {
  const event = { composedPath: () => [{ closest: () => link }], preventDefault: () => told.push("kept"), stopImmediatePropagation() {} };
  heard.click(event);
}

test("a click on a lesson's link is told as it is written, any other is left alone", () => {
  click({ dataset: { lesson: "#stage1.0/add" } });
  click(null);
  assert.deepEqual(told, ["kept", ["target", "#stage1.0/add"]]);
});

test("the focus leaves what is locked", () => {
  const blurred = [];
  heard.focusin({ target: { closest: (what) => what === ".knob", blur: () => blurred.push(1) } });
  heard.focusin({ target: { closest: () => null, blur: () => blurred.push(2) } });
  assert.deepEqual(blurred, [1]);
});

test("it ends with the lesson", () => {
  end();
  assert.deepEqual(heard, {});
});

test("a step is read from its beginning, and keeps its place while it lasts", () => {
  lessonLinks({ data: { step: "vgg 1" }, setTriggerValue() {} });
  assert.deepEqual(scrolled.map((each) => each.scrollTop), [0, 0]);
  scrolled[1].scrollTop = 40;
  lessonLinks({ data: { step: "vgg 1" }, setTriggerValue() {} });
  assert.equal(scrolled[1].scrollTop, 40);
  lessonLinks({ data: { step: "vgg 2" }, setTriggerValue() {} });
  assert.equal(scrolled[1].scrollTop, 0);
});

test("of what is heard for a step nothing is left with the next", () => {
  lessonLinks({ data: { locked: "" }, setTriggerValue() {} });
  const blurred = [], listening = new Set();
  globalThis.document.addEventListener = (type, handler) => listening.add(handler);
  globalThis.document.removeEventListener = (type, handler) => listening.delete(handler);
  lessonLinks({ data: { locked: ".knob" }, setTriggerValue() {} });
  lessonLinks({ data: { locked: "" }, setTriggerValue() {} });
  for (const handler of listening) handler({ target: { closest: (what) => what === ".knob", blur: () => blurred.push(1) }, composedPath: () => [] });
  assert.deepEqual([blurred, listening.size], [[], 2]);
});

function storing(words) {
  return { words, getItem() { return this.words; }, setItem(name, value) { this.words = value; } };
}

test("what an earlier visit left in the tab is told, until it was heard; what this one did is kept", () => {
  const storage = storing(null), said = [], tell = (record) => said.push(record);
  keepRecord({ visit: "a", heard: false, record: "" }, storage, tell);
  keepRecord({ visit: "a", heard: false, record: "[1]" }, storage, tell);
  assert.deepEqual([said, JSON.parse(storage.words)], [[], { visit: "a", record: "[1]" }]);
  keepRecord({ visit: "b", heard: false, record: "" }, storage, tell); // loaded anew
  keepRecord({ visit: "b", heard: false, record: "[2]" }, storage, tell); // answered before it was heard
  assert.deepEqual([said, JSON.parse(storage.words).record], [["[1]", "[1]"], "[1]"]);
  keepRecord({ visit: "b", heard: true, record: "[1, 2]" }, storage, tell);
  assert.deepEqual(JSON.parse(storage.words), { visit: "b", record: "[1, 2]" });
});

test("nothing is told where nothing was answered, or somebody else's words lie there", () => {
  for (const words of ["{", "7", "null", '{"visit":"a","record":""}']) {
    const storage = storing(words);
    keepRecord({ visit: "b", heard: false, record: "" }, storage, () => assert.fail());
    assert.deepEqual(JSON.parse(storage.words), { visit: "b", record: "" });
  }
});

test("what is told waits for the end of a run of the page, and is told again", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const state = { testScriptState: "running" }, said = [], held = new Set();
  const toggle = (name, on) => (on ? held.add(name) : held.delete(name));
  globalThis.document.documentElement = { classList: { toggle } };
  globalThis.document.querySelector = () => ({ dataset: state });
  globalThis.sessionStorage = storing('{"visit":"a","record":"[1]"}');
  const stop = lessonLinks({ data: { visit: "b", heard: false, record: "" }, setTriggerValue: (...what) => said.push(what) });
  context.mock.timers.tick(300);
  assert.deepEqual([said, [...held]], [[], ["lesson-held"]]); // the question, whose answer is about to come
  state.testScriptState = "notRunning";
  context.mock.timers.tick(50);
  assert.deepEqual(said, [["kept", "[1]"]]);
  assert.equal(held.size, 1);
  context.mock.timers.tick(2000);
  assert.deepEqual([said.length, held.size], [2, 0]); // it is shown all the same where nobody hears
  stop();
  context.mock.timers.tick(9000);
  assert.equal(said.length, 2);
  delete globalThis.sessionStorage;
});
