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
  setTriggerValue("told", data.turn);
  timer = setTimeout(insist, patience);
  return () => clearTimeout(timer);
}
