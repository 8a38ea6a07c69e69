// A chart as a still picture: on the screen at once, until plotly's five megabytes have arrived and draw it anew.
// Measured at seven openings of Compare each, on a busy machine: without it the first point is there 3.2 times as late,
// and where plotly's code is asked for first and by itself, 3.5 times.

import { scales } from "./point_labels.js";

const SVG = "http://www.w3.org/2000/svg";
const NEAR = 14; // pixels from a point within which a click means it

// `layout` is at the chart's size and holds the names to write; `choose` is called with the key of a clicked point.
export function drawStill(chart, { data, layout }, choose) {
  const scale = scales(layout);
  const ink = getComputedStyle(chart).getPropertyValue("--st-text-color").trim() || "currentColor";
  const root = part(null, "svg", { class: "still", width: layout.width, height: layout.height, fill: ink, "font-size": 15 });
  for (const axis of ["x", "y"]) grid(root, layout, scale.frame, axis);
  for (const trace of data) {
    if (trace.mode.startsWith("lines")) path(root, trace, scale);
    else for (const [index, x] of trace.x.entries()) if (x !== null) mark(root, scale(x, trace.y[index]), trace.marker, index);
  }
  for (const name of layout.annotations) written(root, name, scale, layout);
  legend(root, data, layout, scale.frame);
  root.addEventListener("click", (event) => {
    const { x, y } = chart.getBoundingClientRect();
    const found = nearest(data, scale, event.clientX - x, event.clientY - y);
    if (found) choose(found);
  });
  chart.querySelector(".still")?.remove();
  chart.append(root);
}

function part(parent, name, attributes, words) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (words !== undefined) made.textContent = words;
  parent?.append(made);
  return made;
}

function grid(root, layout, frame, axis) {
  const { range, type, title, tickformat, ticksuffix, dtick } = layout[`${axis}axis`];
  const across = axis === "x";
  const [from, to] = across ? [frame.left, frame.right] : [frame.bottom, frame.top];
  for (const value of type === "log" ? powers(range, dtick) : steps(range, across ? (to - from) / 80 : (from - to) / 40)) {
    const on = type === "log" ? Math.log10(value) : value;
    const at = from + ((on - range[0]) / (range[1] - range[0])) * (to - from);
    const line = across ? { x1: at, x2: at, y1: frame.top, y2: frame.bottom } : { x1: frame.left, x2: frame.right, y1: at, y2: at };
    part(root, "line", { ...line, stroke: "rgba(128,128,128,0.18)" });
    const place = across ? { x: at, y: frame.bottom + 18, "text-anchor": "middle" } : { x: frame.left - 4, y: at + 5, "text-anchor": "end" };
    if (layout[`${axis}axis`].showticklabels) part(root, "text", place, (tickformat ? metric(value) : String(value)) + ticksuffix);
  }
  const words = title.text.replace(/<[^>]+>/g, "");
  const middle = { x: (frame.left + frame.right) / 2, y: (frame.top + frame.bottom) / 2 };
  if (across) part(root, "text", { x: middle.x, y: frame.bottom + 40, "text-anchor": "middle", "font-size": 17 }, words);
  else part(root, "text", { transform: `translate(18,${middle.y}) rotate(-90)`, "text-anchor": "middle", "font-size": 17 }, words);
}

function powers([low, high], dtick) {
  const found = [];
  for (let power = Math.floor(low); power <= high; power++)
    for (const digit of dtick === "D2" ? [1, 2, 5] : [1]) found.push(digit * 10 ** power);
  return found.filter((value) => Math.log10(value) >= low && Math.log10(value) <= high);
}

function steps([low, high], most) {
  const rough = (high - low) / (Math.max(4, Math.min(9, most)) + 1);
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((times) => times * unit >= rough);
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) found.push(Number(value.toPrecision(12)));
  return found;
}

function metric(value) {
  const thousands = Math.max(-3, Math.min(5, Math.floor(Math.log10(Math.abs(value) || 1) / 3 + 1e-9)));
  return Number((value / 1000 ** thousands).toPrecision(6)) + ["n", "µ", "m", "", "k", "M", "G", "T", "P"][thousands + 3];
}

