// What lies over the picture: the tooltip of what the mouse is on, and hints.

import { make } from "./elements.js";

let hintSeen = false;

export function hovered(v, event) {
  const holder = event.target.closest?.(".box, .frame-title, .fold");
  const item = itemAt(v, event.target);
  for (const edge of v.svg?.querySelectorAll(".hot") ?? []) edge.classList.remove("hot");
  clearTimeout(v.tipping);
  v.hovered = holder ? item?.id : undefined;
  if (!v.hovered || v.dragged && v.pointers?.size) return hideTooltip(v);
  for (const edge of v.edges.get(v.hovered) ?? []) edge.classList.add("hot");
  const wait = v.part(".tooltip").hidden ? 220 : 60;
  v.tipping = setTimeout(() => showTooltip(v, v.hovered), wait);
}

export function itemAt(v, target) {
  const el = target.closest?.(".box, .frame-title, .fold");
  const holder = el?.closest(".box, .group");
  return holder ? v.items.get(holder.dataset.id) : undefined;
}

export function left(v) {
  hovered(v, { target: v.stage });
}

export function showTooltip(v, id) {
  const item = v.items.get(id);
  if (!item) return;
  const { title, op, lines = [] } = item.box;
  const heading = make("strong", title || id);
  const same = (word) => title.toLowerCase().includes(word.toLowerCase());
  if (op && !same(op)) heading.append(make("em", op));
  const folding = item.frame ? ["Double-click to fold"] : item.box.foldable ? ["Double-click to open"] : [];
  v.part(".tooltip").replaceChildren(heading, ...[...lines.filter((line) => line !== title), ...folding].map((line) => make("div", line)));
  v.part(".tooltip").hidden = false;
  dismissHint(v);
  placeTooltip(v, item);
}

// Beside the box, on the side that the flow leaves free.
function placeTooltip(v, { rect, frame }) {
  const tip = v.part(".tooltip");
  const { x, y, k } = v.camera;
  const space = { w: v.stageSize.w - tip.offsetWidth - 8, h: v.stageSize.h - tip.offsetHeight - 8 };
  const low = (rect.y + (frame ? 28 : rect.h)) * k + y + 14;
  let at = { x: (rect.x + rect.w) * k + x + 16, y: rect.y * k + y };
  if (v.data.direction === "LR" || frame) at = { x: rect.x * k + x, y: low };
  if (at.x > space.w && rect.x * k + x > tip.offsetWidth + 24) at.x = rect.x * k + x - tip.offsetWidth - 16;
  const within = (value, most) => Math.max(8, Math.min(value, most));
  tip.style.transform = `translate(${within(at.x, space.w)}px, ${within(at.y, space.h)}px)`;
}

export function hideTooltip(v) {
  clearTimeout(v.tipping);
  v.part(".tooltip").hidden = true;
}

export function hint(v, text, duration) {
  const el = v.part(".hint");
  el.textContent = text;
  el.hidden = false;
  clearTimeout(v.hinting);
  if (duration) v.hinting = setTimeout(() => (el.hidden = true), duration);
}

export function welcome(v) {
  if (hintSeen) return;
  hintSeen = true;
  hint(v, "Click to select · double-click or + to look inside · drag to move", 8000);
}

export function dismissHint(v) {
  clearTimeout(v.hinting);
  v.part(".hint").hidden = true;
}
