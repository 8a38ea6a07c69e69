// The camera: which part of the board is on the screen, and how large. screen = board × k + (x, y).
//
// All pictures lie on one board, one over the other, so that the lines that lead down from their inputs fall together,
// and one camera moves them all. First the arithmetic, on plain numbers; then what it moves on the page.

import { calm, isProjected } from "../shared.js";

const LEAST = 0.03;
const MOST = 4;
// `readable`: titles of 9 px; in projector mode, where the smallest letters of a picture, of 11.5, are 16 px. Below
// this a first view shows the beginning instead of everything. `legible`: titles of 8 px, where all of a picture matters
// more. `largest`: as far as small networks fill a large screen.
export const USUAL = { legible: 0.57, readable: 0.64, largest: 1.6 };
export const PROJECTED = { legible: 1.4, readable: 1.4, largest: 2.2 };
const MARGIN = 8; // px around what is fitted
const STRIP = 0.15; // of a stage's width
const BELOW = 16; // px of room under the first difference

// `trunk`: how far from its left edge a picture has the line that leads down from its input.
export function layBoard(pictures) {
  const left = Math.max(0, ...pictures.map(({ trunk }) => trunk));
  const right = Math.max(1, ...pictures.map(({ trunk, w }) => w - trunk));
  const h = Math.max(1, ...pictures.map((picture) => picture.h));
  return { w: left + right, h, shifts: pictures.map(({ trunk }) => left - trunk) };
}

export function toBoard(camera, x, y) {
  return { x: (x - camera.x) / camera.k, y: (y - camera.y) / camera.k };
}

export function moveCamera(camera, dx, dy) {
  return { x: camera.x + dx, y: camera.y + dy, k: camera.k };
}

// About a point of the screen, which stays where it is.
export function zoomCamera(camera, factor, x, y) {
  const k = Math.min(MOST, Math.max(LEAST, camera.k * factor));
  const at = toBoard(camera, x, y);
  return { x: x - at.x * k, y: y - at.y * k, k };
}

// One of two fingers moves: what lies between them follows.
export function pinchCamera(camera, was, now, other) {
  const apart = (p) => Math.hypot(p.x - other.x, p.y - other.y) || 1;
  const zoomed = zoomCamera(camera, apart(now) / apart(was), (was.x + other.x) / 2, (was.y + other.y) / 2);
  return moveCamera(zoomed, (now.x - was.x) / 2, (now.y - was.y) / 2);
}

export function wheelFactor({ deltaY, deltaMode, ctrlKey }) {
  const pixels = deltaY * (deltaMode === 1 ? 18 : 1);
  const strength = ctrlKey && Math.abs(pixels) < 40 ? 0.01 : 0.0016; // a pinch on a trackpad comes in small steps
  return Math.exp(-Math.max(-240, Math.min(240, pixels)) * strength);
}

// On the way from one camera to another: sizes change by equal factors in equal times, about one point.
export function mixCameras(from, to, share) {
  const k = from.k * (to.k / from.k) ** share;
  const far = to.k === from.k ? share : (k - from.k) / (to.k - from.k);
  return { x: from.x + (to.x - from.x) * far, y: from.y + (to.y - from.y) * far, k };
}

function roomIn(stage) {
  return { w: stage.w - 2 * MARGIN, h: stage.h - 2 * MARGIN };
}

export function fitCamera(board, stage, { largest } = USUAL) {
  const room = roomIn(stage);
  const k = Math.max(LEAST, Math.min(largest, room.w / board.w, room.h / board.h));
  return { x: MARGIN + (room.w - board.w * k) / 2, y: MARGIN + (room.h - board.h * k) / 2, k };
}

// Everything where that can be read; otherwise the beginning, at a size that can, or as much lower and further aside as
// it takes for the first difference to be seen. `first` is the place of the first box, `different` that of it.
export function beginCamera(board, stage, { first, different }, sizes = USUAL) {
  const all = fitCamera(board, stage, sizes), { readable } = sizes;
  if (all.k >= readable) return all;
  const room = roomIn(stage);
  const filling = Math.min(0.85, Math.max(room.w / board.w, room.h / board.h));
  const k = all.k > 0.5 ? readable : Math.max(readable, filling); // what nearly fits shows as much as it can
  const x = placeIn(room.w, board.w * k, (first.x + first.w / 2) * k);
  const y = placeIn(room.h, board.h * k, (first.y + first.h / 2) * k);
  const camera = { x: MARGIN + x, y: MARGIN + y, k };
  if (!different) return camera;
  const lower = MARGIN + room.h - BELOW - (different.y + different.h) * k;
  return { x: nudgeCamera(camera, different, stage).x, y: Math.min(camera.y, lower), k };
}

