// The points and axes of a chart as a still picture: on the screen at once, until plotly's five megabytes have arrived
// and draw all of it. Measured at five openings of Compare each, in a browser that never was there: without it the first
// point is there 1.9 times as late (2.5 s, not 1.3).

import { legible, makeSvg } from "../shared.js";
import { scales } from "./point_labels.js";

const NEAR = 14; // pixels from a point within which a click means it

// `layout` is at the chart's size; `choose` is called with the key of a clicked point.
export function drawStill(chart, { data, layout }, choose) {
  const scale = scales(layout), { left, right, top, bottom } = scale.frame;
  const ink = getComputedStyle(chart).getPropertyValue("--st-text-color").trim() || "currentColor";
  const title = ({ title: { text } }, place) => makeSvg("text", { ...place, "text-anchor": "middle", "font-size": 17 }, text.replace(/<[^>]+>/g, ""));
  const titles = [
    title(layout.xaxis, { x: (left + right) / 2, y: bottom + 40 }),
    title(layout.yaxis, { transform: `translate(18,${(top + bottom) / 2}) rotate(-90)` }),
  ];
  const dots = data.filter(({ mode }) => !mode.startsWith("lines")).flatMap((trace) => dotsOf(trace, scale));
  const grid = ["x", "y"].flatMap((name) => gridOf(name, layout[`${name}axis`], scale));
  const size = { class: "still", width: layout.width, height: layout.height, fill: ink, "font-size": legible(15) };
  const still = makeSvg("svg", size, ...grid, ...titles, ...dots.map(({ circle }) => circle));
  still.addEventListener("click", (event) => {
    const { x, y } = chart.getBoundingClientRect();
    const far = ({ px, py }) => Math.hypot(px + x - event.clientX, py + y - event.clientY);
    const [nearest] = dots.filter((dot) => dot.key && far(dot) < NEAR).sort((one, other) => far(one) - far(other));
    if (nearest) choose(nearest.key);
  });
  chart.querySelector(".still")?.remove();
  chart.append(still);
}

function dotsOf({ x, y, marker, customdata }, scale) {
  const one = (values, index) => (Array.isArray(values) ? values[index] : values);
  return [...x.keys()].filter((index) => x[index] !== null).map((index) => {
    const { px, py } = scale(x[index], y[index]), fill = one(marker.symbol, index).endsWith("-open") ? "none" : marker.color;
    const look = { fill, stroke: marker.color, "stroke-width": one(marker.line.width, index), opacity: marker.opacity ?? 1 };
    return { px, py, key: customdata?.[index], circle: makeSvg("circle", { cx: px, cy: py, r: one(marker.size, index) / 2, ...look }) };
  });
}

function gridOf(name, axis, scale) {
  const { left, right, top, bottom } = scale.frame, across = name === "x";
  const values = axis.type === "log" ? powers(axis) : steps(axis.range, across ? (right - left) / 80 : (bottom - top) / 40);
  return values.flatMap((value) => {
    const { px, py } = scale(value, value), told = axis.tickformat ? metric(value) : String(value);
    const words = axis.labelalias?.[told] ?? told + axis.ticksuffix;
    const ends = across ? { x1: px, x2: px, y1: top, y2: bottom } : { x1: left, x2: right, y1: py, y2: py };
    const place = across ? { x: px, y: bottom + 18, "text-anchor": "middle" } : { x: left - 4, y: py + 5, "text-anchor": "end" };
    const line = makeSvg("line", { ...ends, stroke: "rgba(128,128,128,0.18)" });
    return axis.showticklabels ? [line, makeSvg("text", place, words)] : [line];
  });
}

function powers({ range: [low, high], dtick }) {
  const digits = dtick === "D2" ? [1, 2, 5] : [1], whole = Array.from({ length: high - Math.floor(low) + 1 }, (_, at) => Math.floor(low) + at);
  const found = whole.flatMap((power) => digits.map((digit) => digit * 10 ** power));
  return found.filter((value) => Math.log10(value) >= low && Math.log10(value) <= high);
}

function steps([low, high], most) {
  const rough = (high - low) / (Math.max(4, Math.min(9, most)) + 1), unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((times) => times * unit >= rough), first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

function metric(value) {
  const thousands = Math.max(-3, Math.min(5, Math.floor(Math.log10(Math.abs(value) || 1) / 3 + 1e-9)));
  return Number((value / 1000 ** thousands).toPrecision(6)) + ["n", "µ", "m", "", "k", "M", "G", "T", "P"][thousands + 3];
}
