// What the selected box costs in each network, and the list of differences.

import { calm, make, setAttributes } from "../shared.js";
import { amountText } from "./legend.js";
import { center, isSeen } from "./pan_zoom.js";
import { SIGNS } from "./svg_scene.js";

const NUMBER = 4; // bytes
const NOTES = { added: "added", removed: "taken out", changed: "changed", moved: "moved" };
const COSTS = { params: "params", macs: "MACs", written: "activations" };
const COLUMNS = { params: "Params", macs: "MACs", activations: "Activations" };

export function sumCosts(items) {
  const sum = (name) => items.reduce((all, { box }) => all + (box[name] ?? 0), 0);
  return { params: sum("params"), macs: sum("macs"), written: sum("memory") / NUMBER };
}

export function makeLetter(letter) {
  return setAttributes(make("span", "letter", letter), { style: `--letter: var(--letter-${letter})` });
}

// In the pane's foot: `items` are what is selected there, or goes with it.
export function tellCosts(v, pane, items) {
  pane.foot.replaceChildren();
  if (!pane.svg) return;
  const tell = (...words) => pane.foot.append(make("p", "", ...words));
  const { place, id } = v.selected;
  if (!id) return pane.place === 0 && pane.foot.append(make("p", "note", "Click a box: it and its counterparts show here what they cost."));
  if (!items.length) return tell("Nothing here goes with it.");
  const ops = [...new Set(items.map(({ box }) => box.op))].filter((op) => items.length > 1 || op !== items[0].box.title);
  const more = [ops.join(", "), items.length === 1 && items[0].mark?.note].filter(Boolean);
  tell(make("strong", "", items.map(({ box }) => box.title).join(", ")), ...more.map((words) => ` · ${words}`));
  const clicked = pane.place !== place && v.panes[place]?.items.get(id);
  tell(...costWords(sumCosts(items), clicked && sumCosts([clicked])));
}

// Beside each number the change from the box that was clicked.
function costWords(costs, base) {
  return Object.entries(COSTS).flatMap(([name, word], index) => {
    const change = base ? costs[name] - base[name] : 0;
    return [index ? " · " : "", make("b", "", amountText(costs[name])), ` ${word}${change ? ` (${signedText(change)})` : ""}`];
  });
}

export function signedText(amount) {
  return amount ? `${amount > 0 ? "+" : "−"}${amountText(Math.abs(amount))}` : "0";
}

// The list; `choose` is told when one of its rows is clicked, and which.

export function listDifferences(v, choose) {
  const { told, changes, pair, panes, steps } = v.data;
  const key = JSON.stringify([told, changes, pair, steps]);
  if (key === v.listed) return;
  v.listed = key;
  v.row = -1;
  const list = v.part(".differences");
  list.scrollTop = 0;
  if (!told) return list.replaceChildren();
  const [a, b] = pair.map((place) => [makeLetter(panes[place].letter), make("span", "", panes[place].name)]);
  const words = setAttributes(make("p", "told", told), { "data-testid": "side-told" });
  list.replaceChildren(make("h4", "", ...a, "→", ...b), ...(steps.length > 1 ? [stepButtons(v)] : []), words);
  if (changes.length) list.append(changesTable(changes, (index) => choose(v, index)));
}

function stepButtons({ data, events }) {
  const buttons = data.steps.map(([from, to]) => {
    const [a, b] = [data.panes[from].letter, data.panes[to].letter];
    const here = data.pair[0] === from && data.pair[1] === to;
    const button = setAttributes(make("button", "", `${a} → ${b}`), { type: "button", "aria-pressed": here });
    button.addEventListener("click", () => events.send({ type: "pair", value: `${a}${b}`.toLowerCase() }));
    return button;
  });
  return setAttributes(make("div", "steps", ...buttons), { role: "group", "aria-label": "Which two" });
}

function changesTable(changes, choose) {
  const heads = ["What", ...Object.values(COLUMNS)].map((title) => setAttributes(make("th", "", title), { scope: "col" }));
  const sums = Object.keys(COLUMNS).map((name) => changes.reduce((all, change) => all + change[name], 0));
  const foot = ["In all", ...sums.map(signedText)].map((words) => make("td", "", words));
  const rows = changes.map((change, index) => changeRow(change, () => choose(index)));
  const [head, last] = [heads, foot].map((cells) => make("tr", "", ...cells));
  return make("table", "", make("thead", "", head), make("tbody", "", ...rows), make("tfoot", "", last));
}

function changeRow(change, choose) {
  const what = change.times > 1 ? `${change.times} × ${change.what}` : change.what;
  const words = make("span", "", what, make("small", "", change.where));
  const sign = Object.assign(make("span", `sign ${change.status}`, SIGNS[change.status]), { title: NOTES[change.status] });
  const costs = Object.keys(COLUMNS).map((name) => make("td", "", signedText(change[name])));
  const row = make("tr", "", make("td", "", make("div", "", sign, words)), ...costs);
  row.addEventListener("click", choose);
  row.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    choose();
  });
  return setAttributes(row, { tabindex: 0, "data-testid": "side-change", "aria-selected": false });
}

// The rows that touch the selected box.
export function markRows(v) {
  const end = v.data.pair?.indexOf(v.selected.place) ?? -1;
  let first;
  for (const [index, row] of v.root.querySelectorAll(".differences tbody tr").entries()) {
    const change = v.data.changes[index];
    const on = Boolean(v.selected.id && end >= 0 && change?.[end ? "after" : "before"].includes(v.selected.id));
    row.classList.toggle("on", on);
    row.setAttribute("aria-selected", String(index === v.row));
    if (on) first ??= row;
  }
  if (first) scrollList(v.part(".differences"), first);
}

// The list alone moves: the page stays where it is.
function scrollList(list, row) {
  const { top, bottom } = list.getBoundingClientRect(), at = row.getBoundingClientRect();
  const by = at.top < top + 40 ? at.top - top - 40 : Math.max(0, at.bottom - bottom);
  if (by) list.scrollBy({ top: by, behavior: calm() ? "auto" : "smooth" });
}

// A row of the list, in the pictures: everything else steps back.
export function pointOut(v, show = false) {
  const change = v.data.changes?.[v.row];
  v.root.classList.toggle("pointing", Boolean(change));
  for (const [end, place] of (v.data.pair ?? []).entries()) {
    const boxes = change?.[end ? "after" : "before"] ?? [];
    const { items = new Map() } = v.panes[place] ?? {};
    for (const item of items.values()) item.el.classList.toggle("hit", boxes.includes(item.id));
    const first = show && boxes.map((id) => items.get(id)).find(Boolean);
    if (first) show = false;
    if (first && !isSeen(v, first)) center(v, first);
  }
}
