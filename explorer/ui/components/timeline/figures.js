// What stands on a slide and in a row: the picture of a block, figures with their sources, bars.

import { make, setAttributes } from "../shared.js";

const LARGEST = 1.6; // times its own size, for a small picture
const WIDE = 560; // px: in projector mode a picture that is wider has the slide's whole width, and the words around it

export function fresh(shown, name, told) {
  const text = JSON.stringify(told);
  if (shown[name] === text) return false;
  shown[name] = text;
  return true;
}

export function draw(picture, svg, problem, alt, caption) {
  picture.classList.remove("waiting");
  if (!svg) return picture.replaceChildren(make("p", "problem", problem));
  const drawn = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  for (const [side, name] of [["width", "Width"], ["height", "Height"]]) {
    drawn.style[`max${name}`] = `${LARGEST * drawn.getAttribute(side)}px`;
    drawn.style.setProperty(`--${side}`, `${drawn.getAttribute(side)}px`); // projector mode draws it no smaller
    drawn.removeAttribute(side);
  }
  picture.closest(".slide").classList.toggle("wide", parseFloat(drawn.style.getPropertyValue("--width")) > WIDE);
  setAttributes(drawn, { role: "img", "aria-label": `${caption}\n${alt}` });
  picture.replaceChildren(document.importNode(drawn, true));
}

const TITLES = { parameters: "Parameters", MACs: "MACs", "top-1": "Top-1", "top-5": "Top-5" };

// The figures of a slide, each with who says so.
export function figures({ bars }) {
  return Object.entries(TITLES).map(([name, title]) => {
    const told = bars[name], term = make("dt", "", title);
    if (!told) return make("div", "", term, make("dd", "none", name.startsWith("top") ? "none published" : "…"));
    const since = told.since ? [make("small", "", `since then ${told.since}`)] : [];
    const figure = make("dd", "", make("b", "", told.value), make("small", "", told.source), ...since);
    return Object.assign(make("div", told.kind, term, figure), { title: source(told) });
  });
}

function source({ kind, source, note, since, sinceSource }) {
  return `${kind}: ${source}${note ? `, ${note}` : ""}${since ? `; since then ${since} (${sinceSource})` : ""}`;
}

export function bar(told, scale) {
  if (!told) return [make("span", "said", scale.id === "top-1" ? "none" : "…")];
  const rail = make("span", "rail");
  if (told.later) rail.append(styled("since", "--share", told.later));
  rail.append(styled(`fill ${told.kind}`, "--share", told.share), ...scale.rules.map((at) => styled("rule", "--at", at)));
  const said = make("span", `said ${told.kind}`, told.value);
  rail.title = said.title = source(told);
  return [rail, said];
}

function styled(name, property, value) {
  const element = make("span", name);
  element.style.setProperty(property, value);
  return element;
}

export function key() {
  const entry = (colour, words) => make("span", "entry", styled("swatch", "--of", colour), words);
  const since = "color-mix(in srgb, var(--published) 35%, var(--back))";
  return make("p", "key", entry("var(--computed)", "computed from the live network"), entry("var(--published)", "published"), entry(since, "since then, by newer recipes or more data"));
}
