// The picture: SVG text made safe, made focusable, and indexed.

import { makeSvg } from "./elements.js";

const FORBIDDEN = "script, foreignObject, iframe, style, image, use, animate, set";

export function parsePicture(text) {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (svg.localName !== "svg") return makeSvg("svg", { viewBox: "0 0 1 1", width: 1, height: 1, class: "diagram" });
  for (const el of svg.querySelectorAll(FORBIDDEN)) el.remove();
  for (const el of [svg, ...svg.querySelectorAll("*")]) {
    for (const { name } of [...el.attributes]) {
      if (/^on|href$/i.test(name)) el.removeAttribute(name);
    }
  }
  return document.adoptNode(svg);
}

export function indexPicture(v) {
  v.svg.setAttribute("role", "graphics-document document");
  v.svg.setAttribute("aria-roledescription", "network diagram");
  v.svg.setAttribute("aria-label", v.data.name || "Network");
  v.items = new Map();
  v.edges = new Map();
  for (const el of v.svg.querySelectorAll(".group, .box")) addItem(v, el);
  for (const edge of v.svg.querySelectorAll(".edge")) {
    edge.setAttribute("aria-hidden", "true");
    for (const id of [edge.dataset.from, edge.dataset.to]) {
      if (!v.edges.has(id)) v.edges.set(id, []);
      v.edges.get(id).push(edge);
    }
  }
}

function addItem(v, el) {
  const { id } = el.dataset;
  const frame = el.classList.contains("group");
  const shape = el.querySelector(frame ? ":scope > .frame" : ":scope > .card:not(.behind)");
  if (!shape || !id) return;
  const title = el.querySelector(frame ? ":scope > .frame-title" : ":scope > .title")?.textContent || id;
  const box = v.data.boxes?.[id] ?? { title, op: "", lines: [] };
  const item = { id, el, frame, box, shape, rect: rectOf(shape) };
  if (frame || box.foldable) {
    el.setAttribute("aria-expanded", String(frame));
    el.append(foldButton(shape, frame));
  }
  el.setAttribute("role", "button");
  el.setAttribute("tabindex", "-1");
  el.setAttribute("aria-label", spoken([box.title, box.op, ...(box.lines ?? [])]));
  v.items.set(id, item);
}

// Each thing once: an input's title, operation and path are one word.
function spoken(words) {
  const said = new Set();
  return words.filter((word) => word && !said.has(word.toLowerCase()) && said.add(word.toLowerCase())).join(", ");
}

// The card's place in the picture: its own numbers plus the shifts of the groups that it stands in.
function rectOf(shape) {
  const number = (name) => Number(shape.getAttribute(name)) || 0;
  const rect = { x: number("x"), y: number("y"), w: number("width"), h: number("height") };
  for (let el = shape; el && el.localName !== "svg"; el = el.parentElement) {
    const shift = el.transform?.baseVal.consolidate()?.matrix;
    if (shift) [rect.x, rect.y] = [rect.x + shift.e, rect.y + shift.f];
  }
  return rect;
}

// Around a box or frame that is selected or in focus; made when first needed.
export function addRing({ el, shape }) {
  if (el.querySelector(":scope > .ring")) return;
  const number = (name) => Number(shape.getAttribute(name)) || 0;
  const gap = 3;
  const ring = { x: number("x") - gap, y: number("y") - gap, rx: number("rx") + gap, class: "ring" };
  shape.after(makeSvg("rect", { ...ring, width: number("width") + 2 * gap, height: number("height") + 2 * gap }));
}

// A small round + on the lower edge of a box that can be opened, a − on the upper edge of a frame that can be folded.
function foldButton(shape, frame) {
  const number = (name) => Number(shape.getAttribute(name)) || 0;
  const x = number("x") + number("width") - 15;
  const y = number("y") + (frame ? 0 : number("height"));
  const button = makeSvg("g", { class: "fold", transform: `translate(${x} ${y})`, "aria-hidden": "true" });
  button.append(
    makeSvg("circle", { r: 16, style: "fill: transparent; stroke: none" }), // a larger target for fingers
    makeSvg("circle", { r: 9 }),
    makeSvg("path", { d: frame ? "M-4 0h8" : "M-4 0h8M0-4v8" }),
  );
  return button;
}
