// Links from page to page: Python is told, and Streamlit is not.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import watchLinks from "../../explorer/ui/components/links.js";

let click, told, stopped, end;

beforeEach(() => {
  [told, stopped] = [[], 0];
  globalThis.location = { pathname: "/compare", origin: "http://here" };
  globalThis.document = {
    addEventListener: (type, handler, { capture }) => { click = capture && type === "click" ? handler : undefined; },
    removeEventListener: (type, handler) => { click = click === handler ? undefined : click; },
  };
  end = watch({ opened: 0 });
});

const watch = (data) => watchLinks({ data, setTriggerValue: (name, value) => told.push([name, value]) });

function link(href, { target, download = false, ...keys } = {}) {
  const { origin, pathname, search } = new URL(href);
  const found = { origin, pathname, search, target, hasAttribute: () => download };
  return { composedPath: () => [{ closest: () => found }], preventDefault: () => (stopped += 1), stopImmediatePropagation: () => (stopped += 1), ...keys };
}

test("a click on a link to another page goes to Python alone", () => {
  click(link("http://here/train"));
  assert.deepEqual([told, stopped], [[["page", "/train"]], 2]);
});

test("what leads elsewhere, brings a query, or is for another tab is the browser's", () => {
  for (const [href, how] of [
    ["http://here/compare#part"], ["http://elsewhere/train"], ["http://here/train?runs=a"],
    ["http://here/train", { ctrlKey: true }], ["http://here/train", { metaKey: true }], ["http://here/train", { target: "_blank" }],
    ["http://here/file.csv", { download: true }],
  ]) click(link(href, how));
  click({ composedPath: () => [{ closest: () => null }] });
  click({ composedPath: () => [{}] });
  assert.deepEqual([told, stopped], [[], 0]);
});

test("a page says that it is seen, where it was opened by leaving another", () => {
  watch({ opened: 3 });
  assert.deepEqual(told, [["seen", 3]]);
});

test("nothing is heard after the end", () => {
  end();
  assert.equal(click, undefined);
});
