// Links in a lesson's text are Python's to follow; what is locked cannot be reached by the keyboard.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import lessonLinks from "../../explorer/ui/components/lesson_links.js";

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