// Somebody has chosen what is open: everything where that is legible, otherwise `rect`, the block inside which nothing
// else is open, as far as it fits.
export function linkedCamera(board, stage, rect, sizes = USUAL) {
  const all = fitCamera(board, stage, sizes), { legible, readable } = sizes, room = roomIn(stage);
  if (all.k >= legible) return all;
  const k = Math.min(Math.max(1, readable), Math.max(legible, fitCamera(rect, stage, sizes).k));
  const x = placeIn(room.w, board.w * k, (rect.x + rect.w / 2) * k);
  const y = placeIn(room.h, board.h * k, (rect.y + rect.h / 2) * k);
  const camera = nudgeCamera({ x: MARGIN + x, y: MARGIN + y, k }, rect, stage);
  // Of a block that is too wide anyway the beginning is shown with the narrow strip before it, where lines lead around.
  return rect.w * k > room.w && rect.x * k < STRIP * room.w ? { ...camera, x: MARGIN } : camera;
}

// In the middle where there is room; else with the point in the middle, as far as that leaves no empty room.
function placeIn(room, size, point) {
  if (size <= room) return (room - size) / 2;
  return Math.min(0, Math.max(room - size, room / 2 - point));
}

// Moved as little as it takes for `rect` to be seen; of what is too large, its upper left corner.
export function nudgeCamera(camera, rect, stage) {
  const nudge = (low, high, size, margin) => {
    if (low < margin) return margin - low;
    return high > size - margin ? Math.max(margin - low, size - margin - high) : 0;
  };
  const [left, top] = [rect.x * camera.k + camera.x, rect.y * camera.k + camera.y];
  const dx = nudge(left, left + rect.w * camera.k, stage.w, MARGIN);
  return moveCamera(camera, dx, nudge(top, top + rect.h * camera.k, stage.h, MARGIN));
}

// With `rect` in the middle, large enough to be read.
export function centerCamera(camera, rect, stage, { readable } = USUAL) {
  const k = Math.max(camera.k, readable);
  return { x: stage.w / 2 - (rect.x + rect.w / 2) * k, y: stage.h / 2 - (rect.y + rect.h / 2) * k, k };
}

// A box has opened or closed: all of the picture, where `whole` was seen and can still be read; else moved as little as
// it takes to see `rect`, with the `input` that was seen as long as there is room for both. What fits stays inside.
export function openedCamera(camera, { board, rect, input, whole }, stage, sizes = USUAL) {
  const all = fitCamera(board, stage, sizes), room = roomIn(stage);
  if (whole && all.k >= sizes.readable) return all;
  const fits = (size, side) => size * camera.k <= room[side];
  const both = input ? unite(rect, input) : rect;
  const seen = nudgeCamera(camera, fits(both.w, "w") && fits(both.h, "h") ? both : rect, stage);
  const inside = nudgeCamera(seen, { x: 0, y: 0, ...board }, stage);
  return { x: fits(board.w, "w") ? inside.x : seen.x, y: fits(board.h, "h") ? inside.y : seen.y, k: camera.k };
}

function unite(one, other) {
  const x = Math.min(one.x, other.x), y = Math.min(one.y, other.y);
  return { x, y, w: Math.max(one.x + one.w, other.x + other.w) - x, h: Math.max(one.y + one.h, other.y + other.h) - y };
}

// At which sides `rect` goes on outside the stage.
export function hiddenSides({ x, y, k }, rect, stage) {
  const [left, top] = [rect.x * k + x, rect.y * k + y];
  return { left: left < -1, top: top < -1, right: left + rect.w * k - stage.w > 1, bottom: top + rect.h * k - stage.h > 1 };
}

// On the page. A viewer `v` has its `board`, its `camera`, the size of a stage (all are alike) and its panes.

export function setCamera(v, camera) {
  v.camera = camera;
  for (const { svg, shift } of v.panes) {
    if (!svg) continue;
    svg.style.transform = `translate(${camera.x + shift * camera.k}px, ${camera.y}px) scale(${camera.k})`;
    svg.classList.add("moving");
  }
  clearTimeout(v.settling);
  v.settling = setTimeout(() => settle(v), 140);
  v.part(".percent").textContent = `${Math.round(camera.k * 100)} %`;
}

// Letting go of the layer makes the browser draw the letters sharply at the new size.
function settle(v) {
  v.root.classList.toggle("far", v.camera.k < 0.4);
  const knob = String(Math.round(Math.min(1.4, Math.max(1, 0.8 / v.camera.k)) * 10) / 10); // never too small to hit
  if (v.knob !== knob) v.root.style.setProperty("--knob", (v.knob = knob));
  for (const { svg, stage, size, shift } of v.panes) {
    if (!svg) continue;
    svg.classList.remove("moving");
    const sides = hiddenSides(v.camera, { x: shift, y: 0, w: size.w, h: v.board.h }, v.stageSize);
    for (const [side, hidden] of Object.entries(sides)) stage.style.setProperty(`--${side}`, hidden ? "1" : "0");
  }
}

export function glide(v, goal, duration = 200) {
  cancelAnimationFrame(v.gliding);
  if (calm() || document.hidden) return setCamera(v, goal);
  const start = performance.now(), from = v.camera;
  const step = (now) => {
    const t = Math.min(1, Math.max(0, now - start) / duration);
    setCamera(v, mixCameras(from, goal, 1 - (1 - t) ** 3));
    if (t < 1) v.gliding = requestAnimationFrame(step);
  };
  v.gliding = requestAnimationFrame(step);
}

