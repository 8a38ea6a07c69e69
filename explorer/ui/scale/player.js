// Moves a place along a line of stops: plays, rests at each stop, steps, is dragged, and comes to rest at a stop.

const MOVE = 420, REST = 320; // milliseconds between two stops a quarter apart, and at each
const SNAP = 160; // milliseconds to the nearest stop once it is let go
const CALM = 900; // milliseconds at each stop for those who asked for less motion: then nothing glides

class Player {
  // `paint(place)` draws; `rested()` is told when it comes to rest; both are the owner's.
  constructor(paint, rested) {
    Object.assign(this, { paint, rested, place: 0, stops: [0], speed: 1, playing: false, frame: 0 });
    this.calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  bring(stops) {
    this.stops = stops.length ? stops : [0];
  }

  get first() { return this.stops[0]; }
  get last() { return this.stops[this.stops.length - 1]; }

  play() {
    if (this.place >= this.last - 1e-6) this.place = this.first;
    this.halt();
    this.playing = true;
    this.rest = 0;
    this.before = performance.now();
    this.next();
  }

  pause() {
    this.settle();
  }

  next() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    const passed = Math.min(100, now - this.before) * this.speed;
    this.before = now;
    if (!this.playing) return;
    if (this.calm) this.hop(passed);
    else this.glide(passed);
    this.paint(this.place);
    if (this.place >= this.last - 1e-6) this.end();
    else this.next();
  }

  // From stop to stop, slow at both ends, with a rest at each.
  glide(passed) {
    if (this.rest > 0) {
      this.rest -= passed;
      return;
    }
    const from = this.below(this.place), to = this.above(from);
    const whole = MOVE * Math.max(1, Math.sqrt((to - from) / 0.25));
    this.share = (this.from === from && this.share < 1 ? this.share : 0) + passed / whole;
    this.from = from;
    this.place = this.share >= 1 ? to : from + (to - from) * eased(this.share);
    if (this.share >= 1) this.rest = REST;
  }

  hop(passed) {
    this.rest -= passed;
    if (this.rest > 0) return;
    this.place = this.above(this.place);
    this.rest = CALM;
  }

  end() {
    this.playing = false;
    this.rested();
  }

  // The stop at or before a place, and the one after it.
  below(place) { return this.stops.findLast((stop) => stop <= place + 1e-6) ?? this.first; }
  above(place) { return this.stops.find((stop) => stop > place + 1e-6) ?? this.last; }
  nearest(place) { return this.stops.reduce((best, stop) => (Math.abs(stop - place) < Math.abs(best - place) ? stop : best)); }

  drag(place) {
    this.halt();
    this.place = Math.min(this.last, Math.max(this.first, place));
    this.paint(this.place);
  }

  step(way) {
    const from = this.target ?? this.place; // steps add up, however fast they come
    const behind = this.stops.findLast((stop) => stop < from - 1e-6) ?? this.first;
    this.travel(way > 0 ? this.above(from) : behind, SNAP * 1.6);
  }

  settle() {
    this.travel(this.nearest(this.place), SNAP);
  }

  travel(target, milliseconds) {
    this.halt();
    const from = this.place, begun = performance.now();
    this.target = target;
    const go = (now) => {
      const share = this.calm ? 1 : Math.min(1, (now - begun) / milliseconds);
      this.place = share >= 1 ? target : from + (target - from) * eased(Math.max(0, share));
      this.paint(this.place);
      if (share < 1) {
        this.frame = requestAnimationFrame(go);
        return;
      }
      this.target = undefined;
      this.rested();
    };
    this.frame = requestAnimationFrame(go);
  }

  halt() {
    this.playing = false;
    this.target = undefined;
    cancelAnimationFrame(this.frame);
  }
}

function eased(share) {
  return share * share * (3 - 2 * share);
}
