// The links in a lesson's text, which lead to parts of the view beside it: Python hears of a click on one. And what a
// step has locked cannot be reached by the keyboard either. And an answer's verdict is scrolled to, and a step
// is read from its beginning.

import { calm } from "./shared.js";

let before = {}; // the step shown last, and whether it had its answer

function showVerdict() {
  const verdict = document.querySelector(".st-key-lesson-question .stAlert");
  verdict?.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
}

export default function ({ data, setTriggerValue }) {
  if (data.answered && before.step === data.step && !before.answered) requestAnimationFrame(showVerdict);
  if (before.step !== data.step) for (const each of document.querySelectorAll(".stMain, .st-key-lesson")) each.scrollTop = 0;
  before = data;
  const follow = (event) => {
    const link = event.composedPath()[0]?.closest?.("a[data-lesson]");
    if (!link) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    setTriggerValue("target", link.dataset.lesson);
  };
  const refuse = (event) => {
    if (data.locked && event.target.closest?.(data.locked)) event.target.blur();
  };
  document.addEventListener("click", follow, { capture: true });
  document.addEventListener("focusin", refuse);
  return () => {
    document.removeEventListener("click", follow, { capture: true });
    document.removeEventListener("focusin", refuse);
  };
}
