// The small parts of a card, and the code beside them.

function unbeaten(told) {
  if (!told.unbeaten) return [];
  const chip = make("span", "chip", "unbeaten");
  chip.title = told.unbeaten;
  return [chip];
}

// One figure: how far between the least and the most of all networks, and where the limit is.
function bar({ title, value, kind, source, share, limit }) {
  const fill = make("span", `fill ${kind}`), track = make("span", "track", fill);
  fill.style.setProperty("--share", share);
  if (limit !== null) {
    const tick = make("span", "tick");
    tick.style.setProperty("--share", limit);
    track.append(tick);
  }
  const element = make("div", "bar", make("span", "", title), make("b", kind, value), track);
  element.title = source;
  return element;
}

// Comments stand back; nothing else needs a colour.
function coloured(lines) {
  return lines.split("\n").flatMap((line) => {
    const at = line.indexOf("#");
    return at < 0 ? [`${line}\n`] : [line.slice(0, at), make("i", "", line.slice(at)), "\n"];
  });
}

async function copied(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select it";
  }
  setTimeout(() => (button.textContent = "Copy"), 1500);
}
