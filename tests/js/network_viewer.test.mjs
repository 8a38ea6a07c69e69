// What the viewer says and decides without a page: scales of colour, numbers in words, the next box in a direction.

import assert from "node:assert/strict";
import { test } from "node:test";

import { signedText, sumCosts } from "../../explorer/ui/components/network_viewer/diff_list.js";
import { fileName } from "../../explorer/ui/components/network_viewer/export.js";
import { nextInDirection } from "../../explorer/ui/components/network_viewer/input.js";
import { amountText, luminance, makeScale } from "../../explorer/ui/components/network_viewer/legend.js";
import { itemOf } from "../../explorer/ui/components/network_viewer/selection.js";
import { joinOnce } from "../../explorer/ui/components/network_viewer/svg_scene.js";

const box = (id, x, y) => ({ id, rect: { x, y, w: 100, h: 40 } });

test("a scale of colour goes from viridis' dark end to its light one", () => {
  const scale = makeScale([10, 1000, 100], true);
  assert.deepEqual([scale.low, scale.high], [10, 1000]);
  assert.deepEqual(scale(10), [68, 1, 84]);
  assert.deepEqual(scale(1000), [253, 231, 37]);
  const [low, middle, high] = [10, 100, 1000].map((amount) => luminance(scale(amount)));
  assert.ok(low < middle && middle < high);
});

test("on a log scale equal factors are equal steps, on a plain one equal differences", () => {
  assert.deepEqual(makeScale([1, 10000], true)(100), makeScale([0.0001, 10000], true)(1));
  assert.deepEqual(makeScale([1, 3], false)(2), makeScale([10, 30], false)(20));
});

test("what counts nothing has no colour, and without numbers there is no scale", () => {
  assert.equal(makeScale([5], true)(0), undefined);
  assert.deepEqual(makeScale([5], true)(5), [253, 231, 37]);
  assert.equal(makeScale([], true), null);
});

test("amounts are told in three figures", () => {
  const told = { 0: "0", 999: "999", 1000: "1 k", 25557032: "25.6 M", 4.09e9: "4.09 G", 2e12: "2 T", 5e15: "5000 T" };
  for (const [amount, words] of Object.entries(told)) assert.equal(amountText(Number(amount)), words);
  assert.equal(amountText(10500000, "B"), "10.5 MB");
  assert.equal(amountText(427, "px"), "427 px");
  assert.deepEqual([0, 1200, -1200].map(signedText), ["0", "+1.2 k", "−1.2 k"]);
});

test("the costs of several boxes are summed; activations are numbers, not bytes", () => {
  const items = [{ box: { params: 1, macs: 2, memory: 40 } }, { box: { params: 10, macs: 20 } }];
  assert.deepEqual(sumCosts(items), { params: 11, macs: 22, written: 10 });
});

test("an arrow leads to the nearest box that way, and not to what lies aside", () => {
  const here = box("here", 0, 0), below = box("below", 10, 80), far = box("far", 0, 300), aside = box("aside", 140, 45);
  const items = [aside, far, here, below];
  assert.equal(nextInDirection(here, items, 0, 1), below);
  assert.equal(nextInDirection(here, items, 1, 0), aside);
  assert.equal(nextInDirection(here, items, -1, 0), undefined);
});

test("at the foot of a column the flow goes on in the next", () => {
  const here = box("here", 0, 500), other = box("other", 400, 900), next = box("next", 400, 0);
  assert.equal(nextInDirection(here, [here, other, next], 0, 1, () => next), next);
  assert.equal(nextInDirection(here, [here, other, next], 0, 1), other);
});

test("a box is found again in its own pane", () => {
  const panes = [{ items: new Map([["stem", 1]]) }, { items: new Map([["stem", 2]]) }];
  assert.equal(itemOf({ panes }, { place: 1, id: "stem" }), 2);
  assert.equal(itemOf({ panes }, { place: -1, id: "" }), undefined);
  assert.equal(itemOf({ panes }, { place: 0, id: "nowhere" }), undefined);
});

test("what is said of a box is said once", () => {
  assert.equal(joinOnce(["Input", "input", "", "3×224×224"]), "Input, 3×224×224");
});

test("files are named after the network", () => {
  assert.equal(fileName("ResNeXt-50 32×4d"), "resnext-50-32-4d");
  assert.equal(fileName("×"), "network");
});
