// A chart that grows: what is drawn of each network ends at the step that its training has reached.
// While it moves, all of it stands behind curtains, which costs next to nothing; where it rests it is cut.

import { PlotlyChart, react } from "../plotly_chart/plotly_chart.js";
import { makeSvg } from "../shared.js";

const NUMBERS = {
  f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array, i2: Int16Array, u2: Uint16Array, i1: Int8Array, u1: Uint8Array,
};
let made = 0; // charts, so that each has curtains of its own

export class GrowingChart extends PlotlyChart {
  // `reached(pace)` says at which step a network is by now.
  constructor(element, reached) {
    super(element);
    Object.assign(this, { reached, lines: [], moving: false, ready: false, number: made++, hidden: new CSSStyleSheet() });
    document.adoptedStyleSheets.push(this.hidden);
    element.dataset.replay = this.number;
  }

  bring(drawn, paces) {
    this.read(drawn);
    this.lines = growingTraces(this.figure.data, paces);
    return this.draw();
  }

  draw() {
    this.ready = false;
    return super.draw();
  }

  // Whole first, so that the axes are those of the end and nothing jumps while it grows.
  async paint() {
    const { data, layout } = this.seen();
    data.forEach((trace, index) => (trace.uid = `replay${index}`));
    this.uncover();
    this.veiled = true;
    this.tellEnds();
    await react(this.element, data, layout);
    const axes = Object.keys(this.element.layout).filter((name) => /^[xy]axis/.test(name));
    const still = Object.fromEntries(axes.map((name) => [`${name}.range`, [...this.element.layout[name].range]]));
    await globalThis.Plotly.relayout(this.element, { ...still, hovermode: this.moving ? false : layout.hovermode });
    this.cover();
    this.ready = this.whole = true;
    if (this.moving) this.reveal();
    else await this.rest();
    this.veiled = false;
    this.tellEnds();
  }

  // A curtain for every curve and map: a rectangle outside of which it is not seen.
  cover() {
    this.curtains = this.lines.map(() => makeSvg("rect", { x: -50, y: -50, width: 1e5, height: 1e5 }));
    const clip = ({ index }, at) => makeSvg("clipPath", { id: `replay-curtain-${this.number}-${index}` }, this.curtains[at]);
    this.defs = makeSvg("defs", {}, ...this.lines.map(clip));
    this.element.querySelector(".main-svg").append(this.defs);
    this.hang();
  }

  // What had no points by then was not drawn, and is drawn anew without its curtain.
  hang() {
    for (const line of this.lines)
      this.element.querySelector(line.place)?.setAttribute("clip-path", `url(#replay-curtain-${this.number}-${line.index})`);
    this.tellEnds();
  }

  // The names at the ends of the curves would tell before how it ended; and so would the curves, until they are cut. By
  // a sheet, not by their own style: plotly draws them anew whenever it likes.
  tellEnds() {
    const over = this.lines.every(({ pace }) => this.reached(pace) === Infinity), notes = this.figure.layout.annotations ?? [];
    const ends = notes.flatMap(({ name }, index) => (name === "end" ? [`.annotation[data-index="${index}"]`] : []));
    const parts = over ? [] : this.veiled ? [...ends, ".cartesianlayer .plot"] : ends;
    const rule = parts.map((part) => `[data-replay="${this.number}"] ${part} { visibility: hidden; }`).join("\n");
    if (rule !== this.rule) this.hidden.replaceSync(rule);
    this.rule = rule;
  }

  uncover() {
    this.defs?.remove();
    for (const drawn of this.element.querySelectorAll("[clip-path*=replay-curtain]")) drawn.removeAttribute("clip-path");
  }

  // Before it moves: everything behind its curtain, and no values of what is still to come.
  async move() {
    this.moving = true;
    if (!this.ready || this.whole) return;
    this.whole = true;
    this.reveal();
    await this.give(this.lines, false);
    this.reveal();
  }

  // Where it stays: the curves and maps are what they were at that moment.
  async rest() {
    this.moving = false;
    if (!this.ready) return;
    this.whole = false;
    await this.give(this.lines.map((line) => cutTrace(line, this.reached(line.pace))), this.figure.layout.hovermode);
    if (!this.whole) for (const curtain of this.curtains) curtain.setAttribute("width", 1e5);
  }

  async give(parts, hovermode) {
    const change = { x: parts.map(({ x }) => x), y: parts.map(({ y }) => y), z: parts.map(({ map }) => map) };
    await this.work(globalThis.Plotly.update(this.element, change, { hovermode }, this.lines.map((line) => line.index)));
    this.hang();
  }

  reveal() {
    if (!this.ready) return;
    this.tellEnds();
    this.lines.forEach((line, index) => {
      const axis = this.element._fullLayout[line.axis], [left, right] = axis.range, step = this.reached(line.pace);
      const place = ((Math.min(right, step) - left) / (right - left)) * axis._length;
      this.curtains[index].setAttribute("width", Math.max(0, 50 + place + (step >= right ? 50 : 0)));
    });
  }

  end() {
    this.ready = false;
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== this.hidden);
    return super.end();
  }
}

// What grows of a figure: the curves, bands and maps that have the name of a network for their legend group.
export function growingTraces(data, paces) {
  return data.flatMap((trace, index) => {
    const pace = paces.find(({ name }) => name === trace.legendgroup), axis = (trace.xaxis ?? "x").replace("x", "xaxis");
    if (!pace) return [];
    const place = trace.z ? `.${trace.xaxis}${trace.yaxis} .heatmaplayer .hm` : `.tracereplay${index}`;
    const map = trace.z && rowsOf(trace.z), y = map ? undefined : numbersOf(trace.y);
    return [{ index, pace, axis, place, map, y, x: numbersOf(trace.x), band: trace.fill === "toself" }];
  });
}

// How many points lie at or before the step; the points of a band come back in reverse, and count half.
function countAt({ x, band }, step) {
  const most = band ? x.length / 2 : x.length, past = x.findIndex((value) => value > step);
  return past < 0 ? most : Math.min(past, most);
}

export function cutTrace(line, step) {
  const count = countAt(line, step), { x, y, map, band } = line;
  const cut = (values) => (band ? [...values.slice(0, count), ...values.slice(values.length - count)] : values.slice(0, count));
  return { x: cut(x), y: y && cut(y), map: map?.map(cut) };
}

export function lastValue(line, step) {
  const count = countAt(line, step);
  return count ? line.y[count - 1] : undefined;
}

// plotly.py sends arrays as base64.
function numbersOf(values) {
  if (!values?.bdata) return values ?? [];
  const bytes = Uint8Array.from(atob(values.bdata), (letter) => letter.charCodeAt(0));
  return [...new NUMBERS[values.dtype](bytes.buffer)];
}

function rowsOf(table) {
  if (!table.bdata) return table;
  const flat = numbersOf(table), width = Number(table.shape.split(",")[1]);
  return Array.from({ length: flat.length / width }, (_, row) => flat.slice(row * width, (row + 1) * width));
}
