// What lies between two built networks, the law's rows, the growth chart, and numbers as one writes them.

const SVG = "http://www.w3.org/2000/svg";

// The network at a place: a built one where there is a stop, else something between its two neighbours.
function between(networks, place) {
  const at = networks.findLastIndex((each) => each.phi <= place + 1e-6);
  const from = networks[Math.max(0, at)], to = networks[Math.min(networks.length - 1, at + 1)];
  const span = to.phi - from.phi, share = span ? Math.min(1, Math.max(0, (place - from.phi) / span)) : 0;
  if (share < 1e-4) return { ...from, built: true };
  const mixed = (one, other) => one + (other - one) * share, grown = (one, other) => one * (other / one) ** share;
  return {
    built: false, from: from.phi, to: to.phi,
    params: grown(from.params, to.params), macs: grown(from.macs, to.macs), memory: grown(from.memory, to.memory),
    side: mixed(from.side, to.side),
    stages: from.stages.map((stage, row) => stage.map((value, part) => mixed(value, to.stages[row][part]))),
    factors: from.factors?.map((value, part) => mixed(value, to.factors[part])),
    implied: from.implied?.map((value, part) => mixed(value, to.implied[part])),
  };
}

function named(now) {
  return now.built ? `B${now.phi}` : `B${now.from} … B${now.to}`;
}

// α^φ, β^φ, γ^φ; and what they promise for the MACs, beside what was counted.
function writeLaw(stage, now) {
  const { law } = stage.data, phi = stage.player.place, shipped = stage.mode === "shipped";
  const factors = shipped ? now.factors : law.map((base) => base ** phi);
  const grown = now.macs / stage.first.macs, product = law[0] * law[1] ** 2 * law[2] ** 2;
  const rows = ["depth", "width", "resolution"].map((name, at) => ({
    name, colour: stage.look.colours[at], value: times(factors[at]),
    how: shipped ? `as if φ = ${now.implied[at].toFixed(2)}` : `${"αβγ"[at]}^φ = ${law[at]}^${phi.toFixed(2)}`,
  }));
  const sign = shipped ? "k" : "φ";
  rows.push({ name: "MACs, if doubled", value: times(2 ** phi), how: `2^${sign}` });
  rows.push({ name: "MACs by the law", value: times(product ** phi), how: `(α·β²·γ²)^${sign} = ${product.toFixed(2)}^${sign}` });
  rows.push({ name: "MACs, counted", value: (now.built ? "" : "≈ ") + times(grown), how: now.built ? "in the network that was built" : "between two built ones" });
  const body = stage.root.querySelector(".law tbody");
  if (!body.children.length) body.replaceChildren(...rows.map(() => {
    const row = document.createElement("tr");
    row.append(document.createElement("th"), document.createElement("td"), document.createElement("td"));
    row.firstChild.scope = "row";
    return row;
  }));
  rows.forEach(({ name, colour, value, how }, at) => {
    const texts = [name, value, how], told = texts.join() + colour, key = `law${at}`;
    if (stage.texts.get(key) === told) return;
    stage.texts.set(key, told);
    [...body.children[at].children].forEach((cell, column) => (raise(cell, texts[column])));
    body.children[at].style.setProperty("--mark", colour ?? "currentColor");
  });
}

// “1.2^φ” as one writes it.
function raise(cell, text) {
  cell.replaceChildren(...text.split(/(\^[\wφ.]+)/).filter(Boolean).map((part) => {
    if (!part.startsWith("^")) return part;
    const power = document.createElement("sup");
    power.textContent = part.slice(1);
    return power;
  }));
}

function raiseText(label, text) {
  const [base, power] = text.split("^");
  label.textContent = base;
  const raised = document.createElementNS(SVG, "tspan");
  raised.setAttribute("dy", "-5");
  raised.setAttribute("font-size", "80%");
  raised.textContent = power;
  label.append(raised);
}

