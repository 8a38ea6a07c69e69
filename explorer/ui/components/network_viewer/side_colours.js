// The colours of all panes, on one scale, and their legend.

import { SIGNS } from "./diff_list.js";
import { make } from "./elements.js";
import { AMOUNTS, kindLegend, paintBox, ramp, scaleOf } from "./panels.js";

export function paintSide(s) {
  const select = s.part(".colour select");
  select.options[0].hidden = !s.data.told;
  if (s.colour === "differences" && !s.data.told) s.colour = "kind";
  select.value = s.colour;
  const amount = AMOUNTS[s.colour];
  const items = s.panes.flatMap((pane) => [...pane.items.values()].filter((item) => !item.frame));
  const scale = amount ? scaleOf({ items: new Map(items.map((item) => [item, item])), colour: s.colour }, amount) : null;
  for (const { el, box } of items) {
    const colour = scale?.(box[s.colour]);
    el.classList.toggle("plain", Boolean(scale && !colour));
    paintBox(el, colour);
  }
  s.root.classList.toggle("amounts", Boolean(amount));
  s.root.classList.toggle("marked", s.colour === "differences");
  const legend = s.part(".legend");
  if (s.colour === "differences") legend.replaceChildren(markLegend(s));
  else if (scale) legend.replaceChildren(ramp({ ...amount, title: amount.title.split(",")[0] }, scale));
  else if (amount) legend.replaceChildren(make("span", "No numbers to show"));
  else legend.replaceChildren(kindLegend({ items: new Map(items.map((item) => [item, item])), svg: s.part(".panes") }));
}

function markLegend(s) {
  const list = make("ul");
  const shown = new Set(s.panes.flatMap((pane) => [...pane.items.values()].map((item) => item.mark?.status)));
  const [a, b] = s.data.pair.map((place) => s.data.panes[place].letter);
  const words = { added: `only in ${b}`, removed: `only in ${a}`, changed: "changed, or changed inside", moved: "moved" };
  for (const [status, text] of Object.entries(words)) {
    if (!shown.has(status)) continue;
    const entry = make("li", text);
    entry.prepend(make("span", SIGNS[status], { class: `sign ${status}` }));
    list.append(entry);
  }
  if (!list.children.length) list.append(make("li", "No difference"));
  return list;
}
