// What the colours say: by kind, by an amount on one scale for all panes, or by what differs; and their legend.

import { VIRIDIS, viridis } from "../colors.js";
import { make } from "../shared.js";
import { SIGNS } from "./svg_scene.js";

const AMOUNTS = {
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
const ROLES = { shortcut: "Shortcut: added", gate: "Gate: multiplied" };

export function paint(v) {
  const boxes = v.panes.flatMap((pane) => [...pane.items.values()]).filter((item) => !item.frame);
  const counted = (what) => boxes.map(({ box }) => box[what]).filter((amount) => amount > 0);
  const select = v.part(".colour select");
  for (const option of select.options) option.hidden = option.value in AMOUNTS && !counted(option.value).length;
  select.options[0].hidden = !v.data.told;
  if (v.colour === "differences" && !v.data.told) v.colour = "kind";
  select.value = v.colour;
  const amount = AMOUNTS[v.colour];
  const scale = amount && makeScale(counted(v.colour), amount.log);
  for (const { el, box } of boxes) {
    const colour = scale?.(box[v.colour]);
    el.classList.toggle("plain", Boolean(scale && !colour));
    paintBox(el, colour);
  }
  v.root.classList.toggle("amounts", Boolean(amount));
  v.root.classList.toggle("marked", v.colour === "differences");
  v.part(".legend").replaceChildren(legendOf(v, boxes, amount, scale));
}

function legendOf(v, boxes, amount, scale) {
  if (v.colour === "differences") return list(markEntries(v, boxes), "No difference");
  if (!amount) return list(kindEntries(v, boxes));
  return scale ? ramp(amount, scale, v.data.several) : make("span", "", "No numbers to show");
}

function paintBox(el, rgb) {
  const set = (name, value) => (value ? el.style.setProperty(name, value) : el.style.removeProperty(name));
  for (const name of ["--fill", "--stripe", "--kind"]) set(name, rgb && `rgb(${rgb.join(", ")})`);
  set("--text", rgb && (luminance(rgb) > 0.3 ? "#14161b" : "#ffffff"));
}

// A function from an amount to a colour, with the least and the most of `amounts`; nothing counted has no colour.
export function makeScale(amounts, log) {
  if (!amounts.length) return null;
  const low = Math.min(...amounts), high = Math.max(...amounts), at = log ? Math.log : (amount) => amount;
  const share = (amount) => (high === low ? 1 : (at(amount) - at(low)) / (at(high) - at(low)));
  const scale = (amount) => (amount > 0 ? viridis(share(amount)) : undefined);
  return Object.assign(scale, { low, high });
}

export function luminance(rgb) {
  const [r, g, b] = rgb.map((c) => (c <= 10 ? c / 3294 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ramp({ title, log, unit }, { low, high }, brief) {
  const bar = make("b");
  bar.style.background = `linear-gradient(to right, ${VIRIDIS.join(", ")})`;
  const name = brief ? title.split(",")[0] : title;
  const ends = [low, high].map((amount) => make("span", "", amountText(amount, unit)));
  return make("div", "ramp", make("strong", "", log ? `${name}, log scale` : name), ends[0], bar, ends[1]);
}

export function amountText(amount, unit = "") {
  if (unit === "px") return `${amount} px`;
  const power = [4, 3, 2, 1, 0].find((each) => amount >= 1000 ** each) ?? 0;
  const step = ["", " k", " M", " G", " T"][power];
  return `${Number((amount / 1000 ** power).toPrecision(3))}${unit ? `${step || " "}${unit}` : step}`;
}

// Entries of a legend: what stands before the words, and the words.

function list(entries, otherwise = "") {
  const lines = entries.map(([sign, words]) => make("li", "", sign, words));
  return make("ul", "", ...(lines.length || !otherwise ? lines : [make("li", "", otherwise)]));
}

function kindEntries(v, boxes) {
  const shown = new Set(boxes.map(({ box }) => box.kind));
  for (const tick of v.stage.querySelectorAll(".tick")) shown.add(tick.classList[1].slice("kind-".length));
  const kinds = Object.entries(KINDS).filter(([kind]) => shown.has(kind));
  const looks = new Map(kinds.map(([kind, words]) => [words, `kind-${kind}`]));
  for (const [role, words] of Object.entries(ROLES)) if (v.stage.querySelector(`.edge.${role}`)) looks.set(words, role);
  return [...looks].map(([words, look]) => [make("i", look), words]);
}

function markEntries(v, boxes) {
  const shown = new Set(boxes.map(({ mark }) => mark?.status));
  const [a, b] = v.data.pair.map((place) => v.data.panes[place].letter);
  const words = { added: `only in ${b}`, removed: `only in ${a}`, changed: "changed, or changed inside", moved: "moved" };
  const entries = Object.entries(words).filter(([status]) => shown.has(status));
  return entries.map(([status, text]) => [make("span", `sign ${status}`, SIGNS[status]), text]);
}