// Of steps a corner lies between two points: first across, or first up.
function path(root, { x, y, line }, scale) {
  let drawn = "";
  let before = null;
  for (const [index, value] of x.entries()) {
    const at = value === null ? null : scale(value, y[index]);
    if (at && before) {
      const corner = { hv: `${at.px},${before.py} `, vh: `${before.px},${at.py} ` }[line.shape] ?? "";
      drawn += `M${before.px},${before.py} L${corner}${at.px},${at.py} `;
    }
    before = at;
  }
  const dash = line.dash ? { "stroke-dasharray": "3 3" } : {};
  part(root, "path", { d: drawn, fill: "none", stroke: line.color, "stroke-width": line.width, ...dash });
}

const one = (values, index) => (Array.isArray(values) ? values[index] : values);

function mark(root, { px, py }, marker, index) {
  const [name, open] = one(marker.symbol, index).split(/-(?=open$)/);
  const colour = marker.color;
  const look = { fill: open ? "none" : colour, stroke: colour, "stroke-width": one(marker.line.width, index), opacity: marker.opacity ?? 1 };
  part(root, "path", { d: shape(name, one(marker.size, index) / 2), transform: `translate(${px},${py})`, ...look });
}

// Plotly's symbols of radius r.
function shape(name, r) {
  const corners = (points) => `M${points.map((point) => point.map((value) => value * r).join(",")).join("L")}Z`;
  const turned = (count, far, near = far) =>
    corners(Array.from({ length: count }, (_, i) => {
      const [d, turn] = [i % 2 ? near : far, (2 * Math.PI * i) / count];
      return [d * Math.sin(turn), -d * Math.cos(turn)];
    }));
  const t = 2 / Math.sqrt(3);
  return {
    square: () => corners([[-1, -1], [1, -1], [1, 1], [-1, 1]]),
    diamond: () => corners([[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]]),
    cross: () => corners([[-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4], [0.4, 1.2], [-0.4, 1.2], [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4]]),
    "triangle-up": () => corners([[-t, 0.5], [t, 0.5], [0, -1]]),
    "triangle-down": () => corners([[-t, -0.5], [t, -0.5], [0, 1]]),
    hexagon: () => turned(6, 1),
    star: () => turned(10, 1.4, 0.53),
  }[name]?.() ?? `M${r},0A${r},${r} 0 1 1 0,${-r}A${r},${r} 0 0 1 ${r},0Z`;
}

// A name as `placeLabels` placed it.
function written(root, name, scale, layout) {
  const on = (value, axis) => (axis.type === "log" ? 10 ** value : value);
  const at = scale(on(name.x, layout.xaxis), on(name.y, layout.yaxis));
  const [dx, dy] = name.showarrow ? [name.ax, name.ay] : [name.xshift, -name.yshift];
  if (name.showarrow) part(root, "line", { x1: at.px, y1: at.py, x2: at.px + dx, y2: at.py + dy, stroke: name.arrowcolor });
  const anchor = { left: "start", right: "end", center: "middle" }[name.xanchor];
  const down = { middle: 0.35, bottom: -0.25, top: 0.95 }[name.yanchor] * name.font.size;
  const weight = name.text.startsWith("<b>") ? "bold" : "normal";
  const text = new DOMParser().parseFromString(name.text, "text/html").body.textContent;
  part(root, "text", { x: at.px + dx, y: at.py + dy + down, "text-anchor": anchor, "font-size": name.font.size, "font-weight": weight }, text);
}

function legend(root, data, layout, frame) {
  const size = layout.legend.font.size;
  const families = data.filter((trace) => trace.showlegend !== false);
  const left = frame.right + 0.012 * (frame.right - frame.left);
  for (const [index, { name, marker, visible }] of families.entries()) {
    const y = frame.top + 5 + (index + 0.5) * Math.max(19, size * 1.3 + 3);
    const entry = part(root, "g", { opacity: visible === true ? 1 : 0.5 });
    mark(entry, { px: left + 20, py: y }, marker, 0);
    part(entry, "text", { x: left + 40, y: y + size * 0.35, "font-size": size }, name);
  }
}

function nearest(data, scale, x, y) {
  let best = { far: NEAR, key: "" };
  for (const trace of data)
    for (const [index, key] of (trace.customdata ?? []).entries()) {
      const { px, py } = scale(trace.x[index], trace.y[index]);
      const far = Math.hypot(px - x, py - y);
      if (far < best.far) best = { far, key };
    }
  return best.key;
}
