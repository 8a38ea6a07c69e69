// What is selected, in focus, opened and folded.

import { addRing } from "./svg_scene.js";
import { hideTooltip } from "./tooltip.js";

export function select(v, id, tell = true) {
  if (!v.items.has(id)) id = "";
  const changed = id !== v.selected;
  v.selected = id;
  showSelection(v);
  if (id) focusable(v, id);
  if (changed && tell) v.events.send({ type: "select", id });
}

export function showSelection(v) {
  for (const el of v.svg?.querySelectorAll(".selected, .on") ?? []) {
    el.classList.remove("selected", "on");
    el.removeAttribute("aria-current");
  }
  const item = v.items.get(v.selected);
  if (!item) return;
  addRing(item);
  item.el.classList.add("selected");
  item.el.setAttribute("aria-current", "true");
  for (const edge of v.edges.get(v.selected) ?? []) edge.classList.add("on");
}

export function toggle(v, id) {
  const item = v.items.get(id);
  if (!item || !(item.frame || item.box.foldable)) return;
  v.waitingFor = id;
  item.el.classList.add("waiting");
  setTimeout(() => item.el.classList.remove("waiting"), 6000);
  hideTooltip(v);
  v.events.send({ type: "toggle", id });
}

export function enter(v) {
  const item = v.items.get(v.focused);
  if (item?.frame || item?.box.foldable) toggle(v, item.id);
  else select(v, v.focused);
}

// One box at a time can be reached by Tab; the arrow keys go on from there.
export function focusable(v, id) {
  v.items.get(v.focused)?.el.setAttribute("tabindex", "-1");
  v.focused = v.items.has(id) ? id : "";
  if (!v.focused) return;
  const item = v.items.get(v.focused);
  item.el.setAttribute("tabindex", "0");
  addRing(item);
}
