/* Draws the response times of a monitor in place of the plain lines that the server drew. */

const charts = new Map();
/* Tokens are light-dark() pairs; only a computed colour is one that a canvas understands. */
const colour = (name) => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

/* As fine as the span asks for, in the reader's own way to write times. */
const timeLabels = (_, ticks) => {
  const span = ticks.at(-1) - ticks[0];
  const clock = {
    hour: "2-digit",
    minute: "2-digit",
    ...(span < 300 && { second: "2-digit" }),
    hourCycle: "h23",
  };
  const day = { month: "short", day: "numeric" };
  return ticks.map((s) => new Date(s * 1000).toLocaleString(undefined, span > 2 * 86400 ? day : clock));
};

const drawCharts = () => {
  for (const box of document.querySelectorAll("[data-chart]")) {
    const known = charts.get(box);
    if (known?.source === box.dataset.chart && known.width === box.clientWidth) continue;
    known?.plot.destroy();
    const { at, p50, p95, failed } = JSON.parse(box.dataset.chart);
    const width = box.clientWidth;
    const line = (label, name, dash) => ({
      label,
      stroke: colour(name),
      width: 1.6,
      dash,
      points: { show: at.length < 40, size: 5 },
      value: (_, ms) => (ms === null ? "–" : `${Math.round(ms)} ms`),
    });
    const axis = {
      stroke: colour("--ink-2"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
    };
    const shadeFailures = (plot) => {
      plot.ctx.fillStyle = colour("--fail-bg");
      for (const [from, to] of failed) {
        const left = plot.valToPos(from, "x", true);
        const right = plot.valToPos(to, "x", true);
        plot.ctx.fillRect(left - 2, plot.bbox.top, Math.max(4, right - left), plot.bbox.height);
      }
    };
    const plot = new uPlot(
      {
        width,
        height: 220,
        series: [
          { value: (_, s) => (s ? new Date(s * 1000).toLocaleString() : "–") },
          line("p50", "--accent"),
          line("p95", "--warn", [5, 4]),
        ],
        axes: [
          { ...axis, values: timeLabels },
          { ...axis, size: 60, values: (_, ticks) => ticks.map((ms) => `${ms} ms`) },
        ],
        scales: { y: { range: (_, __, max) => [0, Math.max(max * 1.15, 1)] } },
        cursor: { drag: { x: true, y: false } },
        hooks: { drawClear: [shadeFailures] },
      },
      [at, p50, p95],
      box,
    );
    charts.set(box, { plot, source: box.dataset.chart, width });
  }
};

drawCharts();
addEventListener("resize", drawCharts);
document.addEventListener("htmx:after:swap", drawCharts);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const known of charts.values()) known.source = "";
  drawCharts();
});
