/* Colours, labels and the ground of the chart. Loaded before chart.js, which uses it. */

/* Tokens are light-dark() pairs; only a computed colour is one that a canvas understands. */
const colour = (name) => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};
const dashes = {
  p2: [5, 4],
  p3: [2, 3],
  "line-2": [6, 3],
  "line-3": [2, 3],
  "line-5": [8, 4],
  "line-6": [3, 2],
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

const drawBack = (failed) => (plot) => {
  plot.ctx.fillStyle = colour("--fail-bg");
  for (const [from, to] of failed) {
    const left = plot.valToPos(from, "x", true);
    const right = plot.valToPos(to, "x", true);
    plot.ctx.fillRect(left - 2, plot.bbox.top, Math.max(4, right - left), plot.bbox.height);
  }
};
const drawMarks = (marks) => (plot) => {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour("--ink-2");
  ctx.setLineDash([4, 4]);
  for (const [at] of marks) {
    const x = plot.valToPos(at, "x", true);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
};

window.chartPaint = { colour, dashes, timeLabels, drawBack, drawMarks };
