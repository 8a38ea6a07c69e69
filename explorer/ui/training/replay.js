// Plays a plotly figure: what is drawn of each network ends where its training was at that moment.
// While it moves, whole curves stand behind a curtain, which costs next to nothing; where it rests they are cut.

const players = new WeakMap(); // by the element they play in
const NUMBERS = {
  f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array, i2: Int16Array, u2: Uint16Array, i1: Int8Array, u1: Uint8Array,
};
const PLAY = "M7 4v16l13-8z", PAUSE = "M6 4h4v16H6zM14 4h4v16h-4z";
const CALM = 1000; // milliseconds between two pictures, for those who asked for less motion
const SVG = "http://www.w3.org/2000/svg";
let made = 0; // players, so that each has curtains of its own

const sheet = new CSSStyleSheet(); // CSS comes from replay.css
sheet.replaceSync(CSS);
document.adoptedStyleSheets.push(sheet);

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".replay");
  const known = players.get(root);
  if (known) known.bring(data);
  else players.set(root, new Player(root, data));
  return () => {
    players.get(root)?.end();
    players.delete(root);
  };
}

class Player {
  constructor(root, data) {
    this.root = root;
    this.find = (name) => root.querySelector(`.replay-${name}`);
    this.chart = this.find("chart");
    this.share = 0; // of the whole, 0 … 1
    this.playing = false;
    this.number = made++;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.find("play").onclick = () => (this.playing ? this.pause() : this.play());
    this.find("place").oninput = (event) => this.seek(event.target.value / 1000);
    this.find("place").onchange = () => this.playing || this.rest();
    this.find("beside").onchange = () => (this.playing ? this.paint() : this.rest());
    this.observer = new ResizeObserver(() => this.chart.clientWidth === this.width || this.draw());
    this.observer.observe(this.chart);
    this.bring(data);
    if (this.calm) this.share = 1;
    else this.play();
  }

  bring(data) {
    const told = JSON.stringify(data) + getComputedStyle(this.chart).color;
    if (this.told === told) return; // the page was run again, and nothing here changed
    this.told = told;
    this.paces = data.paces;
    this.longest = Math.max(1, ...data.paces.map((pace) => pace.steps));
    this.seconds = Math.max(0, ...data.paces.map((pace) => pace.seconds));
    this.figure = JSON.parse(data.figure);
    this.find("note").textContent = data.note;
    this.chart.setAttribute("role", "img");
    this.chart.setAttribute("aria-label", data.alt);
    this.offer();
    this.list();
    const paces = new Map(data.paces.map((pace) => [pace.name, pace]));
    this.lines = this.figure.data.flatMap((trace, index) => {
      const pace = paces.get(trace.legendgroup), axis = (trace.xaxis ?? "x").replace("x", "xaxis");
      return pace ? [{ index, pace, axis, band: trace.fill === "toself", x: numbers(trace.x), y: numbers(trace.y) }] : [];
    });
    this.ready = false;
    this.draw();
  }

  // The speeds that make sense for this run: real time where it is known.
  offer() {
    const select = this.find("speed"), chosen = select.value || "10";
    const choices = [["10", "all in 10 s"], ["30", "all in 30 s"], ["60", "all in a minute"]];
    for (const times of this.seconds ? [1, 10, 100] : []) choices.push([`x${times}`, times === 1 ? "as fast as it was" : `× ${times}`]);
    select.replaceChildren(...choices.map(([value, text]) => new Option(text, value, false, value === chosen)));
    this.find("beside").parentElement.hidden = !this.seconds || this.paces.length < 2;
  }

  // A line for each network, which says where it stands at that moment.
  list() {
    this.items = this.paces.map((pace) => {
      const [item, mark, name, loss, test] = ["li", "i", "div", "b", "span"].map((tag) => document.createElement(tag));
      mark.style.borderTopColor = pace.colour;
      mark.style.borderTopStyle = pace.dashed ? "dashed" : "solid";
      name.textContent = pace.name;
      item.append(mark, name, loss, test);
      return { item, loss, test };
    });
    this.find("networks").replaceChildren(...this.items.map(({ item }) => item));
  }

  // Whole first, so that the axes are those of the end and nothing jumps while it grows.
  async draw() {
    clearTimeout(this.waiting);
    if (!globalThis.Plotly || !this.chart.clientWidth) {
      this.waiting = setTimeout(() => this.draw(), 50); // plotly's code is still on its way
      return;
    }
    const { data, layout } = this.figure;
    this.width = this.chart.clientWidth;
    this.chart.style.height = `${layout.height}px`;
    const shown = { ...layout, ...themed(this.chart, layout), width: this.width };
    const traces = data.map((trace, index) => ({ ...trace, uid: `replay${index}` }));
    await globalThis.Plotly.react(this.chart, traces, shown, buttons());
    const still = { hovermode: this.playing ? false : layout.hovermode };
    for (const name of Object.keys(this.chart.layout).filter((name) => /^[xy]axis/.test(name)))
      still[`${name}.range`] = [...this.chart.layout[name].range];
    this.uncover();
    await globalThis.Plotly.relayout(this.chart, still);
    this.cover();
    this.ready = this.whole = true;
    if (this.playing) this.paint();
    else this.rest();
  }

