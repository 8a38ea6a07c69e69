// Draws a plotly figure, and brings it up to date with Plotly.react, which keeps zoom and hidden lines.

const charts = new WeakMap(); // the figure a chart shows, and what watches its size

export default function ({ parentElement, data }) {
  const chart = parentElement.querySelector(".chart");
  const known = charts.get(chart) ?? begin(chart);
  known.data = data;
  draw(chart, known);
  return () => {
    known.observer.disconnect();
    clearTimeout(known.waiting);
    globalThis.Plotly?.purge(chart);
    charts.delete(chart);
  };
}

function begin(chart) {
  const known = { observer: new ResizeObserver(() => draw(chart, known)), width: 0, waiting: 0 };
  known.observer.observe(chart);
  charts.set(chart, known);
  return known;
}

function draw(chart, known) {
  clearTimeout(known.waiting);
  if (!globalThis.Plotly) {
    known.waiting = setTimeout(() => draw(chart, known), 50); // plotly's code is still on its way
    return;
  }
  const figure = JSON.parse(known.data.figure);
  const width = chart.clientWidth;
  chart.style.height = `${figure.layout.height}px`;
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", known.data.alt);
  globalThis.Plotly.react(chart, figure.data, { ...figure.layout, ...themed(chart, figure.layout), width }, buttons());
}
