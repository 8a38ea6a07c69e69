// What is selected in one network, and what it is in the others.

import { markRows, pointOut, tellCosts } from "./diff_list.js";
import { addRing } from "./svg_scene.js";

export function selectSide(s, place, id, tell = true) {
  if (!s.panes[place]?.items.has(id)) [place, id] = [-1, ""];
  const changed = place !== s.selected.pane || id !== s.selected.id;
  s.selected = { pane: place, id };
  if (id) s.row = -1;
  showSelected(s);
  pointOut(s);
  if (changed && tell) s.events.send({ type: "select", id, value: id ? "abcd"[place] : "" });
}

function partners(s, place) {
  const { pane, id } = s.selected;
  return place === pane ? [id] : s.data.links?.[pane]?.[place]?.[id] ?? [];
}

export function showSelected(s) {
  for (const el of s.root.querySelectorAll(".diagram .selected, .diagram .partner, .diagram .on")) el.classList.remove("selected", "partner", "on");
  for (const pane of s.panes) {
    const found = s.selected.id ? partners(s, pane.place).map((id) => pane.items.get(id)).filter(Boolean) : [];
    for (const item of found) {
      addRing(item);
      item.el.classList.add(pane.place === s.selected.pane ? "selected" : "partner");
      for (const edge of pane.edges.get(item.id) ?? []) edge.classList.add("on");
    }
    tellCosts(s, pane, found);
  }
  markRows(s);
}

export function toggleSide(s, pane, item) {
  if (!item || !(item.frame || item.box.foldable)) return;
  item.el.classList.add("waiting");
  s.opened = [pane.place, item.id];
  s.events.send({ type: "toggle", id: item.id, value: String(pane.place) });
}

// A row of the list takes the place of the box that was selected.
export function chooseRow(s) {
  if (s.row >= 0) s.selected = { pane: -1, id: "" };
  showSelected(s);
  pointOut(s, true);
}
