// Names beside points: the most important first, each in the first free place around its point, none over another,
// and off the Pareto front's steps where that can be.

import { legible } from "../shared.js";

const LINE = 12; // from this distance on a line leads to the point
const PLACES = [
  ...around(9, [0, 180, 90, 270]), // close by: right, left, above, below
  ...around(16, [40, 320, 140, 220]), // further off, with a line to the point
  ...around(34, [30, 150, 330, 210, 70, 110, 290, 250]),
  ...around(58, [25, 155, 335, 205, 60, 120, 300, 240]),
];
export const letters = () => legible(13.5);
// The share of a name that lies before its anchor.
const BEFORE = { left: 0, center: 0.5, right: 1, top: 0, middle: 0.5, bottom: 1 };
const FEW = 36; // as many points in view can all be named

function around(distance, degrees) {
  return degrees.map((angle) => {
    const turn = (angle * Math.PI) / 180, x = Math.cos(turn), y = -Math.sin(turn);
    const xanchor = x > 0.3 ? "left" : x < -0.3 ? "right" : "center";
    const yanchor = Math.abs(x) > 0.9 ? "middle" : y < 0 ? "bottom" : "top";
    return { far: distance > LINE, dx: x * distance, dy: y * distance, xanchor, yanchor };
  });
}

// As plotly's annotations. `layout.meta.labels` are [name, x, y, rank], the most important first: 0 is written in any
// crowd, 4 where there are few points in view. `measure(name, strong)` says how many pixels wide a name is.
export function placeLabels(layout, data, measure) {
  if (!layout.meta?.labels) return [];
  const scale = scales(layout), front = data.find((trace) => trace.name === "front");
  const steps = front ? stepsOf(front, scale) : [];
  const dots = layout.meta.labels.map((label) => ({ label, ...scale(label[1], label[2]) })).filter((dot) => dot.inside);
  const taken = written(layout, scale, measure), found = [];
  for (const dot of dots) {
    const [name, , , rank] = dot.label;
    if (rank > 3 && dots.length > FEW) continue;
    const size = { width: measure(name, rank === 0) + 4, height: letters() * 1.25 };
    const fits = (others, near) => PLACES.find((place) => free(boxAt(dot, place, size), near, others, scale.frame));
    const place = fits(dots, [...taken, ...steps]) ?? fits(dots, taken) ?? (rank === 0 ? fits([], taken) : null);
    if (!place) continue;
    taken.push(boxAt(dot, place, size));
    found.push(annotation(dot, place, name, rank === 0));
  }
  return found;
}

// What the chart itself has written between its points, as boxes.
function written({ annotations = [], xaxis, yaxis }, scale, measure) {
  const value = (at, axis) => (axis.type === "log" ? 10 ** at : at); // plotly takes an annotation's place as a power of ten
  return annotations.filter(({ xref = "x", yref = "y" }) => xref === "x" && yref === "y").map((each) => {
    const { x, y, text, xshift = 0, yshift = 0, xanchor, yanchor } = each, height = letters() * 1.25;
    return boxAt(scale(value(x, xaxis), value(y, yaxis)), { dx: xshift, dy: -yshift, xanchor, yanchor }, { width: measure(text), height });
  });
}

// The front as boxes without width or without height: from each member across and up to the next, or up and across.
function stepsOf({ x, y, line }, scale) {
  const box = (one, other) => ({ left: Math.min(one.px, other.px), right: Math.max(one.px, other.px), top: Math.min(one.py, other.py), bottom: Math.max(one.py, other.py) });
  return x.slice(1).flatMap((_, index) => {
    const [one, other] = [scale(x[index], y[index]), scale(x[index + 1], y[index + 1])];
    const corner = line.shape === "hv" ? { px: other.px, py: one.py } : { px: one.px, py: other.py };
    return [box(one, corner), box(corner, other)];
  });
}

// From values to pixels, `px` and `py`, and to where plotly wants an annotation.
export function scales(layout) {
  const { l, r, t, b } = layout.margin;
  const frame = { left: l, top: t, right: layout.width - r, bottom: layout.height - b };
  const on = (value, axis) => (axis.type === "log" ? Math.log10(value) : value);
  const share = (value, { range }) => (value - range[0]) / (range[1] - range[0]);
  const scale = (x, y) => {
    const ax = on(x, layout.xaxis), ay = on(y, layout.yaxis), across = share(ax, layout.xaxis), up = share(ay, layout.yaxis);
    const px = frame.left + across * (frame.right - frame.left), py = frame.bottom - up * (frame.bottom - frame.top);
    return { px, py, ax, ay, inside: across >= 0 && across <= 1 && up >= 0 && up <= 1 };
  };
  scale.frame = frame;
  return scale;
}

// Where the name would lie: its near edge at the place's distance from the point.
function boxAt({ px, py }, { dx, dy, xanchor, yanchor }, { width, height }) {
  const left = px + dx - width * BEFORE[xanchor], top = py + dy - height * BEFORE[yanchor];
  return { left, top, right: left + width, bottom: top + height };
}

function free(box, taken, dots, frame) {
  if (box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom) return false;
  if (taken.some((other) => meet(box, other))) return false;
  return !dots.some((dot) => dot.px > box.left - 5 && dot.px < box.right + 5 && dot.py > box.top - 4 && dot.py < box.bottom + 4);
}

const meet = (one, other) => one.left < other.right + 3 && one.right > other.left - 3 && one.top < other.bottom + 1 && one.bottom > other.top - 1;

function annotation(dot, { far, dx, dy, xanchor, yanchor }, name, strong) {
  const text = name.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return {
    x: dot.ax, y: dot.ay, text: strong ? `<b>${text}</b>` : text, font: { size: letters() }, xanchor, yanchor, borderpad: 0,
    ...(far
      ? { showarrow: true, ax: dx, ay: dy, arrowhead: 0, arrowwidth: 1, arrowcolor: "rgba(128,128,128,0.7)", standoff: 7 }
      : { showarrow: false, xshift: dx, yshift: -dy }),
  };
}
