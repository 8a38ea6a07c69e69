// Saving the picture: every style is written into the elements, in light colours, so that the file stands alone.

import { make, makeSvg, setAttributes } from "../shared.js";
import { hint } from "./tooltip.js";

const WRITTEN = ["stroke-width", "stroke-linejoin", "paint-order"];
const LETTERS = ["font-size", "font-weight", "text-anchor", "dominant-baseline", "font-variant-numeric"];
const FONTS = "'Source Sans 3', 'Source Sans Pro', 'Segoe UI', Helvetica, Arial, sans-serif";
const PNG_LIMIT = 16000; // px on a side, which is as much as browsers draw

export async function save(v, format) {
  v.part(".export").open = false;
  const [{ svg: shown, size, given }] = v.panes;
  const transparent = v.part(".export input").checked;
  const svg = standalone(v.root, shown, transparent);
  const blob = new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" });
  try {
    download(format === "svg" ? blob : await toPng(blob, size), `${fileName(given.name)}.${format}`);
  } catch {
    hint(v, "The picture is too large for PNG; save it as SVG", 4000);
  }
}

function standalone(root, shown, transparent) {
  const svg = shown.cloneNode(true);
  for (const el of svg.querySelectorAll(".ring, .fold")) el.remove();
  for (const el of svg.querySelectorAll("*")) el.classList.remove("selected", "on", "hot", "match", "waiting");
  const sheet = make("div", "viewer paper", svg);
  root.after(sheet);
  const styled = [...svg.querySelectorAll("rect, path, text, circle, polygon, ellipse")];
  const styles = styled.map((el) => styleOf(el));
  sheet.remove();
  styled.forEach((el, i) => el.setAttribute("style", styles[i]));
  for (const el of [svg, ...svg.querySelectorAll("*")]) bare(el);
  svg.setAttribute("font-family", FONTS);
  if (!transparent) svg.prepend(makeSvg("rect", { width: "100%", height: "100%", fill: "#ffffff" }));
  return svg;
}

// Letters keep the width they have here, whatever font the reader's machine puts in their place.
function styleOf(el) {
  const style = getComputedStyle(el);
  const names = el.localName === "text" ? [...WRITTEN, ...LETTERS] : WRITTEN, length = el.getComputedTextLength?.();
  if (length > 0) setAttributes(el, { textLength: length.toFixed(1), lengthAdjust: "spacingAndGlyphs" });
  const colours = ["fill", "stroke"].map((name) => plainColour(name, style.getPropertyValue(name)));
  return [...colours, ...names.map((name) => `${name}:${style.getPropertyValue(name)}`)].join(";");
}

function bare(el) {
  for (const { name } of [...el.attributes]) if (/^(class|tabindex|role|aria-.*)$/.test(name)) el.removeAttribute(name);
  if (el.localName === "svg" || el.localName === "g") el.removeAttribute("style");
}

// Mixed colours are reported as color(srgb …), which drawing programs do not know; nor do all know rgba(…).
function plainColour(name, value) {
  const numbers = (value.match(/[\d.]+(e-?\d+)?/g) ?? []).map(Number);
  if (numbers.length < 3) return `${name}:${value}`;
  const scale = value.startsWith("color(") ? 255 : 1;
  const hex = numbers.slice(0, 3).map((c) => Math.round(c * scale).toString(16).padStart(2, "0")).join("");
  return `${name}:#${hex};${name}-opacity:${numbers[3] ?? 1}`;
}

async function toPng(blob, { w, h }) {
  const scale = Math.min(2, PNG_LIMIT / w, PNG_LIMIT / h);
  const url = URL.createObjectURL(blob);
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  const canvas = setAttributes(make("canvas"), { width: Math.round(w * scale), height: Math.round(h * scale) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  return new Promise((resolve, reject) => canvas.toBlob((png) => (png ? resolve(png) : reject()), "image/png"));
}

function download(blob, name) {
  const url = URL.createObjectURL(blob);
  setAttributes(make("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 2000);
}

export function fileName(name) {
  return (name || "network").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "network";
}
