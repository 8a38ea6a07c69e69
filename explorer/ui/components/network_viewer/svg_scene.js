// The picture of a pane: SVG text made safe, made focusable, indexed, and marked with what differs.

import { makeSvg, setAttributes } from "../shared.js";

const FORBIDDEN = "script, foreignObject, iframe, style, image, use, animate, set";
const GAP = 3; // between a card and the ring around it
export const SIGNS = { added: "+", removed: "−", changed: "~", moved: "↕" };

function parsePicture(text) {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (svg.localName !== "svg") return makeSvg("svg", { viewBox: "0 0 1 1", width: 1, height: 1 });
  for (const el of svg.querySelectorAll(FORBIDDEN)) el.remove();
  for (const el of [svg, ...svg.querySelectorAll("*")]) {
    for (const { name } of [...el.attributes]) if (/^on|href$/i.test(name)) el.removeAttribute(name);
  }
  return document.adoptNode(svg);
}

// The pane's `svg`, its `items` (all that can be selected, by id), the `edges` that touch each, its `size`, and its
// `trunk`: how far from the left its input stands.
export function readPicture(pane) {
  const { svg: text, name, marks } = pane.given;
  const says = { "aria-roledescription": "network diagram", "aria-label": name || "Network" };
  const svg = setAttributes(parsePicture(text), { role: "graphics-document document", ...says });
  svg.classList.add("diagram");
  pane.svg = svg;
  pane.size = { w: readNumber(svg, "width") || 1, h: readNumber(svg, "height") || 1 };
  for (const el of svg.querySelectorAll(".group, .box")) addItem(pane, el);
  for (const edge of svg.querySelectorAll(".edge")) {
    edge.setAttribute("aria-hidden", "true");
    for (const id of [edge.dataset.from, edge.dataset.to]) pane.edges.set(id, [...(pane.edges.get(id) ?? []), edge]);
  }
  for (const item of pane.items.values()) markItem(item, marks?.[item.id]);
  const input = pane.items.get("input")?.rect;
  pane.trunk = input ? input.x + input.w / 2 : pane.size.w / 2;
}

function addItem(pane, el) {
  const { id } = el.dataset;
  const frame = el.classList.contains("group");
  const shape = el.querySelector(frame ? ":scope > .frame" : ":scope > .card:not(.behind)");
  if (!shape || !id) return;
  const title = el.querySelector(frame ? ":scope > .frame-title" : ":scope > .title")?.textContent || id;
  const box = pane.given.boxes?.[id] ?? { title, op: "", lines: [] };
  if (frame || box.foldable) {
    el.setAttribute("aria-expanded", String(frame));
    el.append(foldButton(shape, frame));
  }
  setAttributes(el, { role: "button", tabindex: -1, "aria-label": joinOnce([box.title, box.op, ...(box.lines ?? [])]) });
  pane.items.set(id, { id, place: pane.place, el, frame, box, shape, rect: rectOf(shape) });
}

// What each box computed, in the place that its card keeps for it; what is there already stays where it is.
export function placeMaps(pane, maps) {
  for (const { id, el } of pane.items.values()) {
    const place = el.querySelector(":scope > rect.map"), address = maps?.[id] ?? "";
    if (!place) continue;
    const { x, y, w, h } = readRect(place);
    let image = el.querySelector(":scope > image.map");
    if (!address.startsWith("data:image/png;base64,")) image?.remove();
    else if (!image) place.after((image = makeSvg("image", { x, y, width: w, height: h, class: "map", "aria-hidden": "true" })));
    if (image && image.getAttribute("href") !== address) image.setAttribute("href", address);
  }
}

// Each thing once: an input's title, operation and path are one word.
export function joinOnce(words) {
  const said = new Set();
  return words.filter((word) => word && !said.has(word.toLowerCase()) && said.add(word.toLowerCase())).join(", ");
}

function readNumber(el, name) {
  return Number(el.getAttribute(name)) || 0;
}

function readRect(shape) {
  const [x, y, w, h] = ["x", "y", "width", "height"].map((name) => readNumber(shape, name));
  return { x, y, w, h };
}

// The card's place in the picture: its own numbers plus the shifts of the groups that it stands in.
function rectOf(shape) {
  const rect = readRect(shape);
  for (let el = shape; el && el.localName !== "svg"; el = el.parentElement) {
    const shift = el.transform?.baseVal.consolidate()?.matrix;
    if (shift) [rect.x, rect.y] = [rect.x + shift.e, rect.y + shift.f];
  }
  return rect;
}

// Around a box or frame that is selected or in focus; made when first needed.
export function addRing({ el, shape }) {
  if (el.querySelector(":scope > .ring")) return;
  const { x, y, w, h } = readRect(shape);
  const size = { width: w + 2 * GAP, height: h + 2 * GAP, rx: readNumber(shape, "rx") + GAP };
  shape.after(makeSvg("rect", { x: x - GAP, y: y - GAP, ...size, class: "ring" }));
}

// A small round + on the lower edge of a box that can be opened, a − on the upper edge of a frame that can be folded.
function foldButton(shape, frame) {
  const { x, y, w, h } = readRect(shape);
  const at = `translate(${x + w - 15} ${frame ? y : y + h})`;
  const target = makeSvg("circle", { r: 16, style: "fill: transparent; stroke: none" }); // a larger one for fingers
  const sign = makeSvg("path", { d: frame ? "M-4 0h8" : "M-4 0h8M0-4v8" });
  return makeSvg("g", { class: "fold", transform: at, "aria-hidden": "true" }, target, makeSvg("circle", { r: 9 }), sign);
}

function markItem(item, mark) {
  if (!mark || mark.status === "same" || item.frame) return;
  item.mark = mark;
  item.el.classList.add(mark.status);
  const { x, y } = readRect(item.shape);
  const place = { class: "mark", transform: `translate(${x + 1} ${y + 1})`, "aria-hidden": "true" };
  item.el.append(makeSvg("g", place, makeSvg("circle", { r: 10 }), makeSvg("text", { y: 5 }, SIGNS[mark.status])));
  item.el.setAttribute("aria-label", `${item.el.getAttribute("aria-label")}, ${mark.note}`);
}
