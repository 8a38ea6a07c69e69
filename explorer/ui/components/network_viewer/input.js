// Mouse, touch, wheel and keys, in any of the panes.

import { isFullScreen, switchFullScreen } from "./full_screen.js";
import { intoView, moveCamera, pinchCamera, setCamera, wheelFactor, zoomCamera, zoomTo } from "./pan_zoom.js";
import { clearSearch, listenToTools, searchKeyed } from "./panels.js";
import { focusable, select, toggle } from "./selection.js";
import { dismissHint, hideTooltip, hint, hover, itemAt, paneAt, showTooltip } from "./tooltip.js";

const DRAG = 4; // px before a press becomes a drag
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export function listen(v) {
  const { signal } = v.abort;
  const on = (target, type, handler, options = {}) =>
    target.addEventListener(type, (event) => handler(v, event), { signal, ...options });
  const presses = { pointerdown: press, pointermove: move, pointerup: release, pointercancel: release, click, dblclick: doubleClick };
  const rest = { pointerover: hover, pointerleave: hover, focusin: focus, focusout: hideTooltip };
  for (const [type, handler] of Object.entries({ ...presses, ...rest })) on(v.stage, type, handler);
  on(v.stage, "wheel", wheel, { passive: false });
  on(v.root, "keydown", pressKey);
  on(document, "pointerdown", pressAnywhere, { capture: true });
  listenToTools(v, on);
}

// Pressing and dragging; two fingers pinch

function press(v, event) {
  const stage = paneAt(v, event.target)?.stage;
  dismissHint(v);
  if (event.button > 1 || !stage) return;
  cancelAnimationFrame(v.gliding);
  v.origin = stage.getBoundingClientRect();
  if (event.isPrimary) v.pointers.clear();
  v.pointers.set(event.pointerId, pointOf(v, event));
  if (event.isPrimary) v.dragged = false;
  v.pressedAt = pointOf(v, event);
  if (event.button === 1) event.preventDefault();
}

function pointOf({ origin }, event) {
  return { x: event.clientX - origin.left, y: event.clientY - origin.top };
}

function move(v, event) {
  const was = v.pointers.get(event.pointerId);
  if (!was) return;
  const now = pointOf(v, event);
  const far = Math.hypot(now.x - v.pressedAt.x, now.y - v.pressedAt.y);
  if (!v.dragged && v.pointers.size === 1 && far < DRAG) return;
  if (!v.dragged) startDrag(v, event);
  const other = [...v.pointers].find(([id]) => id !== event.pointerId)?.[1];
  setCamera(v, other ? pinchCamera(v.camera, was, now, other) : moveCamera(v.camera, now.x - was.x, now.y - was.y));
  v.pointers.set(event.pointerId, now);
}

function startDrag(v, event) {
  v.dragged = true;
  v.fitted = "";
  v.stage.setPointerCapture(event.pointerId);
  v.stage.classList.add("dragging");
  hideTooltip(v);
}

function release(v, event) {
  v.pointers.delete(event.pointerId);
  if (!v.pointers.size) v.stage.classList.remove("dragging");
}

function pressAnywhere(v, event) {
  const path = event.composedPath();
  v.active = path.includes(v.stage);
  const menu = v.part(".export");
  if (menu.open && !path.includes(menu)) menu.open = false;
}

// Clicking

function click(v, event) {
  if (v.dragged || !paneAt(v, event.target)) return;
  const item = itemAt(v, event.target);
  if (event.target.closest(".fold")) return event.detail <= 1 && toggle(v, item);
  select(v, item);
  item?.el.focus({ preventScroll: true, focusVisible: false });
}

function doubleClick(v, event) {
  if (!event.target.closest(".fold")) toggle(v, itemAt(v, event.target));
}

// The wheel zooms once the viewer was clicked; a page scrolled past it goes on scrolling.

function wheel(v, event) {
  const stage = paneAt(v, event.target)?.stage;
  if (!stage) return;
  const passing = event.timeStamp - (v.passedAt ?? -1e9) < 250;
  if (!event.ctrlKey && !event.metaKey && !isFullScreen(v) && (!v.active || passing)) {
    v.passedAt = event.timeStamp;
    if (!v.active) hint(v, "Click, or Ctrl + scroll, to zoom", 1600);
    return;
  }
  event.preventDefault();
  dismissHint(v);
  cancelAnimationFrame(v.gliding);
  v.fitted = "";
  const { left, top } = stage.getBoundingClientRect();
  setCamera(v, zoomCamera(v.camera, wheelFactor(event), event.clientX - left, event.clientY - top));
}

// Keys

function pressKey(v, event) {
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
  const pane = paneAt(v, target), box = pane?.items.get(target.closest(".box, .group")?.dataset.id);
  const here = box ?? pane?.items.get(pane.focused);
  if (ARROWS[key] && here) return () => walk(v, here, ...ARROWS[key]);
  if (box && key === "Enter" && (box.frame || box.box.foldable)) return () => toggle(v, box);
  if (box && (key === "Enter" || key === " ")) return () => select(v, box);
  return {
    "Escape": () => escape(v),
    "+": () => zoomTo(v, "in"),
    "=": () => zoomTo(v, "in"),
    "-": () => zoomTo(v, "out"),
    "0": () => zoomTo(v, "fit"),
    "/": !v.data.several && (() => v.part(".search input").focus()),
    "f": () => switchFullScreen(v),
  }[key.length > 1 ? key : key.toLowerCase()];
}

function escape(v) {
  const menu = v.part(".export");
  if (menu.open) menu.open = false;
  else if (v.part(".search input").value) clearSearch(v);
  else select(v);
}

function walk(v, here, dx, dy) {
  const pane = v.panes[here.place];
  const next = nextInDirection(here, [...pane.items.values()], dx, dy, () => alongFlow(pane, here, dy || dx));
  if (!next) return;
  next.el.focus({ preventScroll: true, focusVisible: true });
  if (v.data.several) select(v, next); // what it costs, and its counterparts, are told as one walks
  intoView(v, next);
}

// The item that lies nearest in a direction; what lies aside counts double, so that a column is followed downwards.
// Where that is far aside, what `alongFlow` finds.
export function nextInDirection(here, items, dx, dy, alongFlow = () => undefined) {
  const middle = ({ rect, frame }) => ({ x: rect.x + rect.w / 2, y: rect.y + (frame ? 8 : rect.h / 2) });
  const from = middle(here);
  let best;
  for (const item of items) {
    const to = middle(item);
    const along = (to.x - from.x) * dx + (to.y - from.y) * dy;
    const aside = Math.abs((to.x - from.x) * dy) + Math.abs((to.y - from.y) * dx);
    const cost = along + 2 * aside;
    if (item !== here && along > 1 && along >= aside / 2 && (!best || cost < best.cost)) best = { cost, aside, item };
  }
  return !best || best.aside > 150 ? alongFlow() ?? best?.item : best.item;
}

// At a column's foot the flow goes on in the next column.
function alongFlow({ edges, items }, { id }, sign) {
  const [here, there] = sign > 0 ? ["from", "to"] : ["to", "from"];
  const edge = edges.get(id)?.find(({ dataset }) => dataset[here] === id);
  return edge && items.get(edge.dataset[there]);
}

function focus(v, event) {
  const holder = event.target.closest(".box, .group");
  const item = holder && paneAt(v, holder)?.items.get(holder.dataset.id);
  if (!item) return;
  focusable(v, item);
  v.active = true;
  if (holder.matches(":focus-visible")) showTooltip(v, item);
}
