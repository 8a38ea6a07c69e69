// Word to Python of what somebody did in a component: nothing is lost.

import { isAtRest, remembered } from "./shared.js";

export class EventSender {
  constructor() {
    this.events = [];
  }

  send(event) {
    this.events = remembered(this.events, event);
    this.deliver();
  }

  // While a run is on its way to the page a new one would take its place, and what it drew be lost: wait for it.
  deliver(waited = 0) {
    clearTimeout(this.delivering);
    if (isAtRest() || waited > 3000) this.trigger("event", this.events);
    else this.delivering = setTimeout(() => this.deliver(waited + 20), 20);
  }

  end() {
    clearTimeout(this.delivering);
  }
}
