// The questions of a lesson that was taken along as one file, which holds this script: they answer by themselves.

const UNREAD = "That is no number: write one such as 1500, 1.5 k, 1,5 M, 2e6 or 3 million.";
const FORM = /^([-−+]?)\s*(\d[\d.,'’_ \u00a0\u202f]*)(?:e([-+−]?\d{1,3}))?(?:\s*[x×*·]\s*10\s*\^\s*([-+−]?\d{1,3}))?\s*([a-zµ%]*)\D*$/;

// As explorer/lessons/answers.py reads it; NaN where that is no number. `powers`: of the units.
export function readNumber(text, powers) {
  const words = trimmed(text.slice(0, 80).replace(/10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/, (_, raised) => `10^${[...raised].map(lowered).join("")}`).toLowerCase());
  const found = FORM.exec(words.startsWith("10^") ? `1 × ${words}` : words), digits = found && plainDigits(found[2].trim());
  if (!digits) return NaN;
  const power = Number((found[3] ?? found[4] ?? "0").replace("−", "-"));
  const value = Number(digits) * (powers[found[5]] ?? 1) * (Math.abs(power) < 100 ? 10 ** power : Infinity);
  return value < 1e30 ? ("-−".includes(found[1] || "+") ? -value : value) : NaN;
}

function lowered(mark) {
  return mark === "⁻" ? "-" : String("⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(mark));
}

function trimmed(written) {
  return written.trim().replace(/^[~≈ ]+/, "").replace(/[.,!? ]+$/, "").replace(/^([-−+]?)(?=[.,]\d)/, "$10");
}

function plainDigits(written) {
  let digits = written.replace(/(?<=\d)[ '’_\u00a0\u202f](?=\d)/g, "");
  const commas = digits.split(",").length - 1, points = digits.split(".").length - 1;
  if (commas && points) {
    const last = Math.max(digits.lastIndexOf(","), digits.lastIndexOf("."));
    if (digits.split(digits[last]).length > 2) return "";
    digits = `${digits.slice(0, last).replace(/[.,]/g, "")}.${digits.slice(last + 1)}`;
  } else if (commas > 1 || points > 1) {
    if (!/^\d{1,3}([.,]\d{3})+$/.test(digits)) return "";
    digits = digits.replace(/[.,]/g, "");
  } else if (commas && /^[1-9]\d{0,2},\d{3}$/.test(digits)) digits = digits.replace(",", "");
  digits = digits.replaceAll(",", ".");
  return /^\d{1,40}(\.\d*)?$/.test(digits) ? digits : "";
}

// Of what can be read in two ways the likelier one.
export function meantNumber(written, powers, right, kind) {
  const text = trimmed(written), fraction = /^(\d{1,9}) ?\/ ?([1-9]\d{0,8})$/.exec(text);
  if (fraction) return fraction[1] / fraction[2];
  const value = readNumber(text, powers);
  if (kind.startsWith("share") && value > 1) return value / 100;
  if (["percent", "points"].includes(kind) && text.includes("%")) return value * 100;
  const thousands = Math.abs(right) >= 1000 && /^[1-9]\d{0,2}\.\d{3}$/.test(text);
  return thousands && Math.abs(value * 1000 - right) < Math.abs(value - right) ? value * 1000 : value;
}

function judge({ value: text, dataset: { powers, right, within, known, kind } }) {
  const value = meantNumber(text, JSON.parse(powers), Number(right), kind), factor = value / right;
  if (Number.isNaN(value)) return UNREAD;
  if (Math.abs(value - right) <= within * Math.abs(right)) return `Right, near enough: it is ${known}.`;
  const times = (factor > 1 ? factor : 1 / factor).toPrecision(2), way = factor > 1 ? "large" : "small";
  return `${factor > 0 ? `${Number(times).toLocaleString("en")} × too ${way}` : "Too small"}: it is ${known}.`;
}

function listen(ask) {
  const said = ask.querySelector("output"), box = ask.querySelector("[data-right]");
  for (const button of ask.querySelectorAll("button")) button.onclick = () => {
    said.textContent = button.dataset.said ?? judge(box);
    const after = ask.parentElement.querySelector("details");
    if (after && said.textContent !== UNREAD) after.open = true;
  };
}

if (globalThis.document) {
  document.querySelectorAll(".ask").forEach(listen);
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", () => folded.forEach((each) => { each.open = false; }));
}
