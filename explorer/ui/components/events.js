// Word to Python of what somebody did in a component: nothing is lost, and nothing leads back to a page just left.

import { remembered } from "./shared.js";

const REST = 1500; // milliseconds in which a page that was asked for begins to come, on a slow machine too
let watched; // the document whose links are watched
let insisting; // outlives a component: the rerun that took a link's place may have drawn it anew

export class EventSender {
  constructor() {
    this.events = [];
    this.left = false; // for another page
    this.page = location.pathname;
    this.abort = new AbortController();
    const early = { capture: true, signal: this.abort.signal };
    watchLinks();
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
    if (linkElsewhere(event)) this.left = true;
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

function linkElsewhere(event) {
  const link = event.target.closest?.("a[href]");
  const elsewhere = link && link.origin === location.origin && new URL(link.href).pathname !== location.pathname;
  const here = !(event.ctrlKey || event.metaKey || event.shiftKey || link?.target === "_blank");
  return elsewhere && here ? link : null;
}

function watchLinks() {
  if (watched === document) return;
  watched = document;
  const insistLater = (event) => {
    const link = linkElsewhere(event);
    if (!link) return;
    clearTimeout(insisting);
    const page = location.pathname;
    insisting = setTimeout(() => insist(link.href, page), REST);
  };
  document.addEventListener("click", insistLater, { capture: true });
}

// Still on that page, and nothing on its way: a rerun that the page itself asked for in that moment took the link's
// place in Streamlit's queue. The visitor has asked once, and that is enough.
function insist(href, page) {
  if (location.pathname !== page) return;
  if (scriptState() !== "notRunning") insisting = setTimeout(() => insist(href, page), REST);
  else [...document.querySelectorAll("a[href]")].find((link) => link.href === href)?.click();
}

function scriptState() {
  return document.querySelector("[data-test-script-state]")?.dataset.testScriptState ?? "notRunning";
}
