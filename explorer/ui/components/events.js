// Word to Python of what somebody did in a component: nothing is lost.

import { isAtRest, remembered } from "./shared.js";

export class EventSender {
  constructor() {
    this.events = [];
    this.page = location.pathname;
    this.abort = new AbortController();
    const early = { capture: true, signal: this.abort.signal };
    window.addEventListener("popstate", (event) => this.goBack(event), early);
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

  // Back and forward within the page: what the address says must be shown, by Python, before Streamlit sends what it
  // showed last as a new address.
  goBack(event) {
    if (location.pathname !== this.page) return;
    event.stopImmediatePropagation();
    this.send({ type: "address", value: location.search });
  }

  end() {
    clearTimeout(this.delivering);
    this.abort.abort();
  }
}
