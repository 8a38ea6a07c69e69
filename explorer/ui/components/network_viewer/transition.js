// One picture exchanged for the next without losing the place.

import { calm } from "../shared.js";
import { firstView, intoView, layBoard, refit, setCamera, toBoard } from "./pan_zoom.js";
import { search } from "./panels.js";
import { focusable, showSelection } from "./selection.js";
import { indexPicture, parsePicture } from "./svg_scene.js";
import { hideTooltip } from "./tooltip.js";

const MOVE = { duration: 240, easing: "cubic-bezier(.2, .7, .2, 1)" };
const MOST_MOVED = 250; // more boxes than this appear at once: moving them would stutter

export function replacePicture(v, before) {
  const old = { items: v.items, camera: { ...v.camera }, svg: v.svg };
  const hadFocus = Boolean(v.svg?.contains(v.root.getRootNode().activeElement));
  v.text = v.data.svg;
  v.svg = parsePicture(v.text);
  v.svg.classList.add("diagram");
  v.size = { w: Number(v.svg.getAttribute("width")) || 1, h: Number(v.svg.getAttribute("height")) || 1 };
  v.board = layBoard([{ ...v.size, trunk: 0 }]);
  indexPicture(v);
  old.svg?.remove();
  v.stage.prepend(v.svg);
  hideTooltip(v);
  keepPlace(v, old, before);
  if (!v.items.has(v.selected)) v.selected = "";
  showSelection(v);
  if (v.part(".search input").value) search(v);
  focusable(v, v.items.has(v.focused) ? v.focused : v.selected || v.items.keys().next().value);
  if (hadFocus) v.items.get(v.focused)?.el.focus({ preventScroll: true });
}

function keepPlace(v, old, before) {
  const anchor = anchorOf(v, old);
  if (!old.svg || !anchor || before.name !== v.data.name || before.direction !== v.data.direction) {
    v.waitingFor = "";
    firstView(v);
    return appear(v.svg);
  }
  const { k } = old.camera;
  const was = topOf(old.items.get(anchor).rect);
  const is = topOf(v.items.get(anchor).rect);
  setCamera(v, { x: old.camera.x + (was.x - is.x) * k, y: old.camera.y + (was.y - is.y) * k, k });
  moveBoxes(v, old);
  if (v.waitingFor) intoView(v, v.items.get(anchor));
  else if (v.fitted) refit(v, true);
  if (v.waitingFor) v.fitted = "";
  v.waitingFor = "";
}

function topOf(rect) {
  return { x: rect.x + rect.w / 2, y: rect.y };
}

// What stays at its point on the screen: the box just opened, else the selected one, else the one nearest the middle.
function anchorOf(v, old) {
  const stays = (id) => id && old.items.has(id) && v.items.has(id);
  if (stays(v.waitingFor)) return v.waitingFor;
  if (stays(v.selected)) return v.selected;
  const middle = toBoard(v.camera, v.stageSize.w / 2, v.stageSize.h / 2);
  const far = ({ rect }) => Math.hypot(topOf(rect).x - middle.x, rect.y + rect.h / 2 - middle.y);
  const common = [...old.items.values()].filter(({ id, frame }) => !frame && stays(id));
  return common.sort((a, b) => far(a) - far(b))[0]?.id;
}

function moveBoxes(v, old) {
  if (calm() || v.items.size > MOST_MOVED) return appear(v.svg);
  const parent = old.items.get(v.waitingFor);
  for (const { id, el, rect, frame } of v.items.values()) {
    const from = old.items.get(id) ?? parent;
    if (!old.items.has(id)) appear(el);
    if (!from || frame) continue;
    const was = topOf(from.rect);
    const is = topOf(rect);
    const dx = was.x - is.x + (old.camera.x - v.camera.x) / v.camera.k;
    const dy = was.y - is.y + (old.camera.y - v.camera.y) / v.camera.k;
    if (Math.abs(dx) + Math.abs(dy) > 0.5) el.animate({ translate: [`${dx}px ${dy}px`, "0px 0px"] }, MOVE);
  }
  for (const edge of v.svg.querySelectorAll(".edge")) appear(edge, 90);
}

function appear(el, delay = 0) {
  if (!calm()) el.animate({ opacity: [0, 1] }, { duration: 180, delay, fill: "backwards" });
}
