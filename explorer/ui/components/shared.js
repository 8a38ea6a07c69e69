// What every component of ours needs: the events that Python is told, elements, and how the page looks.

const REMEMBERED = 8; // events repeated to Python, in case a busy server dropped one
const PATIENCE = 2000; // milliseconds until what Python has not heard of is told again

// With one more, numbered after all that went before.
export function remembered(events, event) {
  const number = Math.max(Date.now(), (events.at(-1)?.number ?? 0) + 1);
  return [...events, { ...event, number }].slice(-REMEMBERED);
}

export function isDark(root) {
  const colour = getComputedStyle(root).getPropertyValue("--st-background-color").trim();
  const parts = /^#[0-9a-f]{6}/i.test(colour)
    ? [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))
    : (colour.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
  return 0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2] < 128;
}

const USUAL = 17; // px, the size of the page's letters (config.toml)

// How large they are now. All others are given in it, in CSS as rem.
export function pageLetters() {
  const page = globalThis.document?.documentElement; // none in the tests of what only counts
  return page ? parseFloat(getComputedStyle(page).fontSize) : USUAL;
}

export function isProjected() {
  return pageLetters() > USUAL;
}

// Of letters on a canvas, in px: as the room allows, between two sizes in rem.
export function letterSize(least, room, most) {
  return Math.max(least * pageLetters(), Math.min(most * pageLetters(), room));
}

// A size in px: in projector mode not under 16.
export function legible(size) {
  return isProjected() ? Math.max(16, size) : size;
}

// An element with its class and what stands in it.
export function make(tag, name = "", ...inside) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...inside);
  return element;
}

export function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

export function makeSvg(tag, attributes, ...inside) {
  const element = setAttributes(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes);
  element.append(...inside);
  return element;
}

// A component whose `name`d element is home to one thing that lives on while its data change: made once, brought what
// is new, and ended with the element. It gets `tell(event)`, which says to Python what was done, and what that calls.
// Where the data have the number of the last event that Python has `heard` of, all is told until it has heard of it.
export function mounted(name, create) {
  const living = new WeakMap(); // by the element
  return ({ parentElement, data: { heard, ...data }, setTriggerValue }) => {
    const root = parentElement.querySelector(name);
    if (!living.has(root)) living.set(root, { thing: create(root, data), events: [] });
    const home = Object.assign(living.get(root), { heard, trigger: setTriggerValue });
    const tell = (event) => {
      home.events = remembered(home.events, event);
      deliver(home);
    };
    home.thing.bring(data, tell, setTriggerValue);
    return () => {
      clearTimeout(home.asking);
      living.get(root)?.thing.end();
      living.delete(root);
    };
  };
}

function deliver(home) {
  home.trigger("event", home.events);
  clearTimeout(home.asking);
  if (home.heard !== undefined) home.asking = setTimeout(() => insist(home), PATIENCE);
}

// Streamlit (1.67) may forget a call where runs of the page follow each other closely.
function insist(home) {
  if (home.heard >= home.events.at(-1).number) return;
  if (isAtRest()) deliver(home);
  else home.asking = setTimeout(() => insist(home), PATIENCE);
}

// Whether no run of the page is on its way to the browser.
export function isAtRest() {
  return (document.querySelector("[data-test-script-state]")?.dataset.testScriptState ?? "notRunning") === "notRunning";
}
