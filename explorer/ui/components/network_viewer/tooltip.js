// What lies over the pictures: the tooltip of what the mouse is on, and hints.

import { isProjected, make } from "../shared.js";

const hinted = new Set(); // what was said already

export function paneAt(v, target) {
  return v.panes.find(({ stage }) => stage?.contains(target));
}

export function itemAt(v, target) {
  const holder = target.closest?.(".box, .frame-title, .fold")?.closest(".box, .group");
  return holder && paneAt(v, target)?.items.get(holder.dataset.id);
}

// Tooltip and highlighted edges

export function hover(v, event) {
  const item = itemAt(v, event.target);
  for (const edge of v.stage.querySelectorAll(".hot")) edge.classList.remove("hot");
  clearTimeout(v.tipping);
  if (!item || (v.dragged && v.pointers.size)) return hideTooltip(v);
  for (const edge of v.panes[item.place].edges.get(item.id) ?? []) edge.classList.add("hot");
  v.tipping = setTimeout(() => showTooltip(v, item), v.part(".tooltip").hidden ? 220 : 60);
}

export function showTooltip(v, item) {
  const { title, op, lines = [] } = item.box;
  const heading = make("strong", "", title || item.id);
  if (op && !title.toLowerCase().includes(op.toLowerCase())) heading.append(make("em", "", op));
  const told = lines.filter((line) => line !== title);
  if (item.frame || item.box.foldable) told.push(`Double-click to ${item.frame ? "fold" : "open"}`);
  v.part(".tooltip").replaceChildren(heading, ...told.map((line) => make("div", "", line)));
  v.part(".tooltip").hidden = false;
  dismissHint(v);
  placeTooltip(v, item);
}

// Beside the box, on the side that the flow leaves free, and never under the panel.
function placeTooltip(v, { rect, frame, place }) {
  const tip = v.part(".tooltip");
  const [stage, all] = [v.panes[place].stage, v.stage].map((el) => el.getBoundingClientRect());
  const x = v.camera.x + stage.left - all.left, y = v.camera.y + stage.top - all.top, { k } = v.camera;
  const space = { w: all.width - v.covered - tip.offsetWidth - 8, h: all.height - tip.offsetHeight - 8 };
  let at = { x: (rect.x + rect.w) * k + x + 16, y: rect.y * k + y };
  if (v.data.direction === "LR" || frame) at = { x: rect.x * k + x, y: (rect.y + (frame ? 28 : rect.h)) * k + y + 14 };
  if (at.x > space.w && rect.x * k + x > tip.offsetWidth + 24) at.x = rect.x * k + x - tip.offsetWidth - 16;
  const within = (value, most) => Math.max(8, Math.min(value, most));
  tip.style.transform = `translate(${within(at.x, space.w)}px, ${within(at.y, space.h)}px)`;
}

export function hideTooltip(v) {
  clearTimeout(v.tipping);
  v.part(".tooltip").hidden = true;
}

// Hints

export function hint(v, text, duration) {
  const el = v.part(".hint");
  el.textContent = text;
  el.hidden = false;
  clearTimeout(v.hinting);
  if (duration) v.hinting = setTimeout(() => (el.hidden = true), duration);
}

// Beside several pictures only where there is no room under them to say it for good, and not on a projector's screen,
// where it would lie over a large box.
export function welcome(v) {
  const note = v.part(".pane .note"), several = v.data.several;
  if (several && (isProjected() || !note || note.checkVisibility())) return;
  const words = several ? note.textContent : "Click to select · double-click or + to look inside · drag to move";
  if (!hinted.has(words)) hint(v, words, 8000);
  hinted.add(words);
}

export function dismissHint(v) {
  clearTimeout(v.hinting);
  v.part(".hint").hidden = true;
}
