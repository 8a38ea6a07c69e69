// Mouse, touch, wheel and keys, in any of the panes.

import { pointOut } from "./diff_list.js";
import { intoView, moveCamera, pinchCamera, setCamera, wheelFactor, zoomCamera, zoomTo } from "./pan_zoom.js";
import { paintSide } from "./side_colours.js";
import { selectSide, toggleSide } from "./side_selection.js";

export function listenSide(s) {
  const { signal } = s.abort;
  const on = (target, type, handler, options = {}) => target.addEventListener(type, handler, { signal, ...options });
  for (const button of s.root.querySelectorAll("[data-zoom]")) on(button, "click", () => zoomTo(s, button.dataset.zoom));
  on(s.part("[data-send=fold]"), "click", () => s.events.send({ type: "fold" }));
  on(s.part(".full"), "click", () => fullSide(s));
  on(s.part(".colour select"), "change", (event) => {
    s.colour = event.target.value;
    paintSide(s);
    s.events.send({ type: "colour", value: s.colour });
  });
  on(s.root, "keydown", (event) => keyedSide(s, event));
  on(document, "pointerdown", (event) => (s.active = event.composedPath().includes(s.part(".panes"))), { capture: true });
  on(document, "fullscreenchange", () => s.part(".full").setAttribute("aria-pressed", String(Boolean(fullScreenOf(s)))));
}

export function listenPane(s, pane) {
  const { stage } = pane;
  stage.addEventListener("pointerdown", (event) => pressSide(s, event));
  stage.addEventListener("pointermove", (event) => dragSide(s, pane, event));
  for (const type of ["pointerup", "pointercancel"]) stage.addEventListener(type, (event) => releaseSide(s, pane, event));
  stage.addEventListener("click", (event) => clickSide(s, pane, event));
  stage.addEventListener("dblclick", (event) => toggleSide(s, pane, itemUnder(pane, event)));
  stage.addEventListener("wheel", (event) => wheelSide(s, pane, event), { passive: false });
  stage.addEventListener("focusin", () => (s.active = true));
}

function itemUnder(pane, event) {
  const holder = event.target.closest?.(".box, .frame-title, .fold")?.closest(".box, .group");
  return holder ? pane.items.get(holder.dataset.id) : undefined;
}

function pressSide(s, event) {
  s.pointers ??= new Map();
  if (event.isPrimary) s.pointers.clear();
  s.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  s.dragged = false;
  s.pressed = { x: event.clientX, y: event.clientY };
  cancelAnimationFrame(s.gliding);
}

function dragSide(s, pane, event) {
  const was = s.pointers?.get(event.pointerId);
  if (!was) return;
  const now = { x: event.clientX, y: event.clientY };
  if (!s.dragged && s.pointers.size === 1 && Math.hypot(now.x - s.pressed.x, now.y - s.pressed.y) < 4) return;
  if (!s.dragged) {
    s.dragged = true;
    s.fitted = "";
    pane.stage.setPointerCapture(event.pointerId);
    s.root.classList.add("dragging");
  }
  if (s.pointers.size === 2) pinchSide(s, pane, event.pointerId, was, now);
  else setCamera(s, moveCamera(s.camera, now.x - was.x, now.y - was.y));
  s.pointers.set(event.pointerId, now);
}

function pinchSide(s, pane, id, was, now) {
  const [, other] = [...s.pointers].find(([key]) => key !== id);
  const { left, top } = pane.stage.getBoundingClientRect();
  const onStage = ({ x, y }) => ({ x: x - left, y: y - top });
  setCamera(s, pinchCamera(s.camera, onStage(was), onStage(now), onStage(other)));
}

function releaseSide(s, pane, event) {
  s.pointers?.delete(event.pointerId);
  s.root.classList.remove("dragging");
}

function clickSide(s, pane, event) {
  if (s.dragged) return;
  const item = itemUnder(pane, event);
  if (event.target.closest(".fold")) {
    if (event.detail <= 1) toggleSide(s, pane, item);
  } else selectSide(s, item ? pane.place : -1, item?.id ?? "");
}

function wheelSide(s, pane, event) {
  const passing = event.timeStamp - (s.passedAt ?? -1e9) < 250;
  if (!event.ctrlKey && !event.metaKey && !fullScreenOf(s) && (!s.active || passing)) {
    s.passedAt = event.timeStamp;
    return;
  }
  event.preventDefault();
  s.fitted = "";
  cancelAnimationFrame(s.gliding);
  const { left, top } = pane.stage.getBoundingClientRect();
  setCamera(s, zoomCamera(s.camera, wheelFactor(event), event.clientX - left, event.clientY - top));
}

function keyedSide(s, event) {
  if (event.target.matches("select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const pane = s.panes.find(({ stage }) => stage?.contains(event.target));
  const action = {
    "Escape": () => ((s.row = -1), selectSide(s, -1, ""), pointOut(s)),
    "+": () => zoomTo(s, "in"),
    "=": () => zoomTo(s, "in"),
    "-": () => zoomTo(s, "out"),
    "0": () => zoomTo(s, "fit"),
    "f": () => fullSide(s),
    "F": () => fullSide(s),
    "ArrowDown": pane && (() => walkSide(s, pane, 1)),
    "ArrowUp": pane && (() => walkSide(s, pane, -1)),
    "Enter": pane && (() => toggleSide(s, pane, pane.items.get(s.selected.id))),
    " ": pane && (() => walkSide(s, pane, 0)),
  }[event.key];
  if (!action) return;
  event.preventDefault();
  event.stopPropagation();
  action();
}

// From box to box, in the order of the picture.
function walkSide(s, pane, step) {
  const ids = [...pane.items.values()].filter(({ frame }) => !frame).map(({ id }) => id);
  const here = s.selected.pane === pane.place ? ids.indexOf(s.selected.id) : -1;
  const next = ids[Math.min(ids.length - 1, Math.max(0, here + step))];
  selectSide(s, pane.place, next);
  intoView(s, pane.items.get(next));
}

function fullScreenOf(s) {
  return s.root.getRootNode().fullscreenElement;
}

function fullSide(s) {
  if (fullScreenOf(s)) document.exitFullscreen();
  else s.root.requestFullscreen?.().catch(() => {});
}