  // A curtain for every curve: a rectangle outside of which it is not seen.
  cover() {
    const defs = document.createElementNS(SVG, "defs");
    this.curtains = this.lines.map((line) => {
      const clip = document.createElementNS(SVG, "clipPath"), rectangle = document.createElementNS(SVG, "rect");
      clip.id = `replay-curtain-${this.number}-${line.index}`;
      for (const [name, value] of Object.entries({ x: -50, y: -50, width: 1e5, height: 1e5 })) rectangle.setAttribute(name, value);
      clip.append(rectangle);
      defs.append(clip);
      this.chart.querySelector(`.tracereplay${line.index}`)?.setAttribute("clip-path", `url(#${clip.id})`);
      return rectangle;
    });
    this.chart.querySelector(".main-svg").append(defs);
    this.defs = defs;
  }

  uncover() {
    this.defs?.remove();
    for (const trace of this.chart.querySelectorAll(".trace[clip-path*=replay-curtain]")) trace.removeAttribute("clip-path");
  }

  async play() {
    if (this.share >= 1) this.share = 0;
    this.playing = true;
    this.face();
    await this.move();
    this.last = performance.now();
    this.next();
  }

  pause() {
    this.playing = false;
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    this.face();
    return this.rest();
  }

  next() {
    const ask = () => (this.frame = requestAnimationFrame((now) => this.tick(now)));
    if (this.calm) this.timer = setTimeout(ask, CALM);
    else ask();
  }

  tick(now) {
    if (!this.playing) return;
    const speed = this.find("speed").value;
    const whole = speed.startsWith("x") ? this.seconds / Number(speed.slice(1)) : Number(speed);
    if (this.ready) this.share = Math.min(1, this.share + Math.max(0, now - this.last) / 1000 / whole);
    this.last = now;
    if (this.share >= 1) return this.pause();
    this.paint();
    this.next();
  }

  async seek(share) {
    this.share = share;
    await this.move();
    this.paint();
  }

  face() {
    const button = this.find("play");
    button.setAttribute("aria-label", this.playing ? "Pause" : "Play");
    button.querySelector("path").setAttribute("d", this.playing ? PAUSE : PLAY);
  }

  // The step that a network had reached by now.
  reached(pace) {
    if (this.share >= 1) return Infinity;
    if (this.find("beside").value === "steps" || !pace.seconds) return this.share * this.longest;
    return Math.min(1, (this.share * this.seconds) / pace.seconds) * pace.steps;
  }

  // Before it moves: whole curves behind their curtains, and no values of what is still to come.
  async move() {
    if (!this.ready || this.whole) return;
    this.whole = true;
    this.paint();
    await this.give(this.lines.map(({ x, y }) => [x, y]), false);
    this.paint();
  }

  // Where it stays: the curves are what they were at that moment.
  async rest() {
    this.say();
    if (!this.ready) return;
    this.whole = false;
    await this.give(this.lines.map((line) => cutAt(line, this.reached(line.pace))), this.figure.layout.hovermode);
    if (!this.whole) for (const curtain of this.curtains) curtain.setAttribute("width", 1e5);
  }

  give(points, hovermode) {
    const change = { x: points.map(([x]) => x), y: points.map(([, y]) => y) };
    return globalThis.Plotly.update(this.chart, change, { hovermode }, this.lines.map((line) => line.index));
  }

  paint() {
    this.say();
    if (!this.ready) return;
    this.lines.forEach((line, index) => {
      const axis = this.chart._fullLayout[line.axis], [left, right] = axis.range;
      const place = ((Math.min(right, this.reached(line.pace)) - left) / (right - left)) * axis._length;
      this.curtains[index].setAttribute("width", Math.max(0, 50 + place + (this.share >= 1 ? 50 : 0)));
    });
  }

  // In words and figures: how far, and where every network stands.
  say() {
    const step = Math.round(this.share * this.longest), parts = [];
    if (this.find("beside").value === "steps") parts.push(`step ${step.toLocaleString("en")} of ${this.longest.toLocaleString("en")}`);
    if (this.seconds) parts.push(`${clock(this.share * this.seconds)} of ${clock(this.seconds)}`);
    this.find("where").textContent = parts.join(" · ");
    const place = this.find("place");
    place.value = String(Math.round(this.share * 1000));
    place.setAttribute("aria-valuetext", parts.join(", "));
    this.paces.forEach((pace, index) => {
      const [train, test] = this.lines.filter((line) => line.pace === pace && !line.band).map((line) => lastOf(line, this.reached(pace)));
      const percent = (value) => `${(100 * value).toFixed(1)} %`;
      const share = this.figure.layout.yaxis.tickformat?.includes("%");
      this.items[index].loss.textContent = train === undefined ? "–" : share ? percent(train) : train.toFixed(3);
      this.items[index].test.textContent = test === undefined ? "" : `test ${percent(test)}`;
    });
  }

  end() {
    this.playing = this.ready = false;
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
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
  const count = countAt(line, step), { x, y, band } = line;
  if (!band) return [x.slice(0, count), y.slice(0, count)];
  const there = (values) => [...values.slice(0, count), ...values.slice(values.length - count)];
  return [there(x), there(y)];
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

function clock(seconds) {
  const whole = Math.floor(seconds), two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
