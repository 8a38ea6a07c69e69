// The viewer of one to four networks: mounted once for each place on the page, updated whenever Python sends something.

import { EventSender } from "../events.js";
import { isDark, isProjected, make, mounted } from "../shared.js";
import { listDifferences } from "./diff_list.js";
import { forgetPanel, layPanel } from "./full_screen.js";
import { listen } from "./input.js";
import { paint } from "./legend.js";
import { intoView, refit, resized } from "./pan_zoom.js";
import { replacePanes } from "./panes.js";
import { settleTools } from "./panels.js";
import { NOTHING, chooseRow, itemOf, select, showSelection } from "./selection.js";
import { placeMaps } from "./svg_scene.js";
import { dismissHint, welcome } from "./tooltip.js";

export default mounted(".viewer", createViewer);

function createViewer(root) {
  const v = {
    root,
    part: (selector) => root.querySelector(selector),
    stage: root.querySelector(".panes"),
    data: {},
    panes: [],
    camera: { x: 0, y: 0, k: 1 },
    board: { w: 1, h: 1 }, // all pictures, one over the other
    stageSize: { w: 0, h: 0 }, // of each pane
    covered: 0, // px of the stage at the right, under the panel of what is selected
    fitted: "beginning", // or "whole"; empty once somebody has moved the camera
    colour: "kind",
    selected: NOTHING,
    row: -1, // of the list, pointed out in the pictures
    waitingFor: NOTHING, // the box that Python was asked to open or fold
    pointers: new Map(), // what is pressed, by its id
    active: false, // the wheel zooms
    events: new EventSender(),
    abort: new AbortController(),
  };
  listen(v);
  v.observer = new ResizeObserver(() => (placeList(v), layPanel(v), resized(v)));
  v.observer.observe(v.stage);
  return { bring: (data, _, trigger) => update(v, data, trigger), end: () => end(v) };
}

function end(v) {
  v.observer.disconnect();
  forgetPanel(v);
  for (const timer of [v.resting, v.settling, v.tipping, v.hinting, v.yielding]) clearTimeout(timer);
  cancelAnimationFrame(v.gliding);
  v.events.end();
  v.abort.abort();
}

function update(v, data, trigger) {
  const before = v.data;
  v.events.trigger = trigger;
  v.data = data;
  v.root.style.height = data.height;
  v.root.dataset.count = data.panes.length;
  placeList(v);
  v.root.classList.toggle("dark", isDark(v.root));
  settleTools(v);
  listDifferences(v, chooseRow);
  if (!sameDrawings(before.panes, data.panes)) replacePanes(v, before);
  for (const pane of v.panes) if (pane.svg && data.panes[pane.place]?.maps) placeMaps(pane, data.panes[pane.place].maps);
  if (data.revision !== before.revision) follow(v, itemNamed(v, data.selected));
  if (data.colour !== before.colour) v.colour = data.colour;
  paint(v);
  showSelection(v);
  const lines = (data.alt || "").split("\n").filter(Boolean);
  v.part(".alternative").replaceChildren(...lines.map((line) => make("li", "", line.replace(/^[\s-]+/, ""))));
  if (!before.panes) welcome(v);
  // Once it has faded in, what stands around it may come.
  if (!data.settled) v.resting ??= setTimeout(() => v.events.send({ type: "settled" }), 200);
}

// Beside two pictures, except in projector mode, where they need the width.
function placeList(v) {
  const { root, data } = v;
  if (data.several && isProjected()) dismissHint(v); // that mode may come after the hint
  const below = data.panes?.length > 2 || isProjected();
  root.dataset.list = !data.told ? "none" : below ? "below" : "beside";
}

// What was chosen elsewhere: by a link, or in a table.
function follow(v, item) {
  select(v, item, false);
  if (!item) return;
  if (v.fitted === "beginning") refit(v);
  else intoView(v, item);
}

function sameDrawings(before, now) {
  const drawings = (panes) => JSON.stringify(panes?.map(({ svg, problem, name, source, marks }) => [svg, problem, name, source, marks]));
  return drawings(before) === drawings(now);
}

// "b:stage1.0" of several networks, "stage1.0" of one.
function itemNamed(v, name) {
  if (!v.data.several) return itemOf(v, { place: 0, id: name });
  const [letter, ...id] = name.split(":");
  return itemOf(v, { place: "abcd".indexOf(letter), id: id.join(":") });
}
