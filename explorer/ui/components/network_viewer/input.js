// Mouse, touch, wheel and keys.

import { intoView, moveCamera, pinchCamera, setCamera, stop, wheelFactor, zoomCamera, zoomTo } from "./pan_zoom.js";
import { clearSearch, fullScreen, fullScreenChanged, listenToTools, searchKeyed } from "./panels.js";
import { enter, focusable, select, toggle } from "./selection.js";
import { dismissHint, hideTooltip, hint, hovered, itemAt, left, showTooltip } from "./tooltip.js";

const DRAG = 4; // px before a press becomes a drag
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export function listen(v) {
  const { signal } = v.abort;
  const on = (target, type, handler, options = {}) =>
    target.addEventListener(type, (event) => handler(v, event), { signal, ...options });
  on(v.stage, "pointerdown", pressed);
  on(v.stage, "pointermove", moved);
  on(v.stage, "pointerup", released);
  on(v.stage, "pointercancel", released);
  on(v.stage, "click", clicked);
  on(v.stage, "dblclick", doubleClicked);
  on(v.stage, "wheel", wheeled, { passive: false });
  on(v.stage, "pointerover", hovered);
  on(v.stage, "pointerleave", left);
  on(v.stage, "focusin", focused);
  on(v.stage, "focusout", hideTooltip);
  on(v.root, "keydown", keyed);
  on(document, "pointerdown", pressedAnywhere, { capture: true });
  on(document, "fullscreenchange", fullScreenChanged);
  listenToTools(v, on);
}

// Pressing and dragging; two fingers pinch

function pressed(v, event) {
  dismissHint(v);
  if (event.button > 1) return;
  stop(v);
  v.pointers ??= new Map();
  if (event.isPrimary) v.pointers.clear();
  v.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  if (event.isPrimary) v.dragged = false;
  v.pressedAt = { x: event.clientX, y: event.clientY };
  if (event.button === 1) event.preventDefault();
}

function moved(v, event) {
  const was = v.pointers?.get(event.pointerId);
  if (!was) return;
  const far = Math.hypot(event.clientX - v.pressedAt.x, event.clientY - v.pressedAt.y);
  if (!v.dragged && v.pointers.size === 1 && far < DRAG) return;
  if (!v.dragged) startDrag(v, event);
  const now = { x: event.clientX, y: event.clientY };
  if (v.pointers.size === 2) pinch(v, event.pointerId, was, now);
  else setCamera(v, moveCamera(v.camera, now.x - was.x, now.y - was.y));
  v.pointers.set(event.pointerId, now);
}

function startDrag(v, event) {
  v.dragged = true;
  v.fitted = "";
  v.stage.setPointerCapture(event.pointerId);
  v.stage.classList.add("dragging");
  hideTooltip(v);
}

function pinch(v, id, was, now) {
  const [, other] = [...v.pointers].find(([key]) => key !== id);
  const { left, top } = v.stage.getBoundingClientRect();
  const onStage = ({ x, y }) => ({ x: x - left, y: y - top });
  setCamera(v, pinchCamera(v.camera, onStage(was), onStage(now), onStage(other)));
}

function released(v, event) {
  v.pointers?.delete(event.pointerId);
  if (!v.pointers?.size) v.stage.classList.remove("dragging");
}

function pressedAnywhere(v, event) {
  const inside = event.composedPath().includes(v.root);
  v.active = inside && event.composedPath().includes(v.stage);
  const menu = v.part(".export");
  if (menu.open && !event.composedPath().includes(menu)) menu.open = false;
}

// Clicking

export function clicked(v, event) {
  if (v.dragged) return;
  const item = itemAt(v, event.target);
  if (event.target.closest(".fold")) {
    if (event.detail <= 1) toggle(v, item.id);
    return;
  }
  select(v, item?.id ?? "");
  if (item) item.el.focus({ preventScroll: true, focusVisible: false });
}

function doubleClicked(v, event) {
  if (event.target.closest(".fold")) return;
  const item = itemAt(v, event.target);
  if (item) toggle(v, item.id);
}

// The wheel zooms once the viewer was clicked; a page scrolled past it goes on scrolling.

function wheeled(v, event) {
  const passing = event.timeStamp - (v.passedAt ?? -1e9) < 250;
  const full = Boolean(v.root.getRootNode().fullscreenElement);
  if (!event.ctrlKey && !event.metaKey && !full && (!v.active || passing)) {
    v.passedAt = event.timeStamp;
    if (!v.active) hint(v, "Click, or Ctrl + scroll, to zoom", 1600);
    return;
  }
  event.preventDefault();
  dismissHint(v);
  stop(v);
  v.fitted = "";
  const { left, top } = v.stage.getBoundingClientRect();
  setCamera(v, zoomCamera(v.camera, wheelFactor(event), event.clientX - left, event.clientY - top));
}

// Keys

function keyed(v, event) {
  if (event.target.matches("input, select")) return searchKeyed(v, event);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const action = keyAction(v, event);
  if (!action) return;
  event.preventDefault();
  event.stopPropagation();
  dismissHint(v);
  action();
}

function keyAction(v, { key, target }) {
  const onBox = v.svg?.contains(target);
  const arrow = ARROWS[key];
  if (arrow && (onBox || target === v.stage)) return () => walk(v, ...arrow);
  if (onBox && key === "Enter") return () => enter(v);
  if (onBox && key === " ") return () => select(v, v.focused);
  return {
    "Escape": () => escape(v),
    "+": () => zoomTo(v, "in"),
    "=": () => zoomTo(v, "in"),
    "-": () => zoomTo(v, "out"),
    "0": () => zoomTo(v, "fit"),
    "/": () => v.part(".search input").focus(),
    "f": () => fullScreen(v),
    "F": () => fullScreen(v),
  }[key];
}

function escape(v) {
  const menu = v.part(".export");
  if (menu.open) menu.open = false;
  else if (v.part(".search input").value) clearSearch(v);
  else select(v, "");
}

// The box that lies nearest in a direction; what lies aside counts double, so that a column is followed downwards.
function walk(v, dx, dy) {
  const here = v.items.get(v.focused);
  if (!here) return;
  const middle = ({ rect, frame }) => ({ x: rect.x + rect.w / 2, y: rect.y + (frame ? 8 : rect.h / 2) });
  const from = middle(here);
  let best;
  for (const item of v.items.values()) {
    const to = middle(item);
    const along = (to.x - from.x) * dx + (to.y - from.y) * dy;
    const aside = Math.abs((to.x - from.x) * dy) + Math.abs((to.y - from.y) * dx);
    const cost = along + 2 * aside;
    if (item !== here && along > 1 && along >= aside / 2 && (!best || cost < best.cost)) best = { cost, aside, item };
  }
  const next = !best || best.aside > 150 ? alongFlow(v, dy || dx) ?? best?.item : best.item;
  if (!next) return;
  next.el.focus({ preventScroll: true, focusVisible: true });
  intoView(v, next);
}

// At a column's foot the flow goes on in the next column.
function alongFlow(v, sign) {
  const [here, there] = sign > 0 ? ["from", "to"] : ["to", "from"];
  const edge = v.edges.get(v.focused)?.find(({ dataset }) => dataset[here] === v.focused);
  return edge && v.items.get(edge.dataset[there]);
}

function focused(v, event) {
  const holder = event.target.closest(".box, .group");
  if (!holder) return;
  focusable(v, holder.dataset.id);
  v.active = true;
  if (holder.matches(":focus-visible")) showTooltip(v, v.focused);
}
