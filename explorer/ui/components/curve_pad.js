// The curve that one expects: five points, moved up and down over an empty chart; then the run over it.

import { make, makeSvg, mounted, setAttributes } from "./shared.js";

const FINE = 100; // steps from the bottom of the chart to its top
const EDGE = 10; // per cent of the width at the left and the right of the first and the last point

export default mounted(".curve-pad", (root) => new CurvePad(root));

// Where a part of the way from the first point to the last lies, in per cent of the width.
export function across(part) {
  return EDGE + (100 - 2 * EDGE) * part;
}

// A line through points ([part of the way, part of the height]), for a square of 100.
export function lineThrough(points) {
  return points.map(([part, height]) => `${across(part).toFixed(2)},${(100 - 100 * Math.min(1, Math.max(0, height))).toFixed(2)}`).join(" ");
}

class CurvePad {
  constructor(root) {
    this.root = root;
    this.lines = ["pad-guess", "pad-run"].map((name) => makeSvg("polyline", { class: name, points: "" }));
    const picture = makeSvg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }, ...this.lines);
    this.ends = [make("span", "pad-top"), make("span", "pad-bottom", "0")];
    this.slides = [];
    this.chart = make("div", "pad-chart", picture, ...this.ends);
    this.steps = make("div", "pad-steps");
    this.give = make("button", "pad-give", "That is what I expect");
    this.give.onclick = () => this.tell({ type: "points", value: JSON.stringify(this.points()) });
    root.replaceChildren(this.chart, this.steps, this.give);
  }

  bring(data, tell) {
    this.tell = tell;
    const begun = this.data?.question === data.question;
    this.data = data;
    if (!begun) this.begin();
    if (data.guess) this.slides.forEach((slide, place) => { slide.value = Math.round((FINE * data.guess[place]) / data.high); });
    for (const slide of this.slides) slide.disabled = Boolean(data.guess);
    this.give.hidden = Boolean(data.guess);
    setAttributes(this.lines[1], { points: lineThrough((data.run ?? []).map(([part, value]) => [part, value / data.high])) });
    this.draw();
  }

  begin() {
    const { steps, high } = this.data, last = steps.length - 1;
    for (const slide of this.slides) slide.remove();
    this.slides = steps.map((step, place) => {
      const slide = make("input");
      Object.assign(slide, { type: "range", min: 0, max: FINE, value: FINE / 2, oninput: () => this.draw() });
      setAttributes(slide, { "aria-label": `At step ${step.toLocaleString("en")}`, "aria-orientation": "vertical" });
      slide.style.left = `${across(place / last)}%`;
      return slide;
    });
    this.chart.append(...this.slides);
    this.ends[0].textContent = this.spell(high);
    this.steps.replaceChildren(...steps.map((step, place) => {
      const label = make("span", "", place ? step.toLocaleString("en") : `step ${step}`);
      label.style.left = `${across(place / last)}%`;
      return label;
    }));
  }

  points() {
    return this.slides.map((slide) => (slide.value * this.data.high) / FINE);
  }

  spell(value) {
    return this.data.share ? `${Math.round(100 * value)} %` : value.toPrecision(2);
  }

  draw() {
    const last = this.slides.length - 1;
    setAttributes(this.lines[0], { points: lineThrough(this.slides.map((slide, place) => [place / last, slide.value / FINE])) });
    for (const slide of this.slides) slide.setAttribute("aria-valuetext", this.spell((slide.value * this.data.high) / FINE));
  }

  end() {}
}
