// What lies around and over the picture: tools, search, colours and their legend, tooltip, hint.

import { make } from "./elements.js";
import { save } from "./export.js";
import { center, zoomTo } from "./pan_zoom.js";
import { select } from "./selection.js";
import { hint } from "./tooltip.js";

export const AMOUNTS = {
  params: { title: "Parameters", log: true, unit: "" },
  macs: { title: "MACs, multiply-adds for one image", log: true, unit: "" },
  memory: { title: "Memory of the outputs inside", log: true, unit: "B" },
  field: { title: "Receptive field", log: false, unit: "px" },
};
// In the order of the legend; kinds of one colour share a line. Inputs and outputs say themselves what they are.
const KINDS = {
  convolution: "Convolution", linear: "Linear", attention: "Attention", norm: "Norm", activation: "Activation",
  pool: "Pooling", addition: "Add, multiply", multiplication: "Add, multiply", concatenation: "Concatenate",
  block: "Block", reshape: "Other", dropout: "Other", other: "Other",
};
const VIRIDIS = ["#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725"].map(hexToRgb);

export function listenToTools(v, on) {
  const each = (name, act) => {
    const buttons = v.root.querySelectorAll(`[data-${name}]`);
    for (const button of buttons) on(button, "click", () => act(button.dataset[name]));
  };
  each("send", (type) => v.events.send({ type }));
  each("zoom", (what) => zoomTo(v, what));
  each("export", (format) => save(v, format));
  on(v.part(".direction"), "click", () => {
    v.events.send({ type: "direction", value: v.data.direction === "LR" ? "TB" : "LR" });
  });
  on(v.part(".repeats"), "click", () => v.events.send({ type: "repeats", value: v.data.repeats ? "off" : "on" }));
  on(v.part(".full"), "click", () => fullScreen(v));
  on(v.part(".colour select"), "change", (_, event) => {
    v.colour = event.target.value;
    paint(v);
    v.events.send({ type: "colour", value: v.colour });
  });
  on(v.part(".search input"), "input", () => search(v));
}

// Search

export function search(v) {
  const words = v.part(".search input").value.trim().toLowerCase();
  v.root.classList.toggle("searching", Boolean(words));
  v.matches = [];
  for (const item of v.items.values()) {
    const { title = "", op = "", words: more = "" } = item.box;
    const hit = words && !item.frame && `${title}\n${op}\n${item.id}\n${more}`.toLowerCase().includes(words);
    item.el.classList.toggle("match", Boolean(hit));
    if (hit) v.matches.push(item.id);
  }
  v.match = -1;
  v.part(".count").textContent = words ? String(v.matches.length || "none") : "";
}

export function searchKeyed(v, event) {
  if (event.key === "Escape") {
    clearSearch(v);
    v.items.get(v.focused)?.el.focus({ preventScroll: true });
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
  center(v, v.items.get(v.matches[v.match]));
  select(v, v.matches[v.match]);
}

export function clearSearch(v) {
  v.part(".search input").value = "";
  search(v);
}

// Colours

export function paint(v) {
  for (const option of v.part(".colour select").options) {
    option.hidden = option.value in AMOUNTS && !counted(v, option.value).length;
  }
  const amount = AMOUNTS[v.colour];
  const scale = amount ? scaleOf(v, amount) : null;
  for (const { el, frame, box } of v.items.values()) {
    if (frame) continue;
    const colour = scale?.(box[v.colour]);
    el.classList.toggle("plain", Boolean(scale && !colour));
    paintBox(el, colour);
  }
  v.root.classList.toggle("amounts", Boolean(amount));
  const legend = v.part(".legend");
  if (amount) legend.replaceChildren(...(scale ? [ramp(amount, scale)] : [make("span", "No numbers to show")]));
  else legend.replaceChildren(kindLegend(v));
}

export function paintBox(el, rgb) {
  const set = (name, value) => (value ? el.style.setProperty(name, value) : el.style.removeProperty(name));
  set("--fill", rgb && css(rgb));
  set("--stripe", rgb && css(rgb));
  set("--text", rgb && (luminance(rgb) > 0.3 ? "#14161b" : "#ffffff"));
  set("--kind", rgb && css(rgb));
}

function counted(v, what) {
  return [...v.items.values()].map(({ box }) => box[what]).filter((amount) => amount > 0);
}

// A function from an amount to a colour; nothing counted has no colour of its own.
export function scaleOf(v, { log }) {
  const amounts = counted(v, v.colour);
  if (!amounts.length) return null;
  const low = Math.min(...amounts);
  const high = Math.max(...amounts);
  const at = log ? Math.log : (amount) => amount;
  const scale = (amount) => {
    if (!(amount > 0)) return undefined;
    return viridis(high === low ? 1 : (at(amount) - at(low)) / (at(high) - at(low)));
  };
  return Object.assign(scale, { low, high });
}

function viridis(t) {
  const at = Math.min(1, Math.max(0, t)) * (VIRIDIS.length - 1);
  const i = Math.min(VIRIDIS.length - 2, Math.floor(at));
  return VIRIDIS[i].map((channel, c) => Math.round(channel + (VIRIDIS[i + 1][c] - channel) * (at - i)));
}

export function ramp({ title, log, unit }, { low, high }) {
  const el = make("div", "", { class: "ramp" });
  const bar = make("b");
  bar.style.background = `linear-gradient(to right, ${VIRIDIS.map(css).join(", ")})`;
  el.append(make("strong", log ? `${title}, log scale` : title));
  el.append(make("span", amountText(low, unit)), bar, make("span", amountText(high, unit)));
  return el;
}

export function amountText(amount, unit) {
  if (unit === "px") return `${amount} px`;
  const step = ["", " k", " M", " G", " T"].findLast((_, i) => amount >= 1000 ** i || i === 0);
  const power = { "": 0, " k": 1, " M": 2, " G": 3, " T": 4 }[step];
  return `${Number((amount / 1000 ** power).toPrecision(3))}${unit ? `${step || " "}${unit}` : step}`;
}

export function kindLegend(v) {
  const list = make("ul");
  const shown = new Set([...v.items.values()].filter((item) => !item.frame).map(({ box }) => box.kind));
  for (const tick of v.svg?.querySelectorAll(".tick") ?? []) shown.add(tick.classList[1].slice("kind-".length));
  const kinds = Object.entries(KINDS).filter(([kind]) => shown.has(kind));
  const entries = new Map(kinds.map(([kind, label]) => [label, `kind-${kind}`]));
  if (v.svg?.querySelector(".skip")) entries.set("Skip path", "wire");
  for (const [label, look] of entries) {
    const entry = make("li", label);
    entry.prepend(make("i", "", { class: look }));
    list.append(entry);
  }
  return list;
}

function hexToRgb(hex) {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
}

function css(rgb) {
  return `rgb(${rgb.join(", ")})`;
}

function luminance(rgb) {
  const [r, g, b] = rgb.map((c) => (c <= 10 ? c / 3294 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// Full screen

export function fullScreen(v) {
  if (v.root.getRootNode().fullscreenElement) document.exitFullscreen();
  else v.root.requestFullscreen?.().catch(() => hint(v, "This browser does not allow full screen here", 2500));
}

export function fullScreenChanged(v) {
  const full = Boolean(v.root.getRootNode().fullscreenElement);
  v.part(".full").setAttribute("aria-pressed", String(full));
  v.part(".full").dataset.tip = full ? "Leave full screen (F)" : "Full screen (F)";
}
