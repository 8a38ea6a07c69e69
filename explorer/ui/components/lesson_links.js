// The links in a lesson's text, which lead to parts of the view beside it: Python hears of a click on one. And what a
// step has locked cannot be reached by the keyboard either. And an answer's verdict is scrolled to, and a step
// is read from its beginning. And what was answered is kept in this tab, for when the page is loaded anew.

import { calm, isAtRest } from "./shared.js";

const KEPT = "lessons"; // its name in the tab's storage, which goes with the tab and leads nowhere
const AGAIN = 2000; // milliseconds, after which what Python has not heard of is told again
const SOON = 50; // milliseconds, after which it is looked again whether a run of the page is over

let before = {}; // the step shown last, and whether it had its answer
let end = () => {}; // of what was heard for the data before

function showVerdict() {
  const verdict = document.querySelector(".st-key-lesson-question .stAlert");
  verdict?.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
}

// Of a visit whose record the tab has, the newer one is kept. What an earlier visit left there is told first.
export function keepRecord({ visit, heard, record }, storage, tell) {
  let kept = null;
  try {
    kept = JSON.parse(storage.getItem(KEPT));
  } catch { /* somebody else's words: they are written over */ }
  if (kept?.record && kept.visit !== visit && !heard) tell(kept.record);
  else storage.setItem(KEPT, JSON.stringify({ visit, record }));
}

// Returns what ends it.
function keep(data, setTriggerValue) {
  let timer, told = false;
  hold(false);
  // A run that is on its way to the page would be broken off.
  const insist = (record) => {
    const rested = isAtRest();
    if (rested) setTriggerValue("kept", record);
    timer = setTimeout(insist, rested ? AGAIN : SOON, record);
    hold(!rested || !told);
    told ||= rested;
  };
  try {
    keepRecord(data, sessionStorage, insist);
  } catch { /* the browser lets nothing be kept, or no more */ }
  return () => {
    clearTimeout(timer);
    hold(false);
  };
}

// A question that is answered already, as is about to be heard, is not shown for that moment.
function hold(on) {
  document.documentElement?.classList.toggle("lesson-held", on);
}

function hear(data, setTriggerValue) {
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

// Streamlit (1.67) calls it for each data anew, and ends only the last.
export default function ({ data, setTriggerValue }) {
  end();
  if (data.answered && before.step === data.step && before.heard === data.heard && !before.answered) requestAnimationFrame(showVerdict);
  if (before.step !== data.step) for (const each of document.querySelectorAll(".stMain, .st-key-lesson")) each.scrollTop = 0;
  before = data;
  const ends = [keep(data, setTriggerValue), hear(data, setTriggerValue)];
  end = () => ends.forEach((each) => each());
  return end;
}
