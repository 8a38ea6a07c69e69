// The timeline: slides that scroll, a line that follows, bars that grow; Python only brings the pictures.

import { Player, hop } from "../player.js";
import { isDark, isProjected, make, mounted } from "../shared.js";
import { bar, draw, figures, fresh, key } from "./figures.js";

const STAY = 4200; // milliseconds a network stays while it plays
const REST = 1200; // and how long it must stand before the address says so
const WHEEL = 450; // between two steps of one turn of the wheel
const MOVING = 1500; // the longest that it takes from one to another
const PAGES = { PageUp: "ArrowLeft", PageDown: "ArrowRight" };

export default mounted(".evolution", (root, data) => new Timeline(root, data));

class Timeline {
  constructor(root, { story, scales, start }) {
    Object.assign(this, { root, story });
    this.find = (selector) => root.querySelector(selector);
    this.slides = this.find(".slides");
    this.shown = story.map(() => ({}));
    this.ids = story.map((each) => each.id);
    this.lay(scales);
    const hear = { paint: (place) => this.jump(place), rested: () => this.mark() };
    this.player = new Player({ button: this.find(".play"), motion: hop(STAY), stops: [...this.ids.keys()], snap: 0, ...hear });
    this.player.place = Math.max(0, this.ids.indexOf(start));
    this.listen();
    this.observer = new ResizeObserver(() => {
      root.classList.toggle("projected", isProjected());
      this.jump(this.here, "instant");
    });
    this.observer.observe(this.slides);
    this.mark();
  }

  get here() {
    return this.player.place;
  }

  // What never changes: the stops, a slide and a row for each network.
  lay(scales) {
    this.find(".stops").style.setProperty("--count", this.story.length);
    this.find(".stops").replaceChildren(...this.story.map((each, index) => this.stop(each, this.story[index + 1], index)));
    this.parts = this.story.map((each) => this.slide(each));
    this.slides.replaceChildren(...this.parts.map(({ slide }) => slide));
    const heads = scales.map(({ title, words }) => make("div", "head", title, make("small", "", words)));
    this.rows = this.story.map((each, index) => this.row(each, index, scales));
    this.find(".bars").replaceChildren(make("div", "head"), ...heads, ...this.rows.map(({ row }) => row), key());
  }

  stop(each, next, index) {
    const button = make("button", "", make("span", "year", String(each.year)), make("span", "dot"), make("span", "name", each.title));
    const ariaLabel = `${each.year}: ${each.title}`, onclick = () => this.player.travel(index);
    Object.assign(button, { type: "button", ariaLabel, onclick, tabIndex: -1 }); // no stop for Tab: the rows of figures are
    const years = next ? next.year - each.year : 0;
    return make("li", "", button, ...(years > 5 ? [make("span", "gap", `${years} years`)] : []));
  }

  slide(each) {
    const numbers = make("dl", "numbers"), change = make("p", "change");
    const caption = make("figcaption", "", each.caption, make("small", "", "click to enlarge"));
    const link = Object.assign(make("a", "", each.paper), { href: each.url, target: "_blank", rel: "noopener" });
    const open = make("button", "open", `Open ${each.network} in Explore`);
    Object.assign(open, { type: "button", onclick: () => this.tell({ type: "explore", id: each.id }) });
    const words = [make("div", "year", String(each.year)), make("h3", "", each.title), make("p", "idea", each.idea), numbers, change];
    const note = each.note ? [make("p", "note", each.note)] : [];
    const picture = make("div", "picture viewer waiting"), onclick = () => this.enlarge(picture);
    const onkeydown = (event) => event.key === "Enter" && onclick();
    Object.assign(picture, { tabIndex: 0, role: "button", title: "Click to enlarge", onclick, onkeydown });
    const tale = make("div", "tale", ...words, ...note, make("p", "paper", link), open);
    const slide = Object.assign(make("article", "slide", tale, make("figure", "block", picture, caption)), { ariaLabel: each.title });
    return { slide, numbers, change, picture };
  }

  row(each, index, scales) {
    const cells = scales.map((scale) => ({ scale, cell: make("span", "cell") }));
    const row = make("button", "row", make("span", "who", each.title), ...cells.map(({ cell }) => cell));
    return { row: Object.assign(row, { type: "button", onclick: () => this.player.travel(index) }), cells };
  }

