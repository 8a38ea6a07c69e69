// Word to Python of what somebody did in a component: nothing is lost, and nothing leads back to a page just left.

import { remembered } from "./shared.js";

export class EventSender {
  constructor() {
    this.events = [];
    this.left = false; // for another page
    this.page = location.pathname;
    this.abort = new AbortController();
    const early = { capture: true, signal: this.abort.signal };
    document.addEventListener("click", (event) => this.leave(event), early);
    window.addEventListener("popstate", (event) => this.goBack(event), early);
  }

  send(event) {
    this.events = remembered(this.events, event);
    this.deliver();
  }

  // While a run is on its way to the page a new one would take its place, and what it drew be lost: wait for it.
  deliver(waited = 0) {
    clearTimeout(this.delivering);
    const state = document.querySelector("[data-test-script-state]")?.dataset.testScriptState ?? "notRunning";
    if (this.left) return;
    if (state === "notRunning" || waited > 3000) this.trigger("event", this.events);
    else this.delivering = setTimeout(() => this.deliver(waited + 20), 20);
  }

  // The visitor goes to another page. An event sent now would lead back: Streamlit takes it for a run of this one.
  leave(event) {
    const link = event.target.closest?.("a[href]");
    const elsewhere = link && new URL(link.href).pathname !== location.pathname;
    const here = !(event.ctrlKey || event.metaKey || event.shiftKey || link?.target === "_blank");
    if (elsewhere && here && link.origin === location.origin) this.left = true;
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
