// What every chart of ours has in common: the page's letters and colours, and the buttons at its corner.

function themed(chart, layout) {
  const style = getComputedStyle(chart);
  const colour = style.getPropertyValue("--st-text-color").trim() || style.color;
  const family = style.getPropertyValue("--st-font").trim() || style.fontFamily;
  const paper = style.getPropertyValue("--st-background-color").trim() || "#fff";
  const modebar = { bgcolor: "transparent", color: `color-mix(in srgb, ${colour} 45%, transparent)`, activecolor: colour };
  return { modebar, font: { ...layout.font, color: colour, family }, hoverlabel: { bgcolor: paper, font: { color: colour, family } } };
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