export function viewSizes() {
  return isProjected() ? PROJECTED : USUAL;
}

export function zoomTo(v, what) {
  v.fitted = what === "fit" ? "whole" : "";
  if (v.fitted) return glide(v, fitCamera(v.board, freeStage(v), viewSizes()));
  const factor = { in: 1.25, out: 0.8, one: 1 / v.camera.k }[what];
  glide(v, zoomCamera(v.camera, factor, v.stageSize.w / 2, v.stageSize.h / 2), 140);
}

// What nobody has moved since it was fitted is fitted again.
export function refit(v, gently = false) {
  if (!v.stageSize.w) return; // not on the screen yet: `resized` comes back
  const goal = v.fitted === "whole" ? fitCamera(v.board, freeStage(v), viewSizes()) : beginning(v);
  if (gently) return glide(v, goal);
  cancelAnimationFrame(v.gliding);
  setCamera(v, goal);
  settle(v);
}

// What a link has selected is seen from the beginning.
function beginning(v) {
  const items = v.panes.flatMap((pane) => [...pane.items.values()]);
  const first = items.find((item) => !item.frame)?.rect ?? { x: 0, y: 0, w: v.board.w, h: v.board.h };
  const different = firstDifferent(items)?.rect;
  const stage = freeStage(v), chosen = v.panes[v.selected.place]?.items.get(v.selected.id);
  const block = v.data.opened && innermost(items, chosen);
  const camera = block
    ? linkedCamera(v.board, stage, block.rect, viewSizes())
    : beginCamera(v.board, stage, { first, different }, viewSizes());
  return chosen ? nudgeCamera(camera, chosen.rect, stage) : camera;
}

// The highest in an opened block that differs by itself, which says more than a folded one with something changed inside;
// else the highest of all.
export function firstDifferent(items) {
  const ends = ({ rect }) => rect.y + rect.h;
  const different = items.filter(({ mark }) => mark).sort((one, other) => ends(one) - ends(other));
  const opened = (item) => items.some((each) => each.frame && each.place === item.place && holds(each, item));
  return different.find((item) => !(item.box.foldable && item.mark.status === "changed") && opened(item)) ?? different[0];
}

// Of the opened blocks the one that holds what is selected, or else the first, inside which nothing is open.
function innermost(items, chosen) {
  const frames = items.filter(({ frame }) => frame), holder = chosen && frames.findLast((frame) => holds(frame, chosen));
  return holder ?? frames.find((frame) => !frames.some((other) => other !== frame && holds(frame, other)));
}

function holds({ rect }, { rect: inner }) {
  return inner.x >= rect.x && inner.y >= rect.y && inner.x + inner.w <= rect.x + rect.w && inner.y + inner.h <= rect.y + rect.h;
}

// What the panel over the picture leaves free.
export function freeStage({ stageSize: { w, h }, covered }) {
  return { w: w - covered, h };
}

// Kept, because asking the page for it lays out the whole picture.
export function measure(v) {
  const stage = v.panes.find((pane) => pane.stage)?.stage;
  v.stageSize = { w: stage?.clientWidth ?? 0, h: stage?.clientHeight ?? 0 };
}

export function resized(v) {
  const was = v.stageSize;
  measure(v);
  const { w, h } = v.stageSize;
  if (!w || (was.w === w && was.h === h)) return;
  const { readable } = viewSizes();
  if (readable !== v.readable) v.fitted = "beginning"; // projector mode was switched on or off
  v.readable = readable;
  if (v.fitted || !was.w) return refit(v);
  setCamera(v, moveCamera(v.camera, (w - was.w) / 2, (h - was.h) / 2));
}

export function intoView(v, item) {
  if (!isSeen(v, item)) glide(v, nudgeCamera(v.camera, item.rect, freeStage(v)));
}

// After `opened` was opened or folded: `old` is what was shown before.
export function followOpened(v, old, opened) {
  const stage = freeStage(v);
  const seen = (rect) => !Object.values(hiddenSides(old.camera, rect, stage)).includes(true);
  const input = v.panes[opened.place].items.get("input"), was = old.panes[opened.place]?.items.get("input");
  const whole = seen({ x: 0, y: 0, ...old.board });
  const goal = openedCamera(v.camera, { board: v.board, rect: opened.rect, input: was && seen(was.rect) && input?.rect, whole }, stage, viewSizes());
  v.fitted = whole && goal.k === fitCamera(v.board, stage, viewSizes()).k ? "whole" : "";
  if (goal.x !== v.camera.x || goal.y !== v.camera.y || goal.k !== v.camera.k) glide(v, goal);
}

export function isSeen(v, { rect }) {
  const { x, y } = nudgeCamera(v.camera, rect, freeStage(v));
  return x === v.camera.x && y === v.camera.y;
}

export function center(v, { rect }) {
  v.fitted = "";
  glide(v, centerCamera(v.camera, rect, v.stageSize, viewSizes()));
}
