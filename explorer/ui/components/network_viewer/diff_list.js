// What the selected box costs in each network, and the list of differences.

import { calm } from "../shared.js";
import { make } from "./elements.js";
import { amountText } from "./panels.js";
import { intoView } from "./pan_zoom.js";

const NUMBER = 4; // bytes
export const SIGNS = { added: "+", removed: "−", changed: "~", moved: "↕" };

function summed(items) {
  const sum = (name) => items.reduce((all, { box }) => all + (box[name] ?? 0), 0);
  return { params: sum("params"), macs: sum("macs"), written: sum("memory") / NUMBER };
}

export function tellCosts(s, pane, items) {
  pane.foot.replaceChildren();
  if (pane.given.problem) return;
  if (!s.selected.id) {
    if (pane.place === 0) pane.foot.append(make("p", "Click a box: it and its counterparts show here what they cost."));
    return;
  }
  if (!items.length) {
    pane.foot.append(make("p", "Nothing here goes with it."));
    return;
  }
  const name = make("p");
  name.append(make("strong", items.map(({ box }) => box.title).join(", ")));
  const ops = [...new Set(items.map(({ box }) => box.op))].filter((op) => items.length > 1 || op !== items[0].box.title);
  if (ops.length) name.append(` · ${ops.join(", ")}`);
  const mark = items.length === 1 && items[0].mark;
  if (mark) name.append(` · ${mark.note}`);
  pane.foot.append(name, costLine(s, pane, summed(items)));
}

// Beside each number the change from the box that was clicked.
function costLine(s, pane, costs) {
  const clicked = s.panes[s.selected.pane]?.items.get(s.selected.id);
  const base = clicked && pane.place !== s.selected.pane ? summed([clicked]) : null;
  const line = make("p");
  for (const [index, [name, word]] of [["params", "params"], ["macs", "MACs"], ["written", "activations"]].entries()) {
    const change = base ? costs[name] - base[name] : 0;
    if (index) line.append(" · ");
    line.append(make("b", amountText(costs[name], "")), ` ${word}${change ? ` (${signedText(change)})` : ""}`);
  }
  return line;
}

// The list

export function listDifferences(s, chosen) {
  const { told, changes, pair, panes, steps } = s.data;
  const key = JSON.stringify([told, changes, pair, steps]);
  if (key === s.listed) return;
  s.listed = key;
  s.row = -1;
  const list = s.part(".differences");
  list.scrollTop = 0;
  if (!told) return list.replaceChildren();
  const heading = make("h4");
  for (const [index, place] of pair.entries()) {
    if (index) heading.append("→");
    heading.append(make("span", panes[place].letter, { class: "letter", "data-letter": panes[place].letter }), make("span", panes[place].name));
  }
  list.replaceChildren(heading, ...(steps.length > 1 ? [stepButtons(s)] : []), make("p", told, { class: "told", "data-testid": "side-told" }));
  if (changes.length) list.append(changesTable(s, chosen));
}

function stepButtons(s) {
  const row = make("div", "", { class: "steps", role: "group", "aria-label": "Which two" });
  for (const [from, to] of s.data.steps) {
    const [a, b] = [s.data.panes[from].letter, s.data.panes[to].letter];
    const here = s.data.pair[0] === from && s.data.pair[1] === to;
    const button = make("button", `${a} → ${b}`, { type: "button", "aria-pressed": String(here) });
    button.addEventListener("click", () => s.events.send({ type: "pair", value: `${a}${b}`.toLowerCase() }));
    row.append(button);
  }
  return row;
}

function changesTable(s, chosen) {
  const table = make("table");
  const head = make("tr");
  for (const title of ["What", "Params", "MACs", "Activations"]) head.append(make("th", title, { scope: "col" }));
  const rows = s.data.changes.map((change, index) => changeRow(s, change, index, chosen));
  const foot = make("tr");
  const sum = (name) => s.data.changes.reduce((all, change) => all + change[name], 0);
  foot.append(make("td", "In all"), ...["params", "macs", "activations"].map((name) => make("td", signedText(sum(name)))));
  const [thead, tbody, tfoot] = ["thead", "tbody", "tfoot"].map((tag) => make(tag));
  thead.append(head);
  tbody.append(...rows);
  tfoot.append(foot);
  table.append(thead, tbody, tfoot);
  return table;
}

function changeRow(s, change, index, chosen) {
  const row = make("tr", "", { tabindex: "0", "data-testid": "side-change", "aria-selected": "false" });
  const what = make("td");
  const words = make("span", change.times > 1 ? `${change.times} × ${change.what}` : change.what);
  words.append(make("small", change.where));
  const line = make("div");
  line.append(make("span", SIGNS[change.status], { class: `sign ${change.status}`, title: NOTES[change.status] }), words);
  what.append(line);
  row.append(what, ...["params", "macs", "activations"].map((name) => make("td", signedText(change[name]))));
  const choose = () => {
    s.row = s.row === index ? -1 : index;
    chosen();
  };
  row.addEventListener("click", choose);
  row.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    choose();
  });
  return row;
}

function signedText(amount) {
  return amount ? `${amount > 0 ? "+" : "−"}${amountText(Math.abs(amount), "")}` : "0";
}

const NOTES = { added: "added", removed: "taken out", changed: "changed", moved: "moved", same: "the same" };

// The rows that touch the selected box.
export function markRows(s) {
  const rows = [...s.root.querySelectorAll(".differences tbody tr")];
  let first;
  for (const [index, row] of rows.entries()) {
    const change = s.data.changes[index];
    const end = s.data.pair.indexOf(s.selected.pane);
    const on = s.selected.id && end >= 0 && change && touched(s, change, end).includes(s.selected.id);
    row.classList.toggle("on", Boolean(on));
    row.setAttribute("aria-selected", String(index === s.row));
    if (on) first ??= row;
  }
  if (first) inList(s.part(".differences"), first);
}

// The list alone moves: the page stays where it is.
function inList(list, row) {
  const { top, bottom } = list.getBoundingClientRect();
  const at = row.getBoundingClientRect();
  const by = at.top < top + 40 ? at.top - top - 40 : Math.max(0, at.bottom - bottom);
  if (by) list.scrollBy({ top: by, behavior: calm() ? "auto" : "smooth" });
}

function touched(s, change, end) {
  const { items } = s.panes[s.data.pair[end]] ?? { items: new Map() };
  const boxes = change[end ? "after" : "before"];
  const frames = [...items.values()].filter(({ frame, el }) => frame && boxes.some((id) => el.dataset.id === id));
  return [...boxes, ...frames.map(({ id }) => id)];
}

// A row of the list, in the pictures: everything else steps back.
export function pointOut(s, show = false) {
  const change = s.row >= 0 ? s.data.changes[s.row] : null;
  s.root.classList.toggle("pointing", Boolean(change));
  for (const [end, place] of (s.data.pair ?? []).entries()) {
    const pane = s.panes[place];
    if (!pane?.svg) continue;
    const boxes = change ? touched(s, change, end) : [];
    for (const item of pane.items.values()) item.el.classList.toggle("hit", boxes.includes(item.id));
    const first = boxes.map((id) => pane.items.get(id)).find(Boolean);
    if (first && show) [intoView(s, first), (show = false)];
  }
}
