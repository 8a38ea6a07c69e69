// The viewer's life: mounted once for each place on the page, updated whenever Python sends something new.

import { EventSender } from "../events.js";
import { isDark } from "../shared.js";
import { make } from "./elements.js";
import { listen } from "./input.js";
import { measure, resized } from "./pan_zoom.js";
import { paint } from "./panels.js";
import { select } from "./selection.js";
import { replacePicture } from "./transition.js";
import { welcome } from "./tooltip.js";

const viewers = new WeakMap(); // shadow root → viewer

export default function ({ data, parentElement, setTriggerValue }) {
  let v = viewers.get(parentElement);
  if (!v || !v.root.isConnected) {
    v = createViewer(parentElement.querySelector(".viewer"));
    viewers.set(parentElement, v);
  }
  v.events.trigger = setTriggerValue;
  update(v, data);
  return () => {
    v.observer.disconnect();
    clearTimeout(v.resting);
    v.events.end();
    v.abort.abort();
    viewers.delete(parentElement);
  };
}

function createViewer(root) {
  const part = (selector) => root.querySelector(selector);
  const v = {
    root,
    part,
    stage: part(".stage"),
    shift: 0, // the only pane is the viewer itself
    svg: null, // the picture on show, and the text it was made from
    text: null,
    data: {},
    items: new Map(), // id → {id, el, rect, frame, box}: everything that can be selected
    edges: new Map(), // id → the edges that touch it
    camera: { x: 0, y: 0, k: 1 },
    fitted: "beginning", // or "whole"; empty once somebody has moved the camera
    colour: "kind",
    selected: "",
    focused: "",
    waitingFor: "", // the box that Python was asked to open or fold
    events: new EventSender(),
    active: false, // the wheel zooms
    abort: new AbortController(),
  };
  v.panes = [v];
  listen(v);
  v.observer = new ResizeObserver(() => resized(v));
  v.observer.observe(v.stage);
  welcome(v);
  v.resting = setTimeout(() => v.events.send({ type: "settled" }), 200); // once it has faded in, what stands around it may come
  return v;
}

function update(v, data) {
  const before = v.data;
  v.data = data;
  v.root.style.height = data.height;
  v.root.classList.toggle("dark", isDark(v.root));
  if (!v.stageSize?.w) measure(v);
  if (data.svg !== v.text) replacePicture(v, before);
  if (data.revision !== before.revision) select(v, data.selected || "", false);
  if (data.colour !== before.colour) v.colour = data.colour;
  settleTools(v);
  paint(v);
}

function settleTools(v) {
  const { direction, repeats, name, alt } = v.data;
  const button = v.part(".direction");
  button.dataset.direction = direction;
  button.dataset.tip = direction === "LR" ? "Draw from top to bottom" : "Draw from left to right";
  button.setAttribute("aria-label", button.dataset.tip);
  v.part(".repeats").setAttribute("aria-pressed", String(Boolean(repeats)));
  v.part(".colour select").value = v.colour;
  v.stage.setAttribute("aria-label", `Diagram of ${name}. Arrow keys move, Enter opens or folds, Space selects.`);
  const lines = (alt || "").split("\n").map((line) => make("li", line.replace(/^[\s-]+/, "")));
  v.part(".alternative").replaceChildren(...lines);
}
