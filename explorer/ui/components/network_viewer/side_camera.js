// One camera for all pictures: where one is moved or zoomed, the others follow.

import { calm } from "../shared.js";

const NEAREST = 4;
const FARTHEST = 0.08;
const LEGIBLE = 0.66; // below this a first view shows the beginning instead of everything
const FULLEST = 1.25;

function stageOf(s) {
  const stage = s.panes.find((pane) => pane.stage)?.stage;
  return { w: stage?.clientWidth ?? 0, h: stage?.clientHeight ?? 0 };
}

function tallest(s) {
  return Math.max(1, ...s.panes.map((pane) => pane.size?.h ?? 1));
}

// How far the pictures reach to the left and to the right of the line that leads down from the input: it stands at the
// same place in every pane.
function reach(s) {
  const drawn = s.panes.filter((pane) => pane.size);
  return {
    left: Math.max(1, ...drawn.map(({ trunk }) => trunk)),
    right: Math.max(1, ...drawn.map(({ trunk, size }) => size.w - trunk)),
  };
}

function widest(s) {
  const { left, right } = reach(s);
  return left + right;
}

// In the middle where there is room, else from the left.
function sideways(s, k) {
  const { w } = stageOf(s);
  const { left, right } = reach(s);
  return (left + right) * k <= w - 12 ? ((left - right) / 2) * k : 6 + left * k - w / 2;
}

export function moveSide(s, camera) {
  s.camera = camera;
  const { w } = stageOf(s);
  for (const { svg, trunk } of s.panes) {
    if (!svg) continue;
    svg.style.transform = `translate(${w / 2 + camera.x - trunk * camera.k}px, ${camera.y}px) scale(${camera.k})`;
    svg.classList.add("moving");
  }
  clearTimeout(s.settling);
  s.settling = setTimeout(() => settleSide(s), 140);
  s.part(".percent").textContent = `${Math.round(camera.k * 100)} %`;
}

function settleSide(s) {
  const { x, y, k } = s.camera;
  const { w, h } = stageOf(s);
  s.root.classList.toggle("far", k < 0.4);
  for (const { svg, size, stage, trunk } of s.panes) {
    if (!svg) continue;
    svg.classList.remove("moving");
    const middle = w / 2 + x;
    const over = { left: trunk * k - middle, right: middle + (size.w - trunk) * k - w, top: -y, bottom: y + tallest(s) * k - h };
    for (const [side, beyond] of Object.entries(over)) stage.style.setProperty(`--${side}`, beyond > 1 ? "1" : "0");
  }
}

export function glideSide(s, goal, duration = 200) {
  cancelAnimationFrame(s.gliding);
  if (calm() || document.hidden) return moveSide(s, goal);
  const start = performance.now();
  const from = s.camera;
  const step = (now) => {
    const t = Math.min(1, Math.max(0, now - start) / duration);
    const ease = 1 - (1 - t) ** 3;
    const mix = (name) => from[name] + (goal[name] - from[name]) * ease;
    moveSide(s, { x: mix("x"), y: mix("y"), k: mix("k") });
    if (t < 1) s.gliding = requestAnimationFrame(step);
  };
  s.gliding = requestAnimationFrame(step);
}

// About a point of a pane, from its upper left corner.
export function zoomedSide(s, factor, px, py) {
  const { x, y, k } = s.camera;
  const next = Math.min(NEAREST, Math.max(FARTHEST, k * factor));
  const off = px - stageOf(s).w / 2;
  return { x: off - ((off - x) / k) * next, y: py - ((py - y) / k) * next, k: next };
}

export function zoomMiddleSide(s, factor) {
  const { w, h } = stageOf(s);
  s.fitted = false;
  glideSide(s, zoomedSide(s, factor, w / 2, h / 2), 140);
}

export function wholeSide(s) {
  const { w, h } = stageOf(s);
  const k = Math.max(FARTHEST, Math.min(FULLEST, (w - 16) / widest(s), (h - 20) / tallest(s)));
  return { x: sideways(s, k), y: Math.max(10, (h - tallest(s) * k) / 2), k };
}

export function beginSide(s) {
  const { w } = stageOf(s);
  if (!w) return;
  const all = wholeSide(s);
  const k = Math.max(LEGIBLE, Math.min(0.78, (w - 16) / widest(s)));
  moveSide(s, all.k >= LEGIBLE ? all : { x: sideways(s, k), y: down(s, k), k });
  settleSide(s);
}

// The beginning, or as much lower as it takes for the first difference to be seen.
function down(s, k) {
  const different = s.panes.flatMap((pane) => [...pane.items.values()].filter(({ mark }) => mark));
  const first = Math.min(...different.map(({ rect }) => rect.y + rect.h));
  const { h } = stageOf(s);
  return first * k + 10 < h - 24 || !Number.isFinite(first) ? 10 : h - 24 - first * k;
}

// What was opened or folded stays where it was.
export function keepSide(s) {
  moveSide(s, s.camera);
  const [place, id] = s.opened;
  const item = s.panes[place]?.items.get(id);
  if (item) intoSight(s, item);
}

export function intoSight(s, { rect }) {
  const { x, y, k } = s.camera;
  const { h } = stageOf(s);
  const top = rect.y * k + y;
  const bottom = top + Math.min(rect.h * k, h - 40);
  if (top < 12 || bottom > h - 12) glideSide(s, { x, y: Math.min(12, h / 2 - (rect.y + Math.min(rect.h, h / k) / 2) * k), k });
}

export function resizedSide(s) {
  const now = stageOf(s);
  if (!now.w || (s.stage?.w === now.w && s.stage?.h === now.h)) return;
  s.stage = now;
  if (s.fitted === "whole") moveSide(s, wholeSide(s));
  else if (s.fitted) beginSide(s);
  else moveSide(s, s.camera);
}
