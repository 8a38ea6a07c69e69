// What is selected, in focus, opened and folded. An item is found again by its `place`, that of its pane, and its `id`.

import { markRows, pointOut, tellCosts } from "./diff_list.js";
import { layPanel, makeRoom } from "./full_screen.js";
import { addRing } from "./svg_scene.js";
import { hideTooltip } from "./tooltip.js";

export const NOTHING = { place: -1, id: "" };

export function itemOf({ panes }, { place, id }) {
  return panes[place]?.items.get(id);
}

export function select(v, { place, id } = NOTHING, tell = true) {
  const changed = place !== v.selected.place || id !== v.selected.id;
  v.selected = { place, id };
  if (id) focusable(v, v.selected);
  v.row = -1;
  showSelection(v);
  if (id && v.covered) makeRoom(v);
  if (v.covered) hideTooltip(v); // the panel says the same
  if (changed && tell) v.events.send({ type: "select", id, value: id ? "abcd"[place] : "" });
}

// A row of the list takes the place of the box that was selected.
export function chooseRow(v, index) {
  v.row = v.row === index ? -1 : index;
  if (v.row >= 0) v.selected = NOTHING;
  showSelection(v, true);
}

// The selected box, and what goes with it in the other networks.
export function showSelection(v, show = false) {
  for (const el of v.stage.querySelectorAll(".selected, .partner, .on")) {
    el.classList.remove("selected", "partner", "on");
    el.removeAttribute("aria-current");
  }
  for (const pane of v.panes) {
    const found = counterparts(v, pane.place).map((id) => pane.items.get(id)).filter(Boolean);
    for (const item of found) {
      const chosen = pane.place === v.selected.place;
      addRing(item);
      item.el.classList.add(chosen ? "selected" : "partner");
      if (chosen) item.el.setAttribute("aria-current", "true");
      for (const edge of pane.edges.get(item.id) ?? []) edge.classList.add("on");
    }
    tellCosts(v, pane, found);
  }
  layPanel(v);
  markRows(v);
  pointOut(v, show);
}

function counterparts({ data, selected: { place, id } }, other) {
  if (!id) return [];
  return other === place ? [id] : data.links?.[place]?.[other]?.[id] ?? [];
}

export function toggle(v, item) {
  if (!item || !(item.frame || item.box.foldable)) return;
  v.waitingFor = { place: item.place, id: item.id };
  item.el.classList.add("waiting");
  setTimeout(() => item.el.classList.remove("waiting"), 6000);
  hideTooltip(v);
  v.events.send({ type: "toggle", id: item.id, value: String(item.place) });
}

// One box of a pane at a time can be reached by Tab; the arrow keys go on from there.
export function focusable(v, { place, id }) {
  const pane = v.panes[place];
  pane.items.get(pane.focused)?.el.setAttribute("tabindex", "-1");
  pane.focused = id;
  const item = pane.items.get(id);
  item.el.setAttribute("tabindex", "0");
  addRing(item);
}
