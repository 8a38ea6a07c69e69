// Names beside points: none over another, none outside, the chosen one in any crowd.

import assert from "node:assert/strict";
import { test } from "node:test";
import { letters, placeLabels } from "../../explorer/ui/components/plotly_chart/point_labels.js";

const measure = (name) => 7 * name.length;

function layoutOf(labels, side = 500) {
  const axis = { type: "linear", range: [0, 1] };
  return { width: side, height: side, margin: { l: 0, r: 0, t: 0, b: 0 }, xaxis: axis, yaxis: axis, meta: { labels } };
}

// The box of a name in pixels, from where plotly would draw it.
function boxOf(label, { width: side }) {
  const [x, y] = [label.x * side + (label.showarrow ? label.ax : label.xshift), (1 - label.y) * side + (label.showarrow ? label.ay : -label.yshift)];
  const [width, height] = [measure(label.text), letters() * 1.25];
  const left = x - { left: 0, center: width / 2, right: width }[label.xanchor];
  const top = y - { top: 0, middle: height / 2, bottom: height }[label.yanchor];
  return { left, top, right: left + width, bottom: top + height };
}

const overlap = (one, other) => one.left < other.right && one.right > other.left && one.top < other.bottom && one.bottom > other.top;

test("names in a crowd lie neither on each other nor on points nor outside", () => {
  const labels = [["resnet50", 0.5, 0.5, 3], ["resnext50_32x4d", 0.52, 0.5, 3], ["convnext_tiny", 0.5, 0.56, 3], ["vgg11", 0.999, 0.999, 3]];
  const layout = layoutOf(labels);
  const boxes = placeLabels(layout, [], measure).map((label) => boxOf(label, layout));
  assert.equal(boxes.length, 4);
  for (const [index, box] of boxes.entries()) {
    assert.ok(box.left >= 0 && box.top >= 0 && box.right <= 500 && box.bottom <= 500);
    for (const other of boxes.slice(index + 1)) assert.ok(!overlap(box, other));
    for (const [, x, y] of labels) assert.ok(!overlap(box, { left: 500 * x, right: 500 * x, top: 500 * (1 - y), bottom: 500 * (1 - y) }));
  }
});

test("a name lies beside its point, on a logarithmic axis too", () => {
  const layout = layoutOf([["a", 100, 0.25, 3]]);
  layout.xaxis = { type: "log", range: [0, 4] };
  const [label] = placeLabels(layout, [], measure);
  assert.deepEqual([label.x, label.y, label.xanchor, label.xshift], [2, 0.25, "left", 9]);
});

test("nor on what the chart itself has written", () => {
  const layout = layoutOf([["resnet18", 1000, 0.5, 3]]);
  layout.xaxis = { type: "log", range: [0, 6] };
  const [free] = placeLabels(layout, [], measure);
  layout.annotations = [{ x: 4, y: 0.5, text: "10 G MACs/s", xanchor: "right", yanchor: "bottom", xshift: -4, showarrow: false }];
  const [label] = placeLabels(layout, [], measure);
  assert.deepEqual([free.xanchor, label.xanchor], ["left", "right"]);
});

test("where no name has room the chosen one is written, and the rest of many are not", () => {
  const crowd = Array.from({ length: 961 }, (_, index) => [`network ${index}`, 0.2 + 0.02 * (index % 31), 0.2 + 0.02 * Math.floor(index / 31), 4]);
  assert.deepEqual(placeLabels(layoutOf(crowd), [], measure), []);
  const chosen = ["chosen", 0.5, 0.5, 0];
  assert.deepEqual(placeLabels(layoutOf([chosen, ...crowd]), [], measure).map((label) => label.text), ["<b>chosen</b>"]);
});

test("names keep off the steps of the front", () => {
  const layout = layoutOf([["a", 0.2, 0.5, 3]]);
  const front = { name: "front", x: [0.2, 0.8], y: [0.5, 0.9], line: { shape: "hv" } };
  assert.equal(placeLabels(layout, [], measure)[0].xanchor, "left");
  assert.equal(placeLabels(layout, [front], measure)[0].xanchor, "right");
});

test("a title is shown as it is", () => {
  const [label] = placeLabels(layoutOf([["a*b_c [x](y) <b>%{x} &", 0.1, 0.5, 3]]), [], measure);
  assert.equal(label.text, "a*b_c [x](y) &lt;b&gt;%{x} &amp;");
});

test("what lies outside of the view has no name, and a figure without names gets none", () => {
  assert.deepEqual(placeLabels(layoutOf([["a", 1.5, 0.5, 0]]), [], measure), []);
  assert.deepEqual(placeLabels({}, [], measure), []);
});
