// What lies around the pictures: tools and search.

import { save } from "./export.js";
import { showFullScreen, switchFullScreen } from "./full_screen.js";
import { paint } from "./legend.js";
import { center, zoomTo } from "./pan_zoom.js";
import { itemOf, select } from "./selection.js";

export function listenToTools(v, on) {
  const each = (name, act) => {
    for (const button of v.root.querySelectorAll(`[data-${name}]`)) on(button, "click", () => act(button.dataset[name]));
  };
  const send = (type, value) => v.events.send({ type, value });
  each("send", (type) => {
    if (type !== "open_level") v.fitted = "whole"; // once it is there
    send(type);
  });
  each("zoom", (what) => zoomTo(v, what));
  each("export", (format) => save(v, format));
  on(v.part(".direction"), "click", () => send("direction", v.data.direction === "LR" ? "TB" : "LR"));
  on(v.part(".repeats"), "click", () => send("repeats", v.data.repeats ? "off" : "on"));
  on(v.part(".full"), "click", switchFullScreen);
  on(document, "fullscreenchange", showFullScreen);
  on(v.part(".colour select"), "change", (_, event) => {
    v.colour = event.target.value;
    paint(v);
    send("colour", v.colour);
  });
  on(v.part(".search input"), "input", search);
}

// What the tools say and offer of what is shown now. Beside several pictures the room under them is the costs'.
export function settleTools(v) {
  const { direction, repeats, several } = v.data;
  const button = v.part(".direction");
  button.dataset.direction = direction;
  button.dataset.tip = direction === "LR" ? "Draw from top to bottom" : "Draw from left to right";
  button.setAttribute("aria-label", button.dataset.tip);
  v.part(".repeats").setAttribute("aria-pressed", String(Boolean(repeats)));
  v.root.classList.toggle("several", several);
  if (!several) return;
  v.part(".space").before(v.part(".legend"));
  v.part(".full").before(v.part(".zoom"));
  v.stage.append(v.part(".hint"));
}

// Search

export function search(v) {
  const words = v.part(".search input").value.trim().toLowerCase();
  v.root.classList.toggle("searching", Boolean(words));
  v.matches = [];
  for (const item of v.panes.flatMap(({ items }) => [...items.values()])) {
    const { title = "", op = "", words: more = "" } = item.box;
    const hit = words && !item.frame && `${title}\n${op}\n${item.id}\n${more}`.toLowerCase().includes(words);
    item.el.classList.toggle("match", Boolean(hit));
    if (hit) v.matches.push(item);
  }
  v.match = -1;
  v.part(".count").textContent = words ? String(v.matches.length || "none") : "";
}

export function searchKeyed(v, event) {
  if (event.key === "Escape") {
    clearSearch(v);
    itemOf(v, { place: 0, id: v.panes[0]?.focused })?.el.focus({ preventScroll: true });
  } else if (event.key === "Enter" && event.target.type === "search") {
    event.preventDefault();
    nextMatch(v, event.shiftKey ? -1 : 1);
  }
}

function nextMatch(v, step) {
  const n = v.matches?.length ?? 0;
  if (!n) return;
  v.match = v.match < 0 && step < 0 ? n - 1 : (v.match + step + n) % n;
  v.part(".count").textContent = `${v.match + 1} of ${n}`;
  center(v, v.matches[v.match]);
  select(v, v.matches[v.match]);
}

export function clearSearch(v) {
  v.part(".search input").value = "";
  search(v);
}
