// Draws a plotly figure without a flicker, writes names beside its points, and tells Python what was clicked.

import { legible, mounted } from "../shared.js";
import { letters, placeLabels } from "./point_labels.js";
import { drawStill } from "./still_chart.js";

const CODE = "plotly.min.js"; // beside the page: app.py serves it

export default mounted(".plotly-chart", (element) => new PlotlyChart(element));

export class PlotlyChart {
  constructor(element) {
    Object.assign(this, { element, zoom: null });
    this.observer = new ResizeObserver(() => this.size === sizeOf(element) || this.draw());
    this.observer.observe(element);
    element.setAttribute("role", "img");
  }

  bring(data, tell) {
    this.read(data);
    this.send = data.events && tell;
    return this.draw();
  }

  read({ figure, alt }) {
    this.figure = JSON.parse(figure);
    const { height, meta } = this.figure.layout;
    if (height) this.element.style.height = `${height}px`;
    this.element.dataset.name = meta?.name ?? "curves";
    this.element.setAttribute("aria-label", alt);
    this.size = "";
  }

  // Where there is no room yet, the observer will tell.
  draw() {
    clearTimeout(this.waiting);
    if (!this.element.clientWidth) return undefined;
    const before = this.size;
    this.size = sizeOf(this.element);
    if (globalThis.Plotly) return this.work(this.paint());
    this.waiting = setTimeout(() => this.draw(), 15); // plotly's code is still on its way
    const { data, layout } = this.figure;
    const points = layout.meta?.labels && data.every(({ type }) => type === "scatter"); // nothing else can be drawn without it
    if (this.send && points && this.size !== before) this.showStill();
    requestAnimationFrame(() => setTimeout(fetchPlotly)); // once the still picture is on the screen
    return undefined;
  }

  showStill() {
    drawStill(this.element, this.seen(), (key) => this.send({ type: "choose", id: key }));
    this.settle();
  }

  async paint() {
    const { data, layout } = this.seen();
    const painting = (this.painting = react(this.element, data, layout, { showTips: !this.send }));
    await painting;
    if (this.ended || this.painting !== painting) return; // a later picture does the rest
    this.painting = null;
    this.element.querySelector(".still")?.remove();
    if (!this.listening) this.listen();
    this.listening = true;
    this.settle();
  }

  // Once it is on the screen, Python may send the rest of the page.
  settle() {
    if (this.send && !this.settled) requestAnimationFrame(() => setTimeout(() => this.ended || this.send({ type: "settled" })));
    this.settled = true;
  }

  listen() {
    const { element } = this;
    // Python switches families, so that all else follows: plotly is told to do nothing.
    const tell = (type) => (event) => {
      this.send?.({ type, id: event.data[event.curveNumber].name });
      return !this.send;
    };
    element.on("plotly_click", (event) => {
      const key = event.points.find((point) => point.customdata)?.customdata;
      if (key) this.send?.({ type: "choose", id: key });
    });
    element.on("plotly_legendclick", tell("family"));
    element.on("plotly_legenddoubleclick", tell("alone"));
    element.on("plotly_relayout", (change) => this.zoomed(change));
  }

  // Another part of the picture has room for other names.
  zoomed(change) {
    const { layout } = this.figure, { xaxis, yaxis } = this.element._fullLayout;
    if (this.painting || !layout.meta?.labels || !Object.keys(change).some((name) => /^[xy]axis/.test(name))) return;
    const whole = alike(xaxis.range, layout.xaxis.range) && alike(yaxis.range, layout.yaxis.range);
    this.zoom = whole ? null : { of: layout.uirevision, x: [...xaxis.range], y: [...yaxis.range] };
    this.work(globalThis.Plotly.relayout(this.element, { annotations: this.seen().layout.annotations }));
  }

  // The figure at the chart's size with the names, and where somebody has zoomed into these axes, zoomed. A copy:
  // plotly writes into it.
  seen() {
    const { data, layout } = structuredClone(this.figure);
    Object.assign(layout, { width: this.element.clientWidth, height: this.element.clientHeight });
    if (!this.figure.layout.height) layout.legend.font = { size: legendSize(layout.height, data) };
    if (this.zoom && this.zoom.of === layout.uirevision) [layout.xaxis.range, layout.yaxis.range] = [this.zoom.x, this.zoom.y];
    layout.annotations = [...(layout.annotations ?? []), ...placeLabels(layout, data, textRuler(this.element))];
    return { data, layout };
  }

  end() {
    this.ended = true;
    this.observer.disconnect();
    clearTimeout(this.waiting);
    return Promise.resolve(this.working).then(() => globalThis.Plotly?.purge(this.element));
  }

  // Plotly breaks where a chart is taken away from it while it works on it.
  work(promise) {
    this.working = Promise.allSettled([this.working, promise]);
    return promise;
  }
}

const sizeOf = (element) => `${element.clientWidth}×${element.clientHeight}`;
const alike = (one, other) => one.every((value, index) => Math.abs(value - other[index]) < 1e-6 * Math.abs(other[1] - other[0]));

// Five megabytes. The browser keeps what it gets this way, compiled, from one visit to the next.
function fetchPlotly() {
  if (document.querySelector(`script[src="${CODE}"]`)) return;
  document.head.append(Object.assign(document.createElement("script"), { src: CODE }));
}

// As large as lets all families stand below one another.
function legendSize(height, data) {
  const families = data.filter((trace) => trace.showlegend !== false).length;
  return legible(Math.max(10.5, Math.min(15.5, ((height - 78) / families - 3.6) / 1.3)));
}

function textRuler(element) {
  const pen = document.createElement("canvas").getContext("2d");
  const { family } = pageLook(element);
  return (name, strong) => {
    pen.font = `${strong ? "bold " : ""}${letters()}px ${family}`;
    return pen.measureText(name).width;
  };
}

// In the page's letters and colours.
export function react(element, data, layout, config = {}) {
  return globalThis.Plotly.react(element, data, { ...layout, ...themed(element, layout) }, { ...buttons(), ...config });
}

function pageLook(element) {
  const style = getComputedStyle(element), read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  return { color: read("text-color") || style.color, family: read("font") || style.fontFamily, paper: read("background-color") || "#fff" };
}

function themed(element, layout) {
  const { color, family, paper } = pageLook(element);
  const modebar = { bgcolor: "transparent", color: `color-mix(in srgb, ${color} 45%, transparent)`, activecolor: color };
  const hoverlabel = { ...layout.hoverlabel, bgcolor: paper, font: { ...layout.hoverlabel?.font, color, family } };
  return { modebar, font: { ...layout.font, color, family }, hoverlabel };
}

// Plotly's own bar offers to send a chart to its makers; nothing leaves this machine from here.
function buttons() {
  const { Icons } = globalThis.Plotly;
  return {
    displaylogo: false,
    responsive: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "toImage", "sendChartToCloud"],
    modeBarButtonsToAdd: [
      { name: "Save as PNG", icon: Icons.camera, click: (chart) => save(chart, "png") },
      { name: "Save as SVG", icon: Icons.disk, click: (chart) => save(chart, "svg") },
    ],
  };
}

// On white, with dark letters, whatever the page looks like.
function save(chart, format) {
  const font = { ...chart.layout.font, color: "#1f2937" };
  const layout = { ...chart.layout, paper_bgcolor: "#fff", plot_bgcolor: "#fff", font };
  const size = { width: chart.clientWidth, height: chart.clientHeight, scale: format === "png" ? 2 : 1 };
  globalThis.Plotly.downloadImage({ data: chart.data, layout }, { format, filename: chart.dataset.name ?? "curves", ...size });
}
