// Stands alone on a page that is left, and says so.

import { isAtRest } from "./shared.js";

const AGAIN = 2000; // milliseconds, and each time twice as long: a slow server has heard it, and not answered yet

export default function ({ data, setTriggerValue }) {
  let timer, patience = AGAIN;
  // Streamlit (1.67) may forget it where runs of the page follow each other closely.
  const insist = () => {
    if (isAtRest()) {
      setTriggerValue("told", data.turn);
      patience *= 2;
    }
    timer = setTimeout(insist, patience);
  };
  const before = data.elsewhere && window.history.pushState;
  if (before) window.history.pushState = pushElsewhere.bind(null, location.pathname);
  setTriggerValue("told", data.turn);
  timer = setTimeout(insist, patience);
  return () => {
    clearTimeout(timer);
    if (before) window.history.pushState = before;
  };
}

// Streamlit (1.67) writes the next page's words behind this page's name before it writes that page's, and that page its
// own spelling of them: Back would lead to addresses that nobody saw.
function pushElsewhere(here, ...entry) {
  if (new URL(entry[2], location.href).pathname === here) return;
  const how = location.pathname === here ? "pushState" : "replaceState";
  window.History.prototype[how].apply(window.history, entry);
}
