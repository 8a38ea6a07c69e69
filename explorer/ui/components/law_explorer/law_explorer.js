// One's own law: sliders, the surface α·β²·γ² = 2 and the network it makes. Drawn at once; built when one lets go.

import { binary, short, times } from "../numbers.js";
import { drawGhost, drawNetwork, drawNumbers, drawRuler, fitCanvas, lookOf, peaksOf, ruler, spoken } from "../scaling_stage/network_slabs.js";
import { make, mounted } from "../shared.js";
import { drawMap } from "./surface.js";

const NAMES = ["alpha", "beta", "gamma", "phi"];
const MEANS = { alpha: "depth", beta: "width", gamma: "resolution", phi: "how often" };

export default mounted(".own", (root, data) => new Lab(root, data.rule));

class Lab {
  // The `rule` is Python's: the budget, and for each dimension its power, sign and span.
  constructor(root, rule) {
    Object.assign(this, { root, rule });
    this.find = (name) => root.querySelector(`.${name}`);
    this.knobs = Object.fromEntries(NAMES.map((name) => [name, this.knob(name)]));
    this.find("rows").replaceChildren(...NAMES.map((name) => this.knobs[name].row));
    this.find("lock").firstElementChild.onchange = (event) => this.send({ lock: event.target.checked });
    this.find("paper-law").onclick = () => this.send({ paper: true });
    const map = this.find("ground");
    map.onpointerdown = (event) => { map.setPointerCapture(event.pointerId); this.point(event); };
    map.onpointermove = (event) => map.hasPointerCapture(event.pointerId) && this.point(event);
    map.onpointerup = () => this.send({});
    map.onkeydown = (event) => this.key(event);
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.find("paper"));
    this.observer.observe(map);
  }

  knob(name) {
    const slide = make("input"), box = make("input"), sign = this.rule.signs[name], [min, max, step] = this.rule.spans[name];
    Object.assign(slide, { type: "range", min, max, step, ariaLabel: `${sign}, ${MEANS[name]}` });
    Object.assign(box, { type: "number", step, ariaLabel: `${sign} as a number` });
    slide.oninput = () => this.turn(name, Number(slide.value));
    slide.onchange = () => this.send({});
    box.onchange = () => this.send({ typed: name, value: box.value });
    return { slide, box, row: make("label", `knob ${name}`, make("b", "", sign), make("span", "", MEANS[name]), slide, box) };
  }

  bring(data, tell) {
    Object.assign(this, { data, tell });
    if (this.revision !== data.revision) {
      this.revision = data.revision;
      this.law = { ...data.law };
      this.lock = data.lock;
      for (const name of NAMES) this.knobs[name].box.value = this.law[name].toFixed(2); // also where one is typing
      this.find("lock").firstElementChild.checked = data.lock;
    }
    this.measure();
  }

  // Moved here and drawn here; nothing is asked of Python before one lets go.
  turn(name, value) {
    if (name === "phi" || !this.lock) this.law = { ...this.law, [name]: value };
    else this.law = follow(this.law, name, value, this.rule);
    this.paint();
  }

  point(event) {
    const { left, top } = this.find("ground").getBoundingClientRect();
    this.place(this.map.alpha(event.clientX - left), this.map.beta(event.clientY - top));
  }

  key(event) {
    const way = { ArrowLeft: [-0.01, 0], ArrowRight: [0.01, 0], ArrowUp: [0, 0.01], ArrowDown: [0, -0.01] }[event.key];
    if (!way) return;
    event.preventDefault();
    this.place(this.law.alpha + way[0], this.law.beta + way[1]);
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.send({}), 400);
  }

  // On the map one stays where a γ of 1 or more is left.
  place(alpha, beta) {
    const { budget, spans } = this.rule;
    alpha = within(alpha, ...spans.alpha);
    beta = within(beta, 1, Math.sqrt(this.lock ? budget / alpha : budget));
    const gamma = this.lock ? Math.sqrt(budget / (alpha * beta ** 2)) : this.law.gamma;
    this.law = { ...this.law, alpha, beta, gamma };
    this.paint();
  }

  send(what) {
    const law = Object.fromEntries(NAMES.map((name) => [name, Math.round(this.law[name] * 100) / 100]));
    this.tell({ type: "set", value: JSON.stringify({ ...law, ...what }) });
  }

  measure() {
    if (!this.data) return;
    const { ctx, width, height } = fitCanvas(this.find("paper"));
    if (!width || !height) return;
    this.look = lookOf(this.root, width * 1.6, ctx);
    this.map = drawMap(this.find("sheet"), this.data, this.look);
    this.paint();
  }

  paint() {
    if (!this.map) return;
    const { law, data } = this, product = law.alpha * law.beta ** 2 * law.gamma ** 2;
    for (const name of NAMES) {
      const { slide, box } = this.knobs[name], text = law[name].toFixed(2);
      if (slide.value !== text) slide.value = text;
      if (this.root.getRootNode().activeElement !== box) box.value = text;
    }
    this.gauge(product);
    this.map.move(law);
    const built = NAMES.every((name) => Math.abs(law[name] - data.law[name]) < 0.0051) && data.own;
    this.picture(built ? data.own : drawn(data.base, law), built);
    this.say("said strong", `${data.title} after φ = ${law.phi.toFixed(2)}`);
    this.say("status", built ? "● built and counted" : "○ drawn, not built: let go to build it");
    this.find("status").classList.toggle("drawn", !built);
    this.counts(built ? data.own : null, product ** law.phi);
  }

  gauge(product) {
    const { budget } = this.rule, place = (value) => `${within((Math.log2(value) / 2) * 100, 0, 100)}%`;
    this.say("meter b", product.toFixed(2));
    this.say("meter em", Math.abs(product - budget) < 0.03 ? "MACs double with each φ" : product < budget ? "less than double" : "more than double");
    this.find("gauge i").style.width = place(product);
    this.find("gauge s").style.left = place(budget);
    this.find("meter").setAttribute("aria-valuenow", product.toFixed(2));
    this.find("gauge").classList.toggle("beyond", product > budget + 0.03);
  }

  picture(network, built) {
    const canvas = this.find("paper"), { ctx, width, height } = fitCanvas(canvas), { look, data } = this;
    const room = { left: look.small * 7.6, right: 10, top: 6, bottom: look.big * 4.3, column: look.big * 2.3, apart: 8, tallest: 2.4 };
    const view = ruler(width, height, peaksOf([data.base, network]), room);
    ctx.clearRect(0, 0, width, height);
    drawRuler(ctx, view, look, [0, data.base.stages[0][2]]);
    drawNetwork(ctx, view, network.stages, look);
    drawGhost(ctx, view, data.base.stages, look.ink, [4, 3]);
    drawNumbers(ctx, view, network.stages, look, ["blocks", "channels", "pixels"].map((name, at) => ({ name, colour: look.colours[at] })));
    canvas.setAttribute("aria-label", `${built ? "Built" : "Drawn"}: ${spoken(network.stages)}`);
  }

  counts(own, promised) {
    const { base } = this.data;
    this.say("params", own ? own.params.toLocaleString("en") : "…");
    this.say("macs", own ? short(own.macs) : "…");
    this.say("memory", own ? binary(own.memory) : "…");
    this.say("params-times", own ? `${times(own.params / base.params)} ${this.data.title}` : " ");
    this.say("macs-times", own ? `${times(own.macs / base.macs)}; the law promised ${times(promised)}` : `the law promises ${times(promised)}`);
    this.say("memory-times", own ? times(own.memory / base.memory) : " ");
  }

  say(path, text) {
    const element = this.root.querySelector(`.${path}`);
    if (element.textContent !== text) element.textContent = text;
  }

  end() {
    clearTimeout(this.waiting);
    this.observer.disconnect();
  }
}

function within(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

// `name` set to `value`, or to the nearest that leaves the other two at 1 or more; they keep their proportion, and bring
// the product back to the budget. To the digit what `drag` in explorer/scaling/law.py does.
export function follow(law, name, value, { budget, powers }) {
  const [first, second] = Object.keys(powers).filter((each) => each !== name);
  const set = within(value, 1, budget ** (1 / powers[name])), left = Math.log(budget) - powers[name] * Math.log(set);
  const [one, other] = [first, second].map((each) => powers[each] * Math.log(law[each]));
  const share = one + other > 1e-9 ? one / (one + other) : 0.5;
  const root = (part, of) => Math.exp(Math.max(0, part) / powers[of]);
  return { ...law, [name]: set, [first]: root(left * share, first), [second]: root(left - left * share, second) };
}

// What the factors ask for, before anything is built: blocks are wholes, and so are channels and pixels.
function drawn(base, law) {
  const [depth, width, resolution] = ["alpha", "beta", "gamma"].map((name) => law[name] ** law.phi);
  return { stages: base.stages.map(([blocks, channels, side]) => [Math.ceil(blocks * depth - 1e-6), channels * width, side * resolution]) };
}
