// Networks side by side: mounted once, one camera for all pictures, updated whenever Python sends something new.

import { EventSender } from "../events.js";
import { isDark } from "../shared.js";
import { SIGNS, listDifferences } from "./diff_list.js";
import { make, makeSvg } from "./elements.js";
import { firstView, intoView, layBoard, measure, resized, setCamera } from "./pan_zoom.js";
import { paintSide } from "./side_colours.js";
import { listenPane, listenSide } from "./side_input.js";
import { chooseRow, selectSide, showSelected } from "./side_selection.js";
import { indexPicture, parsePicture } from "./svg_scene.js";

const sides = new WeakMap(); // shadow root → side

export default function ({ data, parentElement, setTriggerValue }) {
  let s = sides.get(parentElement);
  if (!s || !s.root.isConnected) {
    s = createSide(parentElement.querySelector(".side"));
    sides.set(parentElement, s);
  }
  s.events.trigger = setTriggerValue;
  updateSide(s, data);
  return () => {
    endSide(s);
    sides.delete(parentElement);
  };
}

function endSide(s) {
  s.observer.disconnect();
  for (const timer of [s.resting, s.settling]) clearTimeout(timer);
  cancelAnimationFrame(s.gliding);
  s.events.end();
  s.abort.abort();
}

function createSide(root) {
  const s = {
    root,
    part: (selector) => root.querySelector(selector),
    data: {},
    panes: [],
    camera: { x: 0, y: 0, k: 1 },
    board: { w: 1, h: 1 },
    stageSize: { w: 0, h: 0 },
    fitted: "beginning", // or "whole"; empty once somebody has moved the camera
    colour: "",
    selected: { pane: -1, id: "" },
    row: -1, // of the list, pointed out in the pictures
    events: new EventSender(),
    active: false,
    abort: new AbortController(),
  };
  listenSide(s);
  s.observer = new ResizeObserver(() => resized(s));
  s.observer.observe(s.part(".panes"));
  return s;
}

function updateSide(s, data) {
  const before = s.data;
  s.data = data;
  if (!data.settled) s.resting ??= setTimeout(() => s.events.send({ type: "settled" }), 150); // what stands below may come
  s.root.style.height = data.height;
  s.root.dataset.count = data.panes.length;
  s.root.dataset.list = !data.told ? "none" : data.panes.length > 2 ? "below" : "beside";
  s.root.classList.toggle("dark", isDark(s.root));
  const names = (given) => given.panes?.map((pane) => pane.name + pane.source).join("|");
  const drawn = (given) => JSON.stringify(given.panes?.map((pane) => [pane.svg, pane.marks, pane.problem]));
  if (names(before) !== names(data) || drawn(before) !== drawn(data)) replacePanes(s, names(before) === names(data));
  if (data.revision !== before.revision) {
    const [pane, ...id] = (data.selected || "").split(":");
    selectSide(s, "abcd".indexOf(pane), id.join(":"), false);
  }
  if (data.colour !== before.colour) s.colour = data.colour;
  listDifferences(s, () => chooseRow(s));
  paintSide(s);
  showSelected(s);
}

// The panes

function replacePanes(s, samePlace) {
  s.part(".panes").replaceChildren(...s.data.panes.map((given, place) => makePane(s, given, place)));
  layPictures(s);
  measure(s);
  if (samePlace && s.opened) keepPlace(s);
  else firstView(s);
  s.opened = "";
}

function layPictures(s) {
  const drawn = s.panes.filter((pane) => pane.size);
  s.board = layBoard(drawn.map(({ size, trunk }) => ({ ...size, trunk })));
  for (const [index, pane] of drawn.entries()) {
    pane.shift = s.board.shifts[index];
    for (const item of pane.items.values()) item.rect.x += pane.shift;
  }
}

// What was opened or folded stays where it was.
function keepPlace(s) {
  setCamera(s, s.camera);
  const [place, id] = s.opened;
  const item = s.panes[place]?.items.get(id);
  if (item) intoView(s, item);
}

function makePane(s, given, place) {
  const el = make("section", "", { class: "pane", "data-testid": `pane-${given.letter}`, "aria-label": given.name });
  const pane = { el, place, data: { name: given.name, boxes: given.boxes ?? {} }, given, items: new Map(), edges: new Map() };
  el.append(paneHead(s, given, place));
  if (given.problem) el.append(make("div", given.problem, { class: "problem", role: "alert" }));
  else {
    pane.stage = make("div", "", { class: "stage", role: "application", tabindex: "0" });
    pane.stage.setAttribute("aria-label", `Diagram of ${given.name}. Arrow keys move, Enter opens or folds, Space selects.`);
    pane.svg = parsePicture(given.svg);
    pane.svg.classList.add("diagram");
    pane.size = { w: Number(pane.svg.getAttribute("width")) || 1, h: Number(pane.svg.getAttribute("height")) || 1 };
    indexPicture(pane);
    const first = pane.items.get("input")?.rect;
    pane.trunk = first ? first.x + first.w / 2 : pane.size.w / 2;
    for (const item of pane.items.values()) markItem(item, given.marks?.[item.id]);
    pane.stage.append(pane.svg);
    el.append(pane.stage);
    listenPane(s, pane);
  }
  pane.foot = make("footer", "", { "data-testid": `costs-${given.letter}`, "aria-live": "polite" });
  el.append(pane.foot);
  s.panes[place] = pane;
  s.panes.length = s.data.panes.length;
  return el;
}

const TOOLS = [
  ["left", "Move to the left", "m11.5 5-5 5 5 5"],
  ["right", "Move to the right", "m8.5 5 5 5-5 5"],
  ["explore", "Open in Explore", "M8 5H5v10h10v-3M11 4.5h4.5V9M15 5l-6 6"],
  ["remove", "Take away", "m5.5 5.5 9 9M14.5 5.5l-9 9"],
];

function paneHead(s, given, place) {
  const head = make("header");
  const title = make("h4", given.name, { title: `${given.name} · ${given.source}` });
  title.append(make("small", given.source));
  head.append(make("span", given.letter, { class: "letter", "data-letter": given.letter }), title);
  const tools = make("span", "", { class: "tools" });
  head.append(tools);
  for (const [type, tip, path] of TOOLS) {
    const button = make("button", "", { type: "button", "data-tip": tip, "aria-label": `${tip}: ${given.name}`, "data-testid": `${type}-${given.letter}` });
    button.innerHTML = `<svg viewBox="0 0 20 20"><path d="${path}"/></svg>`;
    button.hidden = (type === "left" && place === 0) || (type === "right" && place === s.data.panes.length - 1);
    button.addEventListener("click", () => s.events.send({ type, value: String(place) }));
    tools.append(button);
  }
  return head;
}

function markItem(item, mark) {
  if (!mark || mark.status === "same" || item.frame) return;
  item.mark = mark;
  item.el.classList.add(mark.status);
  const number = (name) => Number(item.shape.getAttribute(name)) || 0;
  const sign = makeSvg("g", { class: "mark", transform: `translate(${number("x") + 1} ${number("y") + 1})`, "aria-hidden": "true" });
  const text = makeSvg("text", { y: 5 });
  text.textContent = SIGNS[mark.status];
  sign.append(makeSvg("circle", { r: 10 }), text);
  item.el.append(sign);
  item.el.setAttribute("aria-label", `${item.el.getAttribute("aria-label")}, ${mark.note}`);
}

