// The panes: a picture in each, exchanged for the next without losing the place.

import { calm, make, setAttributes } from "../shared.js";
import { makeLetter } from "./diff_list.js";
import { followOpened, layBoard, measure, refit, setCamera, toBoard } from "./pan_zoom.js";
import { search } from "./panels.js";
import { NOTHING, focusable, itemOf } from "./selection.js";
import { readPicture } from "./svg_scene.js";
import { hideTooltip } from "./tooltip.js";

const MOVE = { duration: 240, easing: "cubic-bezier(.2, .7, .2, 1)" };
const MOST_MOVED = 250; // more boxes than this appear at once: moving them would stutter
const TOOLS = [
  ["left", "Move to the left", "m11.5 5-5 5 5 5"],
  ["right", "Move to the right", "m8.5 5 5 5-5 5"],
  ["explore", "Open in Explore", "M8 5H5v10h10v-3M11 4.5h4.5V9M15 5l-6 6"],
  ["remove", "Take away", "m5.5 5.5 9 9M14.5 5.5l-9 9"],
];

export function replacePanes(v, before) {
  const old = { panes: v.panes, camera: v.camera, board: v.board };
  const active = v.root.getRootNode().activeElement;
  const focused = old.panes.findIndex(({ svg }) => active && svg?.contains(active));
  v.panes = v.data.panes.map((given, place) => makePane(v, given, place));
  for (const { el } of old.panes) el.remove();
  v.stage.prepend(...v.panes.map(({ el }) => el));
  layPictures(v);
  measure(v);
  hideTooltip(v);
  const networks = ({ direction, panes }) => JSON.stringify([direction, panes?.map(({ name, source }) => [name, source])]);
  keepPlace(v, old, networks(before) === networks(v.data));
  if (!itemOf(v, v.selected)) v.selected = NOTHING;
  for (const pane of v.panes) {
    const wanted = [old.panes[pane.place]?.focused, v.selected.place === pane.place && v.selected.id];
    const item = wanted.map((id) => pane.items.get(id)).find(Boolean) ?? pane.items.values().next().value;
    if (item) focusable(v, item);
  }
  if (v.part(".search input").value) search(v);
  v.panes[focused]?.items.get(v.panes[focused].focused)?.el.focus({ preventScroll: true });
}

function makePane(v, given, place) {
  const el = setAttributes(make("section", "pane"), { "data-testid": `pane-${given.letter}`, "aria-label": given.name });
  const pane = { el, place, given, items: new Map(), edges: new Map(), focused: "", shift: 0 };
  if (given.letter) el.append(makeHead(v, given, place));
  if (given.problem) el.append(setAttributes(make("div", "problem", given.problem), { role: "alert" }));
  else {
    readPicture(pane);
    const label = `Diagram of ${given.name}. Arrow keys move, Enter opens or folds, Space selects.`;
    pane.stage = setAttributes(make("div", "stage", pane.svg), { role: "application", tabindex: -1, "aria-label": label });
    el.append(pane.stage);
  }
  pane.foot = setAttributes(make("footer"), { "data-testid": `costs-${given.letter}`, "aria-live": "polite" });
  if (given.letter) el.append(pane.foot);
  return pane;
}

function makeHead(v, given, place) {
  const title = make("h4", "", given.name, make("small", "", given.source));
  title.title = `${given.name} · ${given.source}`;
  const tools = TOOLS.map(([type, tip, path]) => {
    const names = { "aria-label": `${tip}: ${given.name}`, "data-testid": `${type}-${given.letter}` };
    const button = setAttributes(make("button"), { type: "button", "data-tip": tip, ...names });
    button.innerHTML = `<svg viewBox="0 0 20 20"><path d="${path}"/></svg>`;
    button.hidden = (type === "left" && place === 0) || (type === "right" && place === v.data.panes.length - 1);
    button.addEventListener("click", () => v.events.send({ type, value: String(place) }));
    return button;
  });
  return make("header", "", makeLetter(given.letter), title, make("span", "tools", ...tools));
}

function layPictures(v) {
  const drawn = v.panes.filter((pane) => pane.svg);
  v.board = layBoard(drawn.map(({ size, trunk }) => ({ ...size, trunk })));
  for (const [index, pane] of drawn.entries()) {
    pane.shift = v.board.shifts[index];
    for (const item of pane.items.values()) item.rect.x += pane.shift;
  }
}

// Exchanging one picture for the next

function keepPlace(v, old, same) {
  const anchor = same && anchorOf(v, old);
  const opened = v.waitingFor;
  v.waitingFor = NOTHING;
  if (!anchor) {
    v.fitted = "beginning";
    refit(v);
    for (const { svg } of v.panes) if (svg) appear(svg);
    return;
  }
  const [was, is] = [topOf(itemOf(old, anchor).rect), topOf(itemOf(v, anchor).rect)];
  const { x, y, k } = old.camera;
  setCamera(v, { x: x + (was.x - is.x) * k, y: y + (was.y - is.y) * k, k });
  moveBoxes(v, old, opened);
  if (opened.id) followOpened(v, old, itemOf(v, anchor));
  else if (v.fitted) refit(v, true);
}

function topOf(rect) {
  return { x: rect.x + rect.w / 2, y: rect.y };
}

// What stays at its point on the screen: the box just opened, else the selected one, else the one nearest the middle.
function anchorOf(v, old) {
  const stays = (item) => itemOf(old, item) && itemOf(v, item);
  const known = [v.waitingFor, v.selected].find(stays);
  if (known) return known;
  const middle = toBoard(old.camera, v.stageSize.w / 2, v.stageSize.h / 2);
  const far = ({ rect }) => Math.hypot(topOf(rect).x - middle.x, rect.y + rect.h / 2 - middle.y);
  const common = old.panes.flatMap(({ items }) => [...items.values()]).filter((item) => !item.frame && stays(item));
  return common.sort((a, b) => far(a) - far(b))[0];
}

function moveBoxes(v, old, opened) {
  const items = v.panes.flatMap((pane) => [...pane.items.values()]);
  if (calm() || items.length > MOST_MOVED) return v.panes.forEach(({ svg }) => svg && appear(svg));
  for (const { id, place, el, rect, frame } of items) {
    const before = itemOf(old, { place, id });
    const from = before ?? (opened.place === place && itemOf(old, opened));
    if (!before) appear(el);
    if (!from || frame) continue;
    const [was, is] = [topOf(from.rect), topOf(rect)];
    const dx = was.x - is.x + (old.camera.x - v.camera.x) / v.camera.k;
    const dy = was.y - is.y + (old.camera.y - v.camera.y) / v.camera.k;
    if (Math.abs(dx) + Math.abs(dy) > 0.5) el.animate({ translate: [`${dx}px ${dy}px`, "0px 0px"] }, MOVE);
  }
  for (const edge of v.stage.querySelectorAll(".edge")) appear(edge, 90);
}

function appear(el, delay = 0) {
  if (!calm()) el.animate({ opacity: [0, 1] }, { duration: 180, delay, fill: "backwards" });
}
