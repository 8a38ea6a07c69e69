// Lines of the law and dots of what was counted, on a logarithmic axis.

import { makeSvg } from "../shared.js";

// Draws what stands still; gives what moves the marker.
export function drawGrowth(svg, data) {
  const { width, height } = svg.getBoundingClientRect();
  const letter = parseFloat(getComputedStyle(svg).fontSize), [left, right, top, bottom] = [letter * 3.2, letter * 7.4, 8, letter * 1.8];
  const x = (phi) => left + (phi / 7) * (width - left - right), y = (value) => height - bottom - (Math.log10(value) / Math.log10(140)) * (height - top - bottom);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren();
  const put = (name, attributes, text = "") => svg.appendChild(makeSvg(name, attributes, text));
  for (const value of [1, 10, 100]) {
    put("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) });
    put("text", { class: "tick", x: left - letter * 0.7, y: y(value) + 5, "text-anchor": "end" }, `${value}×`);
  }
  for (let phi = 0; phi <= 7; phi++) put("text", { class: "tick", x: x(phi), y: height - 8, "text-anchor": "middle" }, String(phi));
  put("text", { class: "tick", x: x(0) - letter * 0.6, y: height - 8, "text-anchor": "end" }, "φ =");
  const [alpha, beta, gamma] = data.law, product = alpha * beta ** 2 * gamma ** 2;
  const lines = [["2^φ", 2, "two"], [`${product.toFixed(2)}^φ`, product, "law"], ["depth α^φ", alpha, "depth"], ["resolution γ^φ", gamma, "resolution"], ["width β^φ", beta, "width"]];
  const rooms = spread(lines.map(([, base]) => y(base ** 7)), letter * 1.08);
  lines.forEach(([name, base, kind], at) => {
    put("path", { class: `line ${kind}`, d: `M${x(0)} ${y(1)}L${x(7)} ${y(base ** 7)}` });
    const [letters, power] = name.split("^"), text = put("text", { class: `name ${kind}`, x: x(7) + 10, y: rooms[at] + 5 }, letters);
    text.append(makeSvg("tspan", { dy: -5 }, power));
  });
  const marker = put("line", { class: "marker", x1: 0, x2: 0, y1: top, y2: height - bottom });
  const first = data.exact[0].macs, gem = letter * 0.32;
  for (const each of data.exact) put("circle", { class: "exact", cx: x(each.phi), cy: y(each.macs / first), r: letter * 0.21 });
  for (const each of data.shipped) put("path", { class: "shipped", d: `M${x(each.phi)} ${y(each.macs / first) - gem}l${gem} ${gem}l${-gem} ${gem}l${-gem} ${-gem}Z` });
  const dot = put("circle", { class: "here", r: letter * 0.44 });
  return {
    move(phi, grown) {
      marker.setAttribute("transform", `translate(${x(phi)} 0)`);
      dot.setAttribute("transform", `translate(${x(phi)} ${y(grown)})`);
    },
  };
}

// Heights at least so far apart, in the order they come.
export function spread(heights, least) {
  const found = [...heights], order = [...heights.keys()].sort((one, other) => heights[one] - heights[other]);
  for (const [at, one] of order.entries()) if (at) found[one] = Math.max(found[one], found[order[at - 1]] + least);
  return found;
}
