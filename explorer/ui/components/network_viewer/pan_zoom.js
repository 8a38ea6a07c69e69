// The camera: which part of the picture is on the screen, and how large. screen = picture × k + (x, y).

import { calm } from "../shared.js";

const LEAST = 0.03;
const MOST = 4;
const READABLE = 0.64; // titles of 9 px: below this, a first view shows the beginning instead of everything
const LARGEST = 1.6; // small networks fill a large screen, as far as that looks well
const MARGIN = { x: 12, top: 8, bottom: 8 };

export function setCamera(v, camera) {
  v.camera = camera;
  if (!v.svg) return;
  v.svg.style.transform = `translate(${camera.x}px, ${camera.y}px) scale(${camera.k})`;
  v.svg.classList.add("moving");
  clearTimeout(v.settling);
  v.settling = setTimeout(() => settle(v), 140);
  v.part(".percent").textContent = `${Math.round(camera.k * 100)} %`;
}

// Letting go of the layer makes the browser draw the letters sharply at the new size.
function settle(v) {
  v.svg.classList.remove("moving");
  v.root.classList.toggle("far", v.camera.k < 0.4);
  const knob = String(Math.round(Math.min(1.4, Math.max(1, 0.8 / v.camera.k)) * 10) / 10); // never too small to hit
  if (v.knob !== knob) v.root.style.setProperty("--knob", (v.knob = knob));
  showMore(v);
}

// A shade at each side where the picture goes on.
function showMore(v) {
  const { x, y, k } = v.camera;
  const over = { left: -x, top: -y, right: x + v.size.w * k - v.stageSize.w, bottom: y + v.size.h * k - v.stageSize.h };
  for (const [side, beyond] of Object.entries(over)) v.stage.style.setProperty(`--${side}`, beyond > 1 ? "1" : "0");
}

function glide(v, goal, duration = 200) {
  cancelAnimationFrame(v.gliding);
  if (calm() || document.hidden) return setCamera(v, goal);
  const start = performance.now();
  const from = v.camera;
  const step = (now) => {
    const t = Math.min(1, Math.max(0, now - start) / duration);
    const ease = 1 - (1 - t) ** 3;
    const k = from.k * (goal.k / from.k) ** ease;
    const share = goal.k === from.k ? ease : (k - from.k) / (goal.k - from.k);
    setCamera(v, { x: from.x + (goal.x - from.x) * share, y: from.y + (goal.y - from.y) * share, k });
    if (t < 1) v.gliding = requestAnimationFrame(step);
  };
  v.gliding = requestAnimationFrame(step);
}

export function stop(v) {
  cancelAnimationFrame(v.gliding);
}

export function toPicture(v, x, y) {
  return { x: (x - v.camera.x) / v.camera.k, y: (y - v.camera.y) / v.camera.k };
}

export function zoomed(v, factor, x, y) {
  const k = Math.min(MOST, Math.max(LEAST, v.camera.k * factor));
  const at = toPicture(v, x, y);
  return { x: x - at.x * k, y: y - at.y * k, k };
}

export function zoomMiddle(v, factor) {
  v.fitted = false;
  glide(v, zoomed(v, factor, v.stageSize.w / 2, v.stageSize.h / 2), 140);
}

function room(v) {
  return { w: v.stageSize.w - 2 * MARGIN.x, h: v.stageSize.h - MARGIN.top - MARGIN.bottom };
}

function fitted(v) {
  const space = room(v);
  const k = Math.max(LEAST, Math.min(LARGEST, space.w / v.size.w, space.h / v.size.h));
  return { x: MARGIN.x + (space.w - v.size.w * k) / 2, y: MARGIN.top + (space.h - v.size.h * k) / 2, k };
}

export function fit(v) {
  v.fitted = true;
  glide(v, fitted(v));
}

// Everything where that can be read; otherwise the beginning, at a size that can.
function beginning(v) {
  const all = fitted(v);
  if (all.k >= READABLE) return all;
  const space = room(v);
  const filling = Math.min(0.85, Math.max(space.w / v.size.w, space.h / v.size.h));
  const k = all.k > 0.5 ? READABLE : Math.max(READABLE, filling); // what nearly fits shows as much as it can
  const first = [...v.items.values()].find((item) => !item.frame)?.rect ?? { x: 0, y: 0, w: v.size.w, h: v.size.h };
  const x = placed(v.size.w * k, (first.x + first.w / 2) * k, space.w);
  const y = placed(v.size.h * k, (first.y + first.h / 2) * k, space.h);
  return { x: MARGIN.x + x, y: MARGIN.top + y, k };
}

// In the middle where there is room; else with the point in the middle, as far as that leaves no empty room.
function placed(size, point, space) {
  if (size <= space) return (space - size) / 2;
  return Math.min(0, Math.max(space - size, space / 2 - point));
}

export function firstView(v, gently = false) {
  v.fitted = true;
  if (!v.stageSize.w) return; // not on the screen yet: `resized` comes back
  stop(v);
  if (gently) glide(v, beginning(v));
  else setCamera(v, beginning(v));
  if (!gently) settle(v);
}

// Kept, because asking the page for it lays out the whole picture.
export function measure(v) {
  v.stageSize = { w: v.stage.clientWidth, h: v.stage.clientHeight };
}

export function resized(v) {
  const was = v.stageSize;
  measure(v);
  const { w, h } = v.stageSize;
  if (!w || !v.svg || (was.w === w && was.h === h)) return;
  if (v.fitted || !was.w) return firstView(v);
  setCamera(v, { ...v.camera, x: v.camera.x + (w - was.w) / 2, y: v.camera.y + (h - was.h) / 2 });
}

// Move as little as it takes for a box or frame to be seen.
export function intoView(v, id) {
  const item = v.items.get(id);
  if (!item) return;
  const { x, y, k } = v.camera;
  const { rect } = item;
  const nudge = (low, high, size, before, after) => {
    if (low < before) return before - low;
    return high > size - after ? Math.max(before - low, size - after - high) : 0;
  };
  const left = rect.x * k + x;
  const top = rect.y * k + y;
  const high = rect.h * k; // what is too large shows its upper left corner
  const wide = rect.w * k;
  const middle = left + (rect.w * k) / 2;
  const dx = nudge(middle - wide / 2, middle + wide / 2, v.stageSize.w, MARGIN.x, MARGIN.x);
  const dy = nudge(top, top + high, v.stageSize.h, MARGIN.top, MARGIN.bottom);
  if (dx || dy) glide(v, { x: x + dx, y: y + dy, k });
}

export function centre(v, id) {
  const { rect } = v.items.get(id);
  const k = Math.max(v.camera.k, READABLE);
  const x = v.stageSize.w / 2 - (rect.x + rect.w / 2) * k;
  v.fitted = false;
  glide(v, { x, y: v.stageSize.h / 2 - (rect.y + rect.h / 2) * k, k });
}
