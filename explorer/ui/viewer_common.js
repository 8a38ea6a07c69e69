// What every viewer of ours needs: word to Python of what was done, and small helpers.

function send(v, event) {
  v.events = remembered(v.events, event);
  deliver(v);
}

// While a run is on its way to the page a new one would take its place, and what it drew be lost: wait for it.
function deliver(v, waited = 0) {
  clearTimeout(v.delivering);
  const state = document.querySelector("[data-test-script-state]")?.dataset.testScriptState ?? "notRunning";
  if (v.left) return;
  if (state === "notRunning" || waited > 3000) v.trigger("event", v.events);
  else v.delivering = setTimeout(() => deliver(v, waited + 20), 20);
}

// The visitor goes to another page. An event sent now would lead back: Streamlit takes it for a run of this one.
function leaving(v, event) {
  const link = event.target.closest?.("a[href]");
  const elsewhere = link && new URL(link.href).pathname !== location.pathname;
  const here = !(event.ctrlKey || event.metaKey || event.shiftKey || link?.target === "_blank");
  if (elsewhere && here && link.origin === location.origin) v.left = true;
}

// Back and forward within the page: what the address says must be shown, by Python, before Streamlit sends what it
// showed last as a new address.
function wentBack(v, event, page) {
  if (location.pathname !== page) return;
  event.stopImmediatePropagation();
  send(v, { type: "address", value: location.search });
}

function make(tag, text = "", attributes = {}) {
  const el = document.createElement(tag);
  el.textContent = text;
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value);
  return el;
}

function makeSvg(tag, attributes) {
  const el = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value);
  return el;
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
