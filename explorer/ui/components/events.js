// Word to Python of what somebody did in a component: nothing is lost, and nothing leads back to a page just left.

import { remembered } from "./shared.js";

const REST = 1500; // milliseconds in which a page that was asked for begins to come, on a slow machine too

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
    if (this.left) return;
    if (scriptState() === "notRunning" || waited > 3000) this.trigger("event", this.events);
    else this.delivering = setTimeout(() => this.deliver(waited + 20), 20);
  }

  // The visitor goes to another page. An event sent now would lead back: Streamlit takes it for a run of this one.
  leave(event) {
    const link = event.target.closest?.("a[href]");
    const elsewhere = link && new URL(link.href).pathname !== location.pathname;
    const here = !(event.ctrlKey || event.metaKey || event.shiftKey || link?.target === "_blank");
    if (!elsewhere || !here || link.origin !== location.origin) return;
    this.left = true;
    clearTimeout(this.insisting);
    this.insisting = setTimeout(() => this.insist(link), REST);
  }

  // Still here, and nothing on its way: a rerun that the page itself asked for in that moment took the link's place
  // in Streamlit's queue. The visitor has asked once, and that is enough.
  insist(link) {
    if (scriptState() === "notRunning") link.click();
    else this.insisting = setTimeout(() => this.insist(link), REST);
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
    clearTimeout(this.insisting);
    this.abort.abort();
  }
}

function scriptState() {
  return document.querySelector("[data-test-script-state]")?.dataset.testScriptState ?? "notRunning";
}
