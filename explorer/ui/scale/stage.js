// The stage: φ as a film whose every stop is a network that was built and counted. Nothing is asked of Python meanwhile.

const stages = new WeakMap(); // by the element it plays in
const PLAY = "M8 5v14l11-7z", PAUSE = "M7 5h4v14H7zM13 5h4v14h-4z";
const ROWS = ["blocks", "channels", "pixels a side"];
const MARKS = [0, 100, 200, 300];

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".stage");
  let stage = stages.get(root);
  if (!stage) stages.set(root, (stage = new Stage(root)));
  stage.tell = setTriggerValue;
  stage.bring(data);
  return () => {
    stages.get(root)?.end();
    stages.delete(root);
  };
}

class Stage {
  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector(`.${name}`);
    this.texts = new Map(); // what each element shows, so that only what changed is written
    this.mode = "exact";
    this.number = 0;
    this.player = new Player(() => this.paint(), () => this.rested());
    this.listen();
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.find("paper"));
    this.face();
  }

  listen() {
    const { player } = this, place = this.find("place");
    this.find("play").onclick = () => this.toggle();
    this.find("back").onclick = () => this.step(-1);
    this.find("on").onclick = () => this.step(1);
    this.find("speed").onchange = (event) => (player.speed = Number(event.target.value));
    place.oninput = (event) => { player.drag(Number(event.target.value)); this.face(); };
    place.onchange = () => player.settle();
    for (const button of this.root.querySelectorAll(".mode")) button.onclick = () => this.choose(button.dataset.mode);
    this.find("full").onclick = () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen().catch(() => {}));
    this.root.onkeydown = (event) => this.key(event);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
    const deeds = {
      " ": () => this.toggle(), k: () => this.toggle(), ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1),
      Home: () => this.player.travel(this.player.first, SNAP), End: () => this.player.travel(this.player.last, SNAP),
      s: () => this.choose(this.mode === "exact" ? "shipped" : "exact"),
    };
    const deed = deeds[event.key];
    if (!deed || (event.key === " " && event.target.tagName === "BUTTON")) return;
    event.preventDefault();
    deed();
    this.face();
  }

  toggle() {
    if (this.player.playing) this.player.pause();
    else this.player.play();
    this.face();
  }

  step(way) {
    this.player.step(way);
    this.face();
  }

  choose(mode) {
    if (mode === this.mode || !this.data[mode].length) return;
    this.mode = mode;
    this.player.halt();
    this.player.bring(this.networks.map((each) => each.phi));
    this.dress();
    this.player.settle();
    this.face();
  }

  // Python sends more as more networks are counted; where the visitor stands is theirs, unless a link says otherwise.
  bring(data) {
    this.data = data;
    if (this.revision !== data.revision) {
      this.revision = data.revision;
      this.mode = data.mode;
      this.player.place = data.phi;
    }
    if (!this.networks.length) this.mode = "exact";
    if (!this.networks.length) {
      this.say("status", "○ building the first networks");
      return;
    }
    this.player.bring(this.networks.map((each) => each.phi));
    this.first = data.exact[0];
    this.peaks = peaksOf([...data.exact, ...data.shipped]);
    this.dress();
    this.measure();
    if (data.alone && !this.asked) this.asked = setTimeout(() => this.tell("event", { number: ++this.number, drawn: true }), 150);
  }

  get networks() {
    return this.data[this.mode];
  }

  // What changes with the mode or with what is there, not with the place.
  dress() {
    for (const button of this.root.querySelectorAll(".mode")) {
      button.setAttribute("aria-checked", String(button.dataset.mode === this.mode));
      button.disabled = !this.data[button.dataset.mode].length;
    }
    const ticks = this.find("ticks");
    const places = this.mode === "exact" ? Array.from({ length: 29 }, (_, at) => at / 4) : [0, 1, 2, 3, 4, 5, 6, 7];
    const there = new Set(this.networks.map((each) => each.phi));
    ticks.replaceChildren(...places.map((place) => {
      const tick = document.createElement("i");
      tick.style.left = `${(place / 7) * 100}%`;
      tick.className = (there.has(place) ? "built" : "") + (place % 1 ? "" : " whole");
      if (place % 1 === 0) tick.dataset.name = this.mode === "exact" ? String(place) : `B${place}`;
      return tick;
    }));
    this.find("place").setAttribute("aria-label", this.mode === "exact" ? "φ" : "k of Bk");
  }

  measure() {
    if (!this.peaks) return;
    const { ctx, width, height } = fitCanvas(this.find("paper"));
    if (!width || !height) return;
    this.ctx = ctx;
    this.look = lookOf(this.root, width);
    this.look.side = this.look.shade(ctx);
    const bottom = this.look.big * 4.5, left = this.look.small * 8.6;
    this.view = ruler(width, height, this.peaks, { left, right: 14, top: 8, bottom, column: this.look.big * 2.6, apart: 16, tallest: width / 1050 });
    this.height = height;
    this.growth = drawGrowth(this.find("growth").querySelector("svg"), this.data, this.look.dark);
    this.find("board").style.left = `${this.view.columns[2].x + this.peaks[2][2] * this.view.perPixel * 0.2}px`;
    this.paint();
  }

  paint() {
    if (!this.view) return;
    const now = between(this.networks, this.player.place), { ctx, view, look } = this;
    ctx.clearRect(0, 0, view.width, this.height);
    drawRuler(ctx, view, look, MARKS);
    const most = this.data.exact[this.data.exact.length - 1];
    if (most.phi === 7) drawGhost(ctx, view, most.stages, look.ghost, [2, 4]);
    if (most.phi === 7 && this.player.place < 6.5) this.nameGhost(most.stages[0]);
    drawNetwork(ctx, view, now.stages, look);
    drawNumbers(ctx, view, now.stages, look, ROWS.map((name, row) => ({ name, colour: look.colours[row] })));
    this.note();
    this.write(now);
    this.growth.move(this.player.place, now.macs / this.first.macs);
  }

  nameGhost([, , side]) {
    const { ctx, view, look } = this;
    ctx.font = `400 ${look.small}px ${look.font}`;
    ctx.fillStyle = look.quiet;
    ctx.textAlign = "left";
    ctx.fillText("dotted: φ = 7", view.columns[0].x + side * view.perPixel * SLANT.x + look.small * 1.7, view.ground - side * view.perPixel * (1 + SLANT.y) + look.small * 0.6);
  }

  note() {
    const { ctx, view, look } = this, [, , side] = this.peaks[3];
    ctx.font = `400 ${look.small}px ${look.font}`;
    ctx.fillStyle = look.quiet;
    ctx.textAlign = "right";
    ctx.fillText("seven stages on one ruler; stem and head are counted, not drawn", view.width - 16, view.ground - side * view.perPixel * 1.2 - look.small * 1.6);
  }

  // In figures, and in words: what was built stands in full, what lies between is about so much.
  write(now) {
    const about = now.built ? "" : "≈ ", { first } = this;
    this.say("params", about + (now.built ? now.params.toLocaleString("en") : short(now.params)));
    this.say("macs", about + short(now.macs));
    this.say("memory", about + binary(now.memory));
    for (const name of ["params", "macs", "memory"]) this.say(`${name}-times`, now === first || now[name] === first[name] ? " " : `${about}${times(now[name] / first[name])} that of ${this.mode === "shipped" ? "B0" : "φ = 0"}`);
    this.say("dial-value", this.mode === "shipped" ? named(now) : `φ = ${this.player.place.toFixed(2)}`);
    this.say("status", now.built ? "● built and counted" : this.mode === "shipped" ? `○ between B${now.from} and B${now.to}: drawn, not built` : `○ between φ = ${now.from.toFixed(2)} and ${now.to.toFixed(2)}: drawn, not built`);
    this.find("status").classList.toggle("drawn", !now.built);
    this.find("counts").classList.toggle("drawn", !now.built);
    writeLaw(this, now);
    if (now.built) this.describe(now);
    const place = this.find("place");
    if (Number(place.value) !== this.player.place) place.value = String(this.player.place);
    place.setAttribute("aria-valuetext", `${this.find("dial-value").textContent}, ${now.built ? "built" : "drawn"}`);
    place.style.setProperty("--share", String(this.player.place / 7));
  }

  describe(now) {
    const words = spoken(now.stages);
    if (this.described !== words) this.find("paper").setAttribute("aria-label", `${this.find("dial-value").textContent}: ${words}`);
    this.described = words;
  }

  say(name, text) {
    if (this.texts.get(name) === text) return;
    this.texts.set(name, text);
    this.find(name).textContent = text;
  }

  face() {
    const { playing } = this.player, button = this.find("play");
    button.setAttribute("aria-label", playing ? "Pause" : "Play");
    button.querySelector("path").setAttribute("d", playing ? PAUSE : PLAY);
  }

  rested() {
    this.face();
    const event = { number: ++this.number, phi: this.player.place, mode: this.mode };
    const told = `${event.phi}/${event.mode}`;
    if (told !== this.told) this.tell("event", event);
    this.told = told;
  }

  end() {
    this.player.halt();
    clearTimeout(this.asked);
    this.observer.disconnect();
  }
}
