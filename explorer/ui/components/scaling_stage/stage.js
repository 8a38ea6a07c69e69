// The stage: φ as a film whose every stop is a network that was built and counted. Nothing is asked of Python meanwhile.

import { binary, short, times } from "../numbers.js";
import { Player, glide } from "../player.js";
import { make, mounted } from "../shared.js";
import { drawGrowth } from "./growth_chart.js";
import { SLANT, between, drawGhost, drawNetwork, drawNumbers, drawRuler, fitCanvas, lookOf, peaksOf, ruler, spoken } from "./network_slabs.js";

const ROWS = ["blocks", "channels", "pixels a side"];
const MARKS = [0, 100, 200, 300];
const QUARTERS = Array.from({ length: 29 }, (_, at) => at / 4);
const WHOLE = QUARTERS.filter(Number.isInteger);

export default mounted(".stage", (root) => new Stage(root));

class Stage {
  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector(`.${name}`);
    this.texts = new Map(); // what each element shows, so that only what changed is written
    this.mode = "exact";
    this.player = new Player({ button: this.find("play"), motion: glide, paint: () => this.paint(), rested: () => this.rested() });
    this.listen();
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.find("paper"));
  }

  listen() {
    const { player } = this, place = this.find("place");
    this.find("back").onclick = () => player.step(-1);
    this.find("on").onclick = () => player.step(1);
    this.find("speed").onchange = (event) => (player.speed = Number(event.target.value));
    place.oninput = (event) => player.drag(Number(event.target.value));
    place.onchange = () => player.settle();
    for (const button of this.root.querySelectorAll(".mode")) button.onclick = () => this.choose(button.dataset.mode);
    this.find("full").onclick = () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen().catch(() => {}));
    this.root.onkeydown = (event) => {
      if (player.key(event) || event.key !== "s" || event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
      this.choose(this.mode === "exact" ? "shipped" : "exact");
    };
  }

  choose(mode) {
    if (mode === this.mode || !this.data[mode].length) return;
    this.mode = mode;
    this.dress();
    this.paint();
    this.player.settle();
  }

  // Python sends more as more networks are counted; where the visitor stands is theirs, unless a link says otherwise.
  bring(data, tell) {
    Object.assign(this, { data, tell });
    if (this.revision !== data.revision) {
      this.revision = data.revision;
      this.mode = data.mode;
      this.player.place = data.phi;
    }
    if (!this.networks.length) this.mode = "exact";
    if (!this.networks.length) return this.say("status", "○ building the first networks");
    this.first = data.exact[0];
    this.peaks = peaksOf([...data.exact, ...data.shipped]);
    this.dress();
    this.measure();
    if (data.alone && !this.asked) this.asked = setTimeout(() => this.tell({ type: "drawn" }), 150);
  }

  get networks() {
    return this.data[this.mode];
  }

  // What changes with the mode or with what is there, not with the place.
  dress() {
    const exact = this.mode === "exact", there = new Set(this.networks.map((each) => each.phi));
    this.player.stops = [...there];
    for (const button of this.root.querySelectorAll(".mode")) {
      button.setAttribute("aria-checked", String(button.dataset.mode === this.mode));
      button.disabled = !this.data[button.dataset.mode].length;
    }
    this.find("ticks").replaceChildren(...(exact ? QUARTERS : WHOLE).map((place) => {
      const tick = make("i", (there.has(place) ? "built" : "") + (place % 1 ? "" : " whole"));
      tick.style.left = `${(place / 7) * 100}%`;
      if (place % 1 === 0) tick.dataset.name = exact ? String(place) : `B${place}`;
      return tick;
    }));
    this.find("place").setAttribute("aria-label", exact ? "φ" : "k of Bk");
  }

  measure() {
    if (!this.peaks) return;
    const { ctx, width, height } = fitCanvas(this.find("paper"));
    if (!width || !height) return;
    const look = lookOf(this.root, width, ctx), room = { left: look.small * 8.6, right: 14, top: 8, bottom: look.big * 4.5 };
    Object.assign(this, { ctx, look, height });
    this.view = ruler(width, height, this.peaks, { ...room, column: look.big * 2.6, apart: 16, tallest: width / 1050 });
    this.growth = drawGrowth(this.find("growth").querySelector("svg"), this.data);
    this.find("board").style.left = `${this.view.columns[2].x + this.peaks[2][2] * this.view.perPixel * 0.2}px`;
    this.paint();
  }

  paint() {
    if (!this.view) return;
    const now = between(this.networks, this.player.place), { ctx, view, look } = this;
    ctx.clearRect(0, 0, view.width, this.height);
    drawRuler(ctx, view, look, MARKS);
    const most = this.data.exact.at(-1), [, , side] = most.stages[0], high = side * view.perPixel;
    if (most.phi === 7) drawGhost(ctx, view, most.stages, look.ghost, [2, 4]);
    if (most.phi === 7 && this.player.place < 6.5)
      this.note("left", "dotted: φ = 7", view.columns[0].x + high * SLANT.x + look.small * 1.7, view.ground - high * (1 + SLANT.y) + look.small * 0.6);
    if (!now.awaited) drawNetwork(ctx, view, now.stages, look);
    if (!now.awaited) drawNumbers(ctx, view, now.stages, look, ROWS.map((name, row) => ({ name, colour: look.colours[row] })));
    const above = this.peaks[3][2] * view.perPixel * 1.2 + look.small * 1.6;
    this.note("right", "seven stages on one ruler; stem and head are counted, not drawn", view.width - 16, view.ground - above);
    this.write(now);
    if (!now.awaited) this.growth.move(this.player.place, now.macs / this.first.macs);
  }

  note(side, words, x, y) {
    const { ctx, look } = this;
    Object.assign(ctx, { font: `400 ${look.small}px ${look.font}`, fillStyle: look.quiet, textAlign: side });
    ctx.fillText(words, x, y);
  }

  // In figures, and in words: what was built stands in full, what lies between is about so much.
  write(now) {
    const about = now.built ? "" : "≈ ", { first, player } = this, shipped = this.mode === "shipped";
    const whole = now.awaited ? Math.round(player.place) : now.phi;
    const dial = !shipped ? `φ = ${player.place.toFixed(2)}` : now.from === undefined ? `B${whole}` : `B${now.from} … B${now.to}`;
    const gap = now.from === undefined || (shipped ? `B${now.from} and B${now.to}` : `φ = ${now.from.toFixed(2)} and ${now.to.toFixed(2)}`);
    this.say("params", now.awaited ? "…" : about + (now.built ? now.params.toLocaleString("en") : short(now.params)));
    this.say("macs", now.awaited ? "…" : about + short(now.macs));
    this.say("memory", now.awaited ? "…" : about + binary(now.memory));
    for (const name of ["params", "macs", "memory"]) {
      const alike = now.awaited || now[name] === first[name];
      this.say(`${name}-times`, alike ? "\u00a0" : about + times(now[name] / first[name]));
      this.find(`${name}-times`).dataset.of = alike ? "" : ` that of ${shipped ? "B0" : "φ = 0"}`;
    }
    this.say("dial-value", dial);
    this.say("status", now.built ? "● built and counted" : now.awaited ? `○ building ${dial}` : `○ between ${gap}: drawn, not built`);
    for (const name of ["status", "counts"]) this.find(name).classList.toggle("drawn", !now.built);
    this.writeLaw(now);
    if (now.built && this.changed("described", dial)) this.find("paper").setAttribute("aria-label", `${dial}: ${spoken(now.stages)}`);
    const place = this.find("place");
    if (Number(place.value) !== player.place) place.value = String(player.place);
    place.setAttribute("aria-valuetext", `${dial}, ${now.built ? "built" : "drawn"}`);
    place.style.setProperty("--share", String(player.place / 7));
  }

  // α^φ, β^φ, γ^φ; and what they promise for the MACs, beside what was counted.
  writeLaw(now) {
    const { law } = this.data, phi = this.player.place, shipped = this.mode === "shipped", sign = shipped ? "k" : "φ";
    const unknown = shipped && now.awaited, factors = shipped ? now.factors : law.map((base) => base ** phi), product = law[0] * law[1] ** 2 * law[2] ** 2;
    const how = (at) => (shipped ? [`as if φ = ${now.implied[at].toFixed(2)}`, ""] : [`${"αβγ"[at]}^φ`, ` = ${law[at]}^${phi.toFixed(2)}`]);
    const rows = ["depth", "width", "resolution"].map((name, at) => [name, ...(unknown ? ["…", "", ""] : [times(factors[at]), ...how(at)]), this.look.colours[at]]);
    rows.push(["MACs, if doubled", times(2 ** phi), `2^${sign}`, ""]);
    rows.push(["MACs by the law", times(product ** phi), `(α·β²·γ²)^${sign}`, ` = ${product.toFixed(2)}^${sign}`]);
    const counted = now.awaited ? "…" : (now.built ? "" : "≈ ") + times(now.macs / this.first.macs);
    rows.push(["MACs, counted", counted, "", now.awaited ? "once it is built" : now.built ? "in the network that was built" : "between two built ones"]);
    const body = this.root.querySelector(".law tbody");
    if (!body.children.length) body.append(...rows.map(() => make("tr", "", make("th"), make("td"), make("td"))));
    rows.forEach(([name, value, formula, worked, colour = "currentColor"], at) => {
      const row = body.children[at];
      if (!this.changed(`law${at}`, [name, value, formula, worked, colour].join())) return;
      [name, value, formula].forEach((text, column) => row.children[column].replaceChildren(...raised(text)));
      row.lastChild.append(make("span", "worked", ...raised(worked)));
      row.style.setProperty("--mark", colour);
      row.firstChild.scope = "row";
    });
  }

  say(name, text) {
    if (this.changed(name, text)) this.find(name).textContent = text;
  }

  changed(name, text) {
    if (this.texts.get(name) === text) return false;
    this.texts.set(name, text);
    return true;
  }

  rested() {
    if (this.changed("told", `${this.player.place}/${this.mode}`)) this.tell({ type: "rested", id: this.mode, value: String(this.player.place) });
  }

  end() {
    this.player.halt();
    clearTimeout(this.asked);
    this.observer.disconnect();
  }
}

// “1.2^φ” as one writes it.
function raised(text) {
  return text.split(/(\^[\wφ.]+)/).filter(Boolean).map((part) => (part.startsWith("^") ? make("sup", "", part.slice(1)) : part));
}
