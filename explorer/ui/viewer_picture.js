// The picture: SVG text made safe, made focusable, indexed, and exchanged without losing the place.

const FORBIDDEN = "script, foreignObject, iframe, style, image, use, animate, set";
const MOVE = { duration: 240, easing: "cubic-bezier(.2, .7, .2, 1)" };
const MOST_MOVED = 250; // more boxes than this appear at once: moving them would stutter

function parsePicture(text) {
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

function replacePicture(v, before) {
  const old = { items: v.items, camera: { ...v.camera }, svg: v.svg };
  const hadFocus = Boolean(v.svg?.contains(v.root.getRootNode().activeElement));
  v.text = v.data.svg;
  v.svg = parsePicture(v.text);
  v.svg.classList.add("diagram");
  v.size = { w: Number(v.svg.getAttribute("width")) || 1, h: Number(v.svg.getAttribute("height")) || 1 };
  indexPicture(v);
  old.svg?.remove();
  v.stage.prepend(v.svg);
  hideTooltip(v);
  keepPlace(v, old, before);
  if (!v.items.has(v.selected)) v.selected = "";
  showSelection(v);
  if (v.part(".search input").value) search(v);
  focusable(v, v.items.has(v.focused) ? v.focused : v.selected || v.items.keys().next().value);
  if (hadFocus) v.items.get(v.focused)?.el.focus({ preventScroll: true });
}

function indexPicture(v) {
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
function addRing({ el, shape }) {
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

// Exchanging one picture for the next

function keepPlace(v, old, before) {
  const anchor = anchorOf(v, old);
  if (!old.svg || !anchor || before.name !== v.data.name || before.direction !== v.data.direction) {
    v.waitingFor = "";
    firstView(v);
    return appear(v.svg);
  }
  const { k } = old.camera;
  const was = topOf(old.items.get(anchor).rect);
  const is = topOf(v.items.get(anchor).rect);
  setCamera(v, { x: old.camera.x + (was.x - is.x) * k, y: old.camera.y + (was.y - is.y) * k, k });
  moveBoxes(v, old);
  if (v.waitingFor) intoView(v, anchor);
  else if (v.fitted) firstView(v, true);
  if (v.waitingFor) v.fitted = false;
  v.waitingFor = "";
}

function topOf(rect) {
  return { x: rect.x + rect.w / 2, y: rect.y };
}

// What stays at its point on the screen: the box just opened, else the selected one, else the one nearest the middle.
function anchorOf(v, old) {
  const stays = (id) => id && old.items.has(id) && v.items.has(id);
  if (stays(v.waitingFor)) return v.waitingFor;
  if (stays(v.selected)) return v.selected;
  const middle = toPicture(v, v.stageSize.w / 2, v.stageSize.h / 2);
  const far = ({ rect }) => Math.hypot(topOf(rect).x - middle.x, rect.y + rect.h / 2 - middle.y);
  const common = [...old.items.values()].filter(({ id, frame }) => !frame && stays(id));
  return common.sort((a, b) => far(a) - far(b))[0]?.id;
}

function moveBoxes(v, old) {
  if (calm() || v.items.size > MOST_MOVED) return appear(v.svg);
  const parent = old.items.get(v.waitingFor);
  for (const { id, el, rect, frame } of v.items.values()) {
    const from = old.items.get(id) ?? parent;
    if (!old.items.has(id)) appear(el);
    if (!from || frame) continue;
    const was = topOf(from.rect);
    const is = topOf(rect);
    const dx = was.x - is.x + (old.camera.x - v.camera.x) / v.camera.k;
    const dy = was.y - is.y + (old.camera.y - v.camera.y) / v.camera.k;
    if (Math.abs(dx) + Math.abs(dy) > 0.5) el.animate({ translate: [`${dx}px ${dy}px`, "0px 0px"] }, MOVE);
  }
  for (const edge of v.svg.querySelectorAll(".edge")) appear(edge, 90);
}

function appear(el, delay = 0) {
  if (!calm()) el.animate({ opacity: [0, 1] }, { duration: 180, delay, fill: "backwards" });
}
