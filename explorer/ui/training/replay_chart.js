// A chart that grows: what is drawn of each network ends at the step that its training has reached.
// While it moves, all of it stands behind curtains, which costs next to nothing; where it rests it is cut.

const NUMBERS = {
  f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array, i2: Int16Array, u2: Uint16Array, i1: Int8Array, u1: Uint8Array,
};
const SVG = "http://www.w3.org/2000/svg";
let made = 0; // charts, so that each has curtains of its own

class Growing {
  // `reached(pace)` says at which step a network is by now.
  constructor(chart, reached) {
    Object.assign(this, { chart, reached, lines: [], moving: false, ready: false, number: made++ });
    this.observer = new ResizeObserver(() => chart.clientWidth === this.width || this.draw());
    this.observer.observe(chart);
    chart.setAttribute("role", "img");
  }

  bring({ figure, alt }, paces) {
    this.figure = JSON.parse(figure);
    this.chart.setAttribute("aria-label", alt);
    const known = new Map(paces.map((pace) => [pace.name, pace]));
    this.lines = this.figure.data.flatMap((trace, index) => {
      const pace = known.get(trace.legendgroup), axis = (trace.xaxis ?? "x").replace("x", "xaxis");
      if (!pace) return [];
      const place = trace.z ? `.${trace.xaxis}${trace.yaxis} .heatmaplayer .hm` : `.tracereplay${index}`;
      const map = trace.z && rows(trace.z), y = map ? undefined : numbers(trace.y);
      return [{ index, pace, axis, place, map, y, x: numbers(trace.x), band: trace.fill === "toself" }];
    });
    return this.draw();
  }

  // Whole first, so that the axes are those of the end and nothing jumps while it grows.
  async draw() {
    clearTimeout(this.waiting);
    this.ready = false;
    if (!globalThis.Plotly || !this.chart.clientWidth) {
      this.waiting = setTimeout(() => this.draw(), 50); // plotly's code is still on its way
      return;
    }
    const { data, layout } = this.figure;
    this.width = this.chart.clientWidth;
    this.chart.style.height = `${layout.height}px`;
    const shown = { ...layout, ...themed(this.chart, layout), width: this.width };
    const traces = data.map((trace, index) => ({ ...trace, uid: `replay${index}` }));
    this.uncover();
    await globalThis.Plotly.react(this.chart, traces, shown, buttons());
    const axes = Object.keys(this.chart.layout).filter((name) => /^[xy]axis/.test(name));
    const still = Object.fromEntries(axes.map((name) => [`${name}.range`, [...this.chart.layout[name].range]]));
    await globalThis.Plotly.relayout(this.chart, { ...still, hovermode: this.moving ? false : layout.hovermode });
    this.cover();
    this.ready = this.whole = true;
    if (this.moving) this.paint();
    else await this.rest();
  }

  // A curtain for every curve and map: a rectangle outside of which it is not seen.
  cover() {
    this.defs = document.createElementNS(SVG, "defs");
    this.curtains = this.lines.map((line) => {
      const clip = document.createElementNS(SVG, "clipPath"), rectangle = document.createElementNS(SVG, "rect");
      clip.id = `replay-curtain-${this.number}-${line.index}`;
      for (const [name, value] of Object.entries({ x: -50, y: -50, width: 1e5, height: 1e5 })) rectangle.setAttribute(name, value);
      clip.append(rectangle);
      this.defs.append(clip);
      return rectangle;
    });
    this.chart.querySelector(".main-svg").append(this.defs);
    this.hang();
  }

  // What had no points by then was not drawn, and is drawn anew without its curtain.
  hang() {
    for (const line of this.lines)
      this.chart.querySelector(line.place)?.setAttribute("clip-path", `url(#replay-curtain-${this.number}-${line.index})`);
  }

  uncover() {
    this.defs?.remove();
    for (const drawn of this.chart.querySelectorAll("[clip-path*=replay-curtain]")) drawn.removeAttribute("clip-path");
  }

  // Before it moves: everything behind its curtain, and no values of what is still to come.
  async move() {
    this.moving = true;
    if (!this.ready || this.whole) return;
    this.whole = true;
    this.paint();
    await this.give(this.lines, false);
    this.paint();
  }

  // Where it stays: the curves and maps are what they were at that moment.
  async rest() {
    this.moving = false;
    if (!this.ready) return;
    this.whole = false;
    await this.give(this.lines.map((line) => cutAt(line, this.reached(line.pace))), this.figure.layout.hovermode);
    if (!this.whole) for (const curtain of this.curtains) curtain.setAttribute("width", 1e5);
  }

  async give(parts, hovermode) {
    const change = { x: parts.map(({ x }) => x), y: parts.map(({ y }) => y), z: parts.map(({ map }) => map) };
    await globalThis.Plotly.update(this.chart, change, { hovermode }, this.lines.map((line) => line.index));
    this.hang();
  }

  paint() {
    if (!this.ready) return;
    this.lines.forEach((line, index) => {
      const axis = this.chart._fullLayout[line.axis], [left, right] = axis.range, step = this.reached(line.pace);
      const place = ((Math.min(right, step) - left) / (right - left)) * axis._length;
      this.curtains[index].setAttribute("width", Math.max(0, 50 + place + (step >= right ? 50 : 0)));
    });
  }

  end() {
    this.ready = false;
    this.observer.disconnect();
    clearTimeout(this.waiting);
    globalThis.Plotly?.purge(this.chart);
  }
}

// How many points lie at or before the step; the points of a band come back in reverse, and count half.
function countAt(line, step) {
  let low = 0, high = line.band ? line.x.length / 2 : line.x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (line.x[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return low;
}

function cutAt(line, step) {
  const count = countAt(line, step), { x, y, map, band } = line;
  const cut = (values) => (band ? [...values.slice(0, count), ...values.slice(values.length - count)] : values.slice(0, count));
  return { x: cut(x), y: y && cut(y), map: map?.map(cut) };
}

function lastOf(line, step) {
  const count = countAt(line, step);
  return count ? line.y[count - 1] : undefined;
}

// plotly.py sends arrays as base64.
function numbers(values) {
  if (!values?.bdata) return values ?? [];
  const bytes = Uint8Array.from(atob(values.bdata), (letter) => letter.charCodeAt(0));
  return [...new NUMBERS[values.dtype](bytes.buffer)];
}

function rows(table) {
  if (!table.bdata) return table;
  const flat = numbers(table), width = Number(table.shape.split(",")[1]);
  return Array.from({ length: flat.length / width }, (_, row) => flat.slice(row * width, (row + 1) * width));
}
