// Links from page to page: Python is told, and Streamlit is not. And what is typed is whole characters.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import watchLinks from "../../explorer/ui/components/links.js";

let heard, told, stopped, end;

beforeEach(() => {
  [heard, told, stopped] = [{}, [], 0];
  globalThis.location = { pathname: "/compare", origin: "http://here" };
  globalThis.document = {
    addEventListener: (type, handler, { capture }) => { if (capture) heard[type] = handler; },
    removeEventListener: (type, handler) => { if (heard[type] === handler) delete heard[type]; },
  };
  globalThis.window = { history: { entries: [] }, addEventListener: (type, handler) => (heard[type] = handler), History: class {
    pushState(_, __, address) { this.entries.push(address); }
    replaceState(_, __, address) { this.entries[this.entries.length - 1] = address; }
  } };
  end = watch({ opened: 0 });
});

const watch = (data) => watchLinks({ data, setTriggerValue: (name, value) => told.push([name, value]) });

function link(href, { target, download = false, ...keys } = {}) {
  const { origin, pathname, search } = new URL(href);
  const found = { origin, pathname, search, target, hasAttribute: () => download };
  return { composedPath: () => [{ closest: () => found }], preventDefault: () => (stopped += 1), stopImmediatePropagation: () => (stopped += 1), ...keys };
}

test("a click on a link to another page goes to Python alone", () => {
  heard.click(link("http://here/train"));
  assert.deepEqual([told, stopped], [[["page", "/train"]], 2]);
});

test("what leads elsewhere, brings a query, or is for another tab is the browser's", () => {
  for (const [href, how] of [
    ["http://here/compare#part"], ["http://elsewhere/train"], ["http://here/train?runs=a"],
    ["http://here/train", { ctrlKey: true }], ["http://here/train", { metaKey: true }], ["http://here/train", { target: "_blank" }],
    ["http://here/file.csv", { download: true }],
  ]) heard.click(link(href, how));
  heard.click({ composedPath: () => [{ closest: () => null }] });
  heard.click({ composedPath: () => [{}] });
  assert.deepEqual([told, stopped], [[], 0]);
});

test("a page says that it is seen, where it was opened by leaving another", () => {
  watch({ opened: 3 });
  assert.deepEqual(told, [["seen", 3]]);
});

test("nothing is heard after the end, but where the browser goes back to", () => {
  end();
  assert.deepEqual(Object.keys(heard), ["popstate"]);
});

test("what one went back to is no new entry, whatever stood there meanwhile", () => {
  const { history } = globalThis.window, go = (address) => { globalThis.location.href = `http://here${address}`; };
  go("/");
  history.pushState({}, "", "/?step=1");
  history.pushState({}, "", "/compare?step=2");
  history.entries.pop();
  go("/?step=1");
  heard.popstate();
  go("/?step=2"); // the words of the page between
  history.pushState({}, "", "/?step=1");
  assert.deepEqual(history.entries, ["/?step=1"]);
  go("/?step=1");
  history.pushState({}, "", "/?step=3");
  history.pushState({}, "", "/?step=1");
  assert.deepEqual(history.entries, ["/?step=1", "/?step=3", "/?step=1"]);
});

test("half a character becomes one that can be sent, and all else stays as it was typed", () => {
  class Field {
    #value = "";
    get value() { return this.#value; }
    set value(words) { this.#value = words; }
  }
  for (const [typed, sent] of [["1\ud8002", "1\ufffd2"], ["\udc00", "\ufffd"], ["💥 1,5 M", "💥 1,5 M"]]) {
    const field = Object.assign(new Field(), { value: typed });
    Object.defineProperty(field, "value", { get: () => Reflect.get(Field.prototype, "value", field), set: assert.fail }); // React's
    heard.input({ composedPath: () => [field] });
    assert.equal(field.value, sent);
  }
  heard.input({ composedPath: () => [{}] }); // no field
});