  // What Python sends while it builds the networks, one after the other. Where the visitor stands is theirs, unless a
  // link says otherwise.
  bring({ story, start, revision }, tell) {
    Object.assign(this, { story, tell });
    if (revision !== (this.revision ?? revision)) this.player.travel(Math.max(0, this.ids.indexOf(start)));
    this.revision = revision;
    const dark = isDark(this.root);
    for (const element of this.root.querySelectorAll(".viewer")) element.classList.toggle("dark", dark);
    story.forEach((each, index) => {
      const { svg, bars, change, problem, alt } = each, shown = this.shown[index], part = this.parts[index];
      if (fresh(shown, "bars", [bars, change])) {
        part.numbers.replaceChildren(...figures(each));
        part.change.textContent = change;
        for (const { scale, cell } of this.rows[index].cells) cell.replaceChildren(...bar(bars[scale.id], scale));
      }
      if ((svg || problem) && fresh(shown, "picture", svg || problem)) draw(part.picture, svg, problem, alt, each.caption);
    });
  }

  listen() {
    this.find(".back").onclick = () => this.player.step(-1);
    this.find(".on").onclick = () => this.player.step(1);
    this.root.onkeydown = (event) => this.player.key(event, PAGES[event.key]);
    this.slides.onscroll = () => this.follow();
    this.slides.onscrollend = () => this.settle();
    this.slides.onpointerdown = () => (this.moving = 0);
    this.slides.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.find(".large").onclick = () => this.find(".large").close();
  }

  // A turn of the wheel is a step; at the ends the page scrolls on, as it does in projector mode, where it is longer.
  wheel(event) {
    if (isProjected()) return;
    const across = Math.abs(event.deltaY) <= Math.abs(event.deltaX), next = this.here + Math.sign(event.deltaY);
    if (across) this.moving = 0;
    if (across || next < 0 || next >= this.ids.length) return;
    event.preventDefault();
    if (event.timeStamp - (this.wheeled ?? -WHEEL) < WHEEL) return;
    this.wheeled = event.timeStamp;
    this.player.travel(next);
  }

  // Smoothly, but back to the first when it plays anew.
  jump(place, behavior = this.player.calm || (this.player.playing && !place) ? "instant" : "smooth") {
    this.moving = performance.now() + MOVING;
    this.slides.scrollTo({ left: place * this.slides.clientWidth, behavior });
    this.mark();
  }

  // The line moves with the slides, not after them.
  follow() {
    this.far = this.slides.scrollLeft / Math.max(1, this.slides.clientWidth);
    this.find(".stops").style.setProperty("--far", this.far / (this.ids.length - 1));
  }

  // Scrolled by hand: what stands there now is the one. While it moves by itself, it knows where to.
  settle() {
    const place = Math.round(this.far);
    if (place === this.here || performance.now() < this.moving) return;
    this.player.place = place;
    this.mark();
  }

  mark() {
    const state = (index) => (index === this.here ? "here" : index < this.here ? "past" : "later");
    [...this.find(".stops").children].forEach((stop, index) => {
      stop.className = state(index);
      stop.firstChild.toggleAttribute("aria-current", index === this.here);
    });
    this.rows.forEach(({ row }, index) => (row.className = `row ${state(index)}`));
    this.parts.forEach(({ slide }, index) => (slide.inert = index !== this.here));
    this.find(".back").disabled = this.here === 0;
    this.find(".on").disabled = this.here === this.ids.length - 1;
    clearTimeout(this.resting);
    const rest = () => this.player.playing || this.tell({ type: "rested", id: this.ids[this.here], value: String(this.revision) });
    if (this.tell) this.resting = setTimeout(rest, REST);
  }

  enlarge(picture) {
    const svg = picture.querySelector("svg");
    if (!svg) return;
    const large = this.find(".large"), copy = svg.cloneNode(true);
    copy.style.maxWidth = copy.style.maxHeight = "none";
    large.replaceChildren(copy);
    large.showModal();
  }

  end() {
    this.player.halt();
    clearTimeout(this.resting);
    this.observer.disconnect();
  }
}
