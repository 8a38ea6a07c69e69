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

test("while it stands there, Back is spared the addresses of no page", () => {
  const written = [];
  const History = class {
    pushState(state, title, address) { written.push(["push", address]); globalThis.location.pathname = new URL(address, globalThis.location.href).pathname; }
    replaceState(state, title, address) { written.push(["replace", address]); }
  };
  globalThis.window = { History, history: new History() };
  globalThis.location = { pathname: "/", href: "http://here/" };
  globalThis.document = { querySelector: () => ({ dataset: {} }) };
  const end = emptyPage({ data: { turn: 1, elsewhere: true }, setTriggerValue() {} });
  globalThis.window.history.pushState({}, "", "/?stop=ViT");
  globalThis.window.history.pushState({}, "", "/compare?stop=ViT");
  globalThis.window.history.pushState({}, "", "/compare?view=evolution&stop=ViT");
  assert.deepEqual(written, [["push", "/compare?stop=ViT"], ["replace", "/compare?view=evolution&stop=ViT"]]);
  end();
  globalThis.window.history.pushState({}, "", "/compare?view=evolution");
  assert.deepEqual(written.at(-1), ["push", "/compare?view=evolution"]);
});

test("a page that is left for itself writes its address", () => {
  const { pushState } = globalThis.window.history;
  const end = emptyPage({ data: { turn: 2, elsewhere: false }, setTriggerValue() {} });
  const standing = globalThis.window.history.pushState;
  end();
  assert.equal(standing, pushState);
  assert.equal(globalThis.window.history.pushState, pushState);
});
