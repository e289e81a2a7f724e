/* Draws the times of a monitor in place of the plain drawing that the server made. Its paint is in chart-paint.js, what a hand
   does with it in chart-zoom.js. */

const paint = window.chartPaint;
const charts = new Map();
const stack = (lines) => {
  let below = [];
  return lines.map(({ values }) => {
    below = values.map((ms, index) => (ms === null ? null : ms + (below[index] ?? 0)));
    return below;
  });
};

const draw = (box) => {
  const { from, to, at, lines, stacked, failed, marks } = JSON.parse(box.dataset.chart);
  const series = lines.map(({ label, tone }, index) => ({
    label,
    stroke: paint.colour(`--tone-${tone}`),
    ...(stacked && { fill: paint.colour(`--tone-${tone}`) }),
    width: stacked ? 0 : 1.6,
    dash: paint.dashes[tone],
    points: { show: !stacked && at.length < 40, size: 5 },
    /* Of a stack the reader wants the part, not the sum up to it. */
    value: (_, ms, __, place) => {
      const part = stacked && place !== null ? lines[index].values[place] : ms;
      return part === null || part === undefined ? "–" : `${Math.round(part * 10) / 10} ms`;
    },
  }));
  const values = stacked ? stack(lines) : lines.map((line) => line.values);
  const axis = {
    stroke: paint.colour("--ink-2"),
    grid: { stroke: paint.colour("--line"), width: 1 },
    ticks: { show: false },
  };
  const options = {
    width: box.clientWidth,
    height: 240,
    /* The upper parts first, so that each covers what is below it. */
    series: [
      { value: (_, s) => (s ? new Date(s * 1000).toLocaleString() : "–") },
      ...(stacked ? series.toReversed() : series),
    ],
    axes: [
      { ...axis, values: paint.timeLabels },
      {
        ...axis,
        size: 64,
        values: (_, ticks) => ticks.map((ms) => (ms < 1000 ? `${ms} ms` : `${ms / 1000} s`)),
      },
    ],
    scales: { x: { range: () => [from, to] }, y: { range: (_, __, max) => [0, Math.max(max * 1.12, 1)] } },
    cursor: { drag: { x: true, y: false, setScale: false } },
    hooks: {
      drawClear: [paint.drawBack(failed)],
      draw: [paint.drawMarks(marks)],
      setSelect: [window.zoomChart],
    },
  };
  return new uPlot(options, [at, ...(stacked ? values.toReversed() : values)], box);
};

const drawCharts = () => {
  for (const box of document.querySelectorAll("[data-chart]")) {
    const known = charts.get(box);
    if (known?.source === box.dataset.chart && known.width === box.clientWidth) continue;
    known?.plot.destroy();
    charts.set(box, { plot: draw(box), source: box.dataset.chart, width: box.clientWidth });
  }
};
drawCharts();
addEventListener("resize", drawCharts);
document.addEventListener("htmx:after:swap", drawCharts);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const known of charts.values()) known.source = "";
  drawCharts();
});
