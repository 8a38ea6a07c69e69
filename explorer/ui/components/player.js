// The one player: moves a place along a line, plays, pauses, steps, is dragged, and comes to rest at a stop.

import { calm } from "./shared.js";

const MOVE = 420, REST = 320; // milliseconds of a glide between two stops a quarter apart, and at each
const SNAP = 160; // milliseconds to the nearest stop once it is let go
const CALM = 900; // milliseconds between two pictures for those who asked for less motion: then nothing glides
const SAME = 1e-6; // two places nearer than this are one
const PLAY = "M7 4v16l13-8z", PAUSE = "M6 4h4v16H6zM14 4h4v16h-4z";

// From its owner: `button` plays and pauses, and has an <svg> with an empty <path>; `motion` is `glide`, `hop(…)` or
// `flow(…)`; `paint(place)` draws; `rested(place)` is told when it comes to rest; what `begun()` promises is waited for
// before it moves. Where it is `free` it rests anywhere, and not only at a stop; it takes `snap` milliseconds to one.
export class Player {
  constructor({ button, motion, paint, rested = () => {}, begun = () => {}, stops = [0], free = false, snap = SNAP }) {
    Object.assign(this, { button, motion, paint, rested, begun, stops, free, snap });
    Object.assign(this, { place: stops[0], speed: 1, playing: false, calm: calm() });
    button.onclick = () => this.toggle();
    this.turn(false);
  }

  get first() { return this.stops[0]; }
  get last() { return this.stops.at(-1); }

  // The stop after a place, the one before it, and the nearest.
  above(place) { return this.stops.find((stop) => stop > place + SAME) ?? this.last; }
  below(place) { return this.stops.findLast((stop) => stop < place - SAME) ?? this.first; }
  nearest(place) { return this.stops.reduce((best, stop) => (Math.abs(stop - place) < Math.abs(best - place) ? stop : best)); }

  toggle() {
    return this.playing ? this.settle() : this.play();
  }

  async play() {
    this.halt();
    this.turn(true);
    if (this.place >= this.last - SAME) this.put(this.first);
    this.advance = this.motion(this);
    await this.begun();
    this.before = performance.now();
    this.next();
  }

  next() {
    cancelAnimationFrame(this.frame);
    if (this.playing) this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    const place = Math.min(this.last, this.advance(Math.max(0, now - this.before) * this.speed));
    this.before = now;
    if (place !== this.place) this.put(place);
    if (this.place >= this.last - SAME) this.rest();
    else this.next();
  }

  // To a place, and drawn there; `drag` stops what moves it otherwise.
  put(place) {
    this.place = Math.min(this.last, Math.max(this.first, place));
    this.paint(this.place);
  }

  drag(place) {
    this.halt();
    this.put(place);
  }

  // Steps add up, however fast they come.
  step(way) {
    const from = this.target ?? this.place;
    this.travel(way > 0 ? this.above(from) : this.below(from), this.snap * 1.6);
  }

  settle() {
    this.travel(this.free ? this.place : this.nearest(this.place));
  }

  travel(target, milliseconds = this.snap) {
    this.halt();
    const from = this.place, begun = performance.now();
    this.target = target;
    const go = (now) => {
      const share = Math.min(1, Math.max(0, (now - begun) / milliseconds));
      if (share === 1) return this.rest(target);
      this.put(from + (target - from) * eased(share));
      this.frame = requestAnimationFrame(go);
    };
    if (this.calm || !milliseconds || target === from) this.rest(target);
    else this.frame = requestAnimationFrame(go);
  }

  rest(place = this.place) {
    this.halt();
    if (place !== this.place) this.put(place);
    this.rested(this.place);
  }

  halt() {
    this.turn(false);
    this.target = undefined;
    cancelAnimationFrame(this.frame);
  }

  turn(playing) {
    this.playing = playing;
    this.button.setAttribute("aria-label", playing ? "Pause" : "Play");
    this.button.querySelector("path").setAttribute("d", playing ? PAUSE : PLAY);
  }

  // Space and k play, arrows step, Home and End go to the ends; says whether the key was one of these.
  key(event, name = event.key) {
    const { tagName } = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || tagName === "SELECT" || (name === " " && tagName === "BUTTON")) return false;
    const act = {
      " ": () => this.toggle(), k: () => this.toggle(), ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1),
      Home: () => this.travel(this.first), End: () => this.travel(this.last),
    }[name];
    if (!act) return false;
    event.preventDefault();
    act();
    return true;
  }
}

// Motions: what gives, when it begins to play, a function from the milliseconds that have passed to the new place.

// From stop to stop, slow at both ends, with a rest at each.
export function glide(player) {
  if (player.calm) return hop(CALM)(player);
  let from, to, share, rest = 0;
  return (passed) => {
    const part = Math.min(100 * player.speed, passed); // a page that was hidden goes on where it was
    if ((rest -= part) > 0) return player.place;
    const next = player.above(player.place); // more stops may have come meanwhile
    if (next !== to) [from, to, share] = [player.place, next, 0];
    share += part / (MOVE * Math.max(1, Math.sqrt((to - from) / 0.25)));
    if (share < 0.99) return from + (to - from) * eased(share);
    rest = REST;
    return to;
  };
}

// From stop to stop at once, after so many milliseconds at each.
export function hop(stay) {
  return (player) => {
    let waited = 0;
    return (passed) => {
      waited += passed;
      if (waited < stay) return player.place;
      waited = 0;
      return player.above(player.place);
    };
  };
}

// Evenly along the whole line, in the milliseconds that `duration()` says at that moment.
export function flow(duration) {
  return (player) => {
    let waited = 0;
    return (passed) => {
      waited += passed / duration();
      const seen = player.place + waited * (player.last - player.first);
      if (player.calm && waited * duration() < CALM && seen < player.last) return player.place;
      waited = 0;
      return seen;
    };
  };
}

function eased(share) {
  return share * share * (3 - 2 * share);
}
