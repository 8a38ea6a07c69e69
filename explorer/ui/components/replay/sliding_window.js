// A window that slides over what it reads, at the left, while the map of what it makes of that appears at the right.

import { general } from "../numbers.js";
import { Player, flow } from "../player.js";
import { makeSvg, mounted, setAttributes } from "../shared.js";

const HEM = 0.06; // of a number's side: a cover that ended with the map would leave a bright line at its edge

export default mounted(".slide", (root) => new SlidingWindow(root));

class SlidingWindow {
  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector(`.${name}`);
    const motion = flow(() => this.duration), paint = () => this.paint();
    this.player = new Player({ button: this.find("replay-play"), motion, paint, rested: paint });
    this.listen();
  }

  listen() {
    const { player } = this, place = this.find("replay-place");
    this.find("slide-back").onclick = () => player.step(-1);
    this.find("slide-on").onclick = () => player.step(1);
    place.oninput = () => player.drag(Number(place.value));
    this.root.onkeydown = (event) => player.key(event);
    this.find("slide-output").onclick = (event) => this.choose(event);
  }

  // Only what is new is drawn anew: a page is run again for whatever is clicked.
  bring(data, tell) {
    Object.assign(this, { data, tell });
    const { at, ...rest } = data, told = JSON.stringify(rest);
    if (told !== this.told) {
      this.told = told;
      this.lay();
      if (at >= 0) this.player.put(at);
      else if (this.player.calm) this.player.drag(0);
      else this.player.play();
    } else if (at >= 0 && at !== this.at) this.player.travel(at, 0);
    this.at = at;
  }

  // What does not change while it plays.
  lay() {
    const { input, output, rows, columns, names, values } = this.data, [tall, wide] = output.sides;
    this.values = floats(values);
    this.player.halt();
    Object.assign(this.player, { stops: [...this.values.keys()], place: 0 });
    this.find("replay-place").max = String(this.values.length - 1);
    this.root.querySelectorAll("figcaption").forEach((caption, index) => (caption.textContent = names[index]));
    const [high, across] = input.sides, box = edges(rows, columns, high, across);
    const padding = makeSvg("rect", { class: "slide-padding", x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top });
    this.window = frame();
    this.show("slide-input", box, names[0], padding, picture(input), ...this.window);
    const empty = makeSvg("rect", { class: "slide-empty", width: wide, height: tall });
    this.cover = [makeSvg("rect", { class: "slide-empty" }), makeSvg("rect", { class: "slide-empty" })];
    this.number = frame();
    this.show("slide-output", { left: 0, top: 0, right: wide, bottom: tall }, names[1], empty, picture(output), ...this.cover, ...this.number);
  }

  show(name, { left, top, right, bottom }, label, ...inside) {
    const svg = this.find(name);
    setAttributes(svg, { viewBox: `${left} ${top} ${right - left} ${bottom - top}`, "aria-label": label });
    svg.replaceChildren(...inside);
  }

  // Milliseconds for the whole map.
  get duration() {
    const { value } = this.find("replay-speed"), count = this.values.length;
    const rate = value === "row" ? this.data.output.sides[1] : value === "all" ? count / 10 : Number(value);
    return (1000 * Math.max(1, count - 1)) / rate;
  }

  // Which number of the map, line by line.
  get index() {
    return Math.min(this.values.length - 1, Math.floor(this.player.place + 1e-6));
  }

  paint() {
    const { data, index } = this, [tall, wide] = data.output.sides, row = Math.floor(index / wide), column = index % wide;
    const [top, bottom] = data.rows[row], [left, right] = data.columns[column];
    for (const each of this.window) setAttributes(each, { x: left, y: top, width: right - left, height: bottom - top });
    for (const each of this.number) setAttributes(each, { x: column, y: row, width: 1, height: 1 });
    setAttributes(this.cover[0], { x: column + 1, y: row, width: wide - column - 1 + HEM, height: 1 });
    setAttributes(this.cover[1], { x: 0, y: row + 1, width: wide + HEM, height: tall - row - 1 + HEM });
    const [first, before] = data.corner, value = this.values[index];
    const spelled = Number.isFinite(value) ? general(value, 4).replace("-", "−") : "none, or infinite";
    const words = `Row ${first + row}, column ${before + column}: ${spelled}`;
    this.find("replay-where").textContent = words;
    const place = this.find("replay-place");
    place.value = String(index);
    place.setAttribute("aria-valuetext", words);
  }

  // A number of the map: the window goes there, and Python spells it out.
  choose(event) {
    const [tall, wide] = this.data.output.sides, turned = this.find("slide-output").getScreenCTM().inverse();
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(turned), [row, column] = [Math.floor(y), Math.floor(x)];
    if (row < 0 || column < 0 || row >= tall || column >= wide) return;
    this.player.drag(row * wide + column);
    this.tell({ type: "choose", id: `${this.data.corner[0] + row},${this.data.corner[1] + column}` });
  }

  end() {
    this.player.halt();
  }
}

function picture({ image, sides: [high, wide] }) {
  return makeSvg("image", { href: image, width: wide, height: high, preserveAspectRatio: "none" });
}

function frame() {
  return ["slide-halo", "slide-line"].map((name) => makeSvg("rect", { class: name }));
}

// Of the input with all that is read beyond it.
export function edges(rows, columns, high, wide) {
  const ends = (windows, side) => [Math.min(0, ...windows.map(([first]) => first)), Math.max(side, ...windows.map(([, end]) => end))];
  const [[top, bottom], [left, right]] = [ends(rows, high), ends(columns, wide)];
  return { top, bottom, left, right };
}

export function floats(base64) {
  return new Float32Array(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer);
}