// Lines of the law and dots of what was counted, on a logarithmic axis; gives what moves the marker.
function drawGrowth(svg, data, dark) {
  const { width, height } = svg.getBoundingClientRect();
  const letter = parseFloat(getComputedStyle(svg).fontSize), [left, right, top, bottom] = [letter * 3.2, letter * 7.4, 8, letter * 1.8];
  const x = (phi) => left + (phi / 7) * (width - left - right), y = (value) => height - bottom - (Math.log10(value) / Math.log10(140)) * (height - top - bottom);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren();
  const put = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    svg.append(made);
    return made;
  };
  for (const value of [1, 10, 100]) {
    put("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) });
    put("text", { class: "tick", x: left - letter * 0.7, y: y(value) + 5, "text-anchor": "end" }, `${value}×`);
  }
  for (let phi = 0; phi <= 7; phi++) put("text", { class: "tick", x: x(phi), y: height - 8, "text-anchor": "middle" }, phi ? String(phi) : "φ = 0");
  const [alpha, beta, gamma] = data.law, product = alpha * beta ** 2 * gamma ** 2;
  const lines = [["2^φ", 2, "two"], [`${product.toFixed(2)}^φ`, product, "law"], ["depth α^φ", alpha, "depth"], ["resolution γ^φ", gamma, "resolution"], ["width β^φ", beta, "width"]];
  const rooms = spread(lines.map(([, base]) => y(base ** 7)), letter * 1.08);
  lines.forEach(([name, base, kind], at) => {
    put("path", { class: `line ${kind}`, d: `M${x(0)} ${y(1)}L${x(7)} ${y(base ** 7)}` });
    put("text", { class: `name ${kind}`, x: x(7) + 10, y: rooms[at] + 5 }, name).classList.add("power");
  });
  for (const label of svg.querySelectorAll(".power")) raiseText(label, label.textContent);
  const marker = put("line", { class: "marker", x1: 0, x2: 0, y1: top, y2: height - bottom });
  const first = data.exact[0].macs;
  for (const each of data.exact) put("circle", { class: "exact", cx: x(each.phi), cy: y(each.macs / first), r: letter * 0.21 });
  for (const each of data.shipped) put("path", { class: "shipped", d: diamond(x(each.phi), y(each.macs / first), letter * 0.32) });
  const dot = put("circle", { class: `here${dark ? " dark" : ""}`, r: letter * 0.44 });
  return {
    move(phi, grown) {
      marker.setAttribute("transform", `translate(${x(phi)} 0)`);
      dot.setAttribute("transform", `translate(${x(phi)} ${y(grown)})`);
    },
  };
}

function diamond(x, y, r) {
  return `M${x} ${y - r}L${x + r} ${y}L${x} ${y + r}L${x - r} ${y}Z`;
}

// Heights at least so far apart, in the order they come.
function spread(heights, least) {
  const order = heights.map((height, at) => ({ height, at })).sort((one, other) => one.height - other.height);
  for (let at = 1; at < order.length; at++) order[at].height = Math.max(order[at].height, order[at - 1].height + least);
  const found = [];
  for (const { height, at } of order) found[at] = height;
  return found;
}

function short(number) {
  for (const [unit, name] of [[1e12, " T"], [1e9, " G"], [1e6, " M"], [1e3, " k"]])
    if (number >= unit * 0.9995) return (number / unit).toFixed(number / unit < 9.995 ? 2 : number / unit < 99.95 ? 1 : 0) + name;
  return String(Math.round(number));
}

function binary(bytes) {
  for (const [unit, name] of [[2 ** 30, " GiB"], [2 ** 20, " MiB"], [2 ** 10, " KiB"]])
    if (bytes >= unit) return (bytes / unit).toFixed(bytes / unit < 9.995 ? 2 : bytes / unit < 99.95 ? 1 : 0) + name;
  return `${Math.round(bytes)} B`;
}

function times(factor) {
  return `${factor.toFixed(factor < 9.995 ? 2 : factor < 99.95 ? 1 : 0)}×`;
}
