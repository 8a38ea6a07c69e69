// The chart of the field: draws it without a flicker, writes names where there is room, tells Python what was clicked.

const fields = new WeakMap(); // what each chart shows, and what watches its size

export default function ({ parentElement, data, setTriggerValue }) {
  const chart = parentElement.querySelector(".field-chart");
  const known = fields.get(chart) ?? begin(chart);
  known.send = (event) => {
    known.events = remembered(known.events, event);
    setTriggerValue("event", known.events);
  };
  if (known.source !== data.figure) known.figure = JSON.parse(data.figure);
  Object.assign(known, { source: data.figure, labels: data.labels });
  chart.style.height = data.height;
  chart.dataset.name = data.name;
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", data.alt);
  draw(chart, known);
  return () => {
    known.observer.disconnect();
    clearTimeout(known.waiting);
    globalThis.Plotly?.purge(chart);
    fields.delete(chart);
  };
}

function begin(chart) {
  const known = { observer: new ResizeObserver(() => resized(chart, known)), events: [], waiting: 0, drawn: "", zoom: null, painting: null };
  known.observer.observe(chart);
  fields.set(chart, known);
  return known;
}

function resized(chart, known) {
  if (known.drawn !== shownBy(chart, known)) draw(chart, known);
}

const shownBy = (chart, known) => `${chart.clientWidth}×${chart.clientHeight}${known.source}`;

// A still picture first, where plotly's code is on its way yet. Where there is no room yet, the observer will tell.
function draw(chart, known) {
  clearTimeout(known.waiting);
  if (!chart.clientWidth) return;
  const before = known.drawn;
  known.drawn = shownBy(chart, known);
  if (globalThis.Plotly) return paint(chart, known);
  known.waiting = setTimeout(() => draw(chart, known), 15);
  if (known.drawn === before) return;
  still(chart, seen(known, chart), known.labels, (key) => known.send({ type: "choose", id: key }));
  settle(chart, known);
}

const here = (chart, known) => fields.get(chart) === known; // else it has left the page while something was awaited

async function paint(chart, known) {
  const figure = seen(known, chart);
  const { data, layout } = figure;
  const annotations = write(chart, known.labels, figure);
  const done = globalThis.Plotly.react(chart, data, { ...layout, ...themed(chart, layout), annotations }, { ...buttons(), showTips: false });
  known.painting = done;
  await done;
  if (!here(chart, known) || known.painting !== done) return; // a later picture does the rest
  known.painting = null;
  chart.querySelector(".still")?.remove();
  if (!known.live) listen(chart, known);
  known.live = true;
  settle(chart, known);
}

// Once it is on the screen, Python may send the rest of the page.
function settle(chart, known) {
  if (known.settled) return;
  known.settled = true;
  requestAnimationFrame(() => setTimeout(() => here(chart, known) && known.send({ type: "settled" })));
}

function listen(chart, known) {
  chart.on("plotly_click", (event) => {
    const key = event.points.find((point) => point.customdata)?.customdata;
    if (key) known.send({ type: "choose", id: key });
  });
  chart.on("plotly_legendclick", (event) => tell(known, "family", event));
  chart.on("plotly_legenddoubleclick", (event) => tell(known, "alone", event));
  chart.on("plotly_relayout", (change) => {
    if (known.painting || !Object.keys(change).some((name) => /^[xy]axis/.test(name))) return;
    const { xaxis, yaxis } = chart._fullLayout;
    known.zoom = { of: known.figure.layout.uirevision, x: [...xaxis.range], y: [...yaxis.range] };
    const whole = known.figure.layout;
    if (alike(known.zoom.x, whole.xaxis.range) && alike(known.zoom.y, whole.yaxis.range)) known.zoom = null;
    globalThis.Plotly.relayout(chart, { annotations: write(chart, known.labels, seen(known, chart)) });
  });
}

const alike = (one, other) => one.every((value, index) => Math.abs(value - other[index]) < 1e-6 * Math.abs(other[1] - other[0]));

// Python switches families, so that the front and the sentences follow: plotly is told to do nothing.
function tell(known, type, event) {
  known.send({ type, id: event.data[event.curveNumber].name });
  return false;
}

// As large as lets all families stand below one another.
function legible(chart, data) {
  const families = data.filter((trace) => trace.showlegend !== false).length;
  return Math.max(10.5, Math.min(15.5, ((chart.clientHeight - 78) / families - 3.6) / 1.3));
}

// The figure at the chart's size, and where somebody has zoomed into these axes, zoomed.
function seen(known, chart) {
  const { data, layout } = known.figure;
  const size = { width: chart.clientWidth, height: chart.clientHeight, legend: { ...layout.legend, font: { size: legible(chart, data) } } };
  if (known.zoom?.of !== layout.uirevision) return { data, layout: { ...layout, ...size } };
  const { x, y } = known.zoom;
  return { data, layout: { ...layout, ...size, xaxis: { ...layout.xaxis, range: x }, yaxis: { ...layout.yaxis, range: y } } };
}
