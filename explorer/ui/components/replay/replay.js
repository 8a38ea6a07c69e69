// Plays a training again: one place in time, and charts that end where each network was at that moment.

import { flow, Player } from "../player.js";
import { make, mounted } from "../shared.js";
import { GrowingChart, lastValue } from "./growing_traces.js";

const sheet = new CSSStyleSheet(); // CSS comes from replay.css
sheet.replaceSync(CSS);
document.adoptedStyleSheets.push(sheet);

export default mounted(".replay", (root, data) => new Replay(root, data));

class Replay {
  constructor(root, data) {
    this.find = (name) => root.querySelector(`.replay-${name}`);
    this.charts = ["curves", "strip"].map((name) => new GrowingChart(this.find(name), (pace) => this.reached(pace)));
    const [paint, rested, begun] = [() => this.paint(), () => this.rest(), () => this.move()];
    this.player = new Player({ button: this.find("play"), motion: flow(() => this.duration), paint, rested, begun, stops: [0, 1], free: true });
    this.find("place").oninput = (event) => this.seek(event.target.value / 1000);
    this.find("place").onchange = () => this.player.playing || this.rest();
    this.find("beside").onchange = () => (this.player.playing ? this.paint() : this.rest());
    this.bring(data);
    if (data.paused) this.player.travel(0);
    else if (this.player.calm) this.player.travel(1);
    else this.player.play();
  }

  bring(data) {
    const told = JSON.stringify(data) + getComputedStyle(this.find("curves")).color;
    if (this.told === told) return; // the page was run again, and nothing here changed
    this.told = told;
    this.paces = data.paces;
    this.longest = Math.max(1, ...data.paces.map((pace) => pace.steps));
    this.seconds = Math.max(0, ...data.paces.map((pace) => pace.seconds));
    this.find("note").textContent = data.note;
    this.find("views").replaceChildren(...data.views.map(([who, words]) => make("p", "", make("b", "", `${who}: `), words)));
    this.offer();
    this.list();
    [data.curves, data.strip].forEach((drawn, index) => this.charts[index].bring(drawn, data.paces));
    this.say();
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
      const mark = make("i"), loss = make("b"), test = make("span");
      mark.style.borderTopColor = pace.colour;
      mark.style.borderTopStyle = pace.dashed ? "dashed" : "solid";
      return { item: make("li", "", mark, make("div", "", pace.name), loss, test), loss, test };
    });
    this.find("networks").replaceChildren(...this.items.map(({ item }) => item));
  }

  // Of the whole, 0 … 1.
  get share() { return this.player.place; }

  // Milliseconds from the beginning to the end; nothing moves before all is drawn.
  get duration() {
    const speed = this.find("speed").value;
    if (!this.charts.every((chart) => chart.ready)) return Infinity;
    return 1000 * (speed.startsWith("x") ? this.seconds / Number(speed.slice(1)) : Number(speed));
  }

  // Where on its axis a network had come by now: at which step or, where `unit` steps are one of these, which epoch.
  reached(pace) {
    if (this.share > 1 - 1e-6) return Infinity;
    const { seconds, steps, unit = 1 } = pace;
    if (this.find("beside").value === "steps" || !seconds) return (this.share * this.longest) / unit;
    return (Math.min(1, (this.share * this.seconds) / seconds) * steps) / unit;
  }

  // Behind the curtains before it is seen there.
  async seek(share) {
    this.player.place = share;
    await this.move();
    this.paint();
  }

  move() {
    return Promise.all(this.charts.map((chart) => chart.move()));
  }

  rest() {
    this.say();
    return Promise.all(this.charts.map((chart) => chart.rest()));
  }

  paint() {
    this.say();
    for (const chart of this.charts) chart.reveal();
  }

  // In words and figures: how far, and where every network stands.
  say() {
    const step = Math.round(this.share * this.longest), parts = [];
    if (this.find("beside").value === "steps") parts.push(`step ${step.toLocaleString("en")} of ${this.longest.toLocaleString("en")}`);
    if (this.seconds) parts.push(`${clock(this.share * this.seconds)} of ${clock(this.seconds)}`);
    this.find("where").textContent = parts.join(" · ");
    const place = this.find("place"), [curves] = this.charts;
    place.value = String(Math.round(this.share * 1000));
    place.setAttribute("aria-valuetext", parts.join(", "));
    const percent = (value) => `${(100 * value).toFixed(1)}%`, share = curves.figure.layout.yaxis.tickformat?.includes("%");
    this.paces.forEach((pace, index) => {
      const own = curves.lines.filter((line) => line.pace === pace && !line.band);
      const [train, test] = own.map((line) => lastValue(line, this.reached(pace)));
      this.items[index].loss.textContent = train === undefined ? "–" : share ? percent(train) : train.toFixed(3);
      this.items[index].test.textContent = test === undefined ? "test –" : `test ${percent(test)}`;
    });
  }

  end() {
    this.player.halt();
    for (const chart of this.charts) chart.end();
  }
}

function clock(seconds) {
  const whole = Math.floor(seconds), two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
