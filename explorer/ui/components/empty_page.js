// Stands alone on a page that is left, and says so.

import { isAtRest } from "./shared.js";

const AGAIN = 1000; // milliseconds

export default function ({ data, setTriggerValue }) {
  const tell = () => setTriggerValue("told", data.turn);
  tell();
  // Streamlit (1.67) may forget it where runs of the page follow each other closely.
  const timer = setInterval(() => isAtRest() && tell(), AGAIN);
  return () => clearInterval(timer);
}
