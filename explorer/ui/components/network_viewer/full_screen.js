// Full screen, and the panel that explains what is selected: on the page it stands beside the picture, in full screen
// and in projector mode Explore's lies over the picture's right side for as long as something is selected; Inside's stays.

import { isProjected } from "../shared.js";
import { fitCamera, freeStage, glide, intoView, refit, viewSizes } from "./pan_zoom.js";
import { hint } from "./tooltip.js";

const SECOND_CLICK = 300; // ms in which it comes, if it comes

const hostOf = (v) => v.root.getRootNode().host ?? v.root;
const blockOf = (v) => hostOf(v).closest('[data-testid="stHorizontalBlock"]'); // of the picture and its panel

export function isFullScreen(v) {
  return Boolean(document.fullscreenElement?.contains(hostOf(v)));
}

export function switchFullScreen(v) {
  if (isFullScreen(v)) return document.exitFullscreen();
  return (blockOf(v) ?? v.root).requestFullscreen?.().catch(() => hint(v, "This browser does not allow full screen here", 2500));
}

export function showFullScreen(v) {
  const full = isFullScreen(v);
  v.root.classList.toggle("full-screen", full);
  v.part(".full").setAttribute("aria-pressed", String(full));
  v.part(".full").dataset.tip = full ? "Leave full screen (F)" : "Full screen (F)";
  layPanel(v);
}

// style.css does the rest.
export function layPanel(v) {
  const block = blockOf(v);
  if (!block) return;
  const over = isFullScreen(v) || isProjected();
  block.toggleAttribute("data-over", over);
  block.toggleAttribute("data-selected", Boolean(v.selected.id));
  block.style.setProperty("--back", getComputedStyle(v.root).getPropertyValue("--st-background-color"));
  const [stage, panel] = [v.stage, block.lastElementChild].map((el) => el.getBoundingClientRect());
  const covered = over && panel.width ? Math.max(0, stage.right - panel.left) : 0;
  if (covered !== v.covered) makeRoom(v, covered);
}

// Not before a double click is over: until then the box stays under the pointer.
export function makeRoom(v, covered = v.covered) {
  v.covered = covered;
  clearTimeout(v.yielding);
  v.yielding = setTimeout(() => yieldToPanel(v), SECOND_CLICK);
}

// All of the picture where nobody has moved it and it stays legible, else as little as it takes to see what is explained.
function yieldToPanel(v) {
  const whole = fitCamera(v.board, freeStage(v), viewSizes()), chosen = v.panes[v.selected.place]?.items.get(v.selected.id);
  if (v.covered && v.fitted && whole.k >= viewSizes().legible) glide(v, whole);
  else if (v.covered && chosen) intoView(v, chosen);
  else if (v.fitted) refit(v, true);
}

export function forgetPanel(v) {
  for (const name of ["data-over", "data-selected"]) blockOf(v)?.removeAttribute(name);
}
