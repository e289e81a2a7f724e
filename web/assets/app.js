/* What pages do beyond links, forms and htmx: copy buttons, local times, the latency chart, calm refreshing. */

const copyText = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
};

const copyFor = async (button) => {
  await copyText(document.getElementById(button.dataset.copy).textContent.trim());
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 2000);
};
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (button) void copyFor(button);
});

/* A menu closes when the click or the focus goes elsewhere, or on Escape. */
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
};
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("focusin", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(null);
});

const localTimes = () => {
  for (const time of document.querySelectorAll("time[datetime]")) {
    time.title = new Date(time.dateTime).toLocaleString(undefined, {
      dateStyle: "medium",
      timeStyle: "medium",
    });
  }
};

const charts = new Map();
/* Tokens are light-dark() pairs; only a computed colour is one that a canvas understands. */
const colour = (name) => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
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
        axes: [axis, { ...axis, size: 60, values: (_, ticks) => ticks.map((ms) => `${ms} ms`) }],
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

const refresh = () => {
  localTimes();
  if (window.uPlot) drawCharts();
};
refresh();
addEventListener("resize", refresh);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const known of charts.values()) known.source = "";
  refresh();
});

/* What the reader has opened stays open when its region is refreshed. */
window.htmx?.registerExtension("keep-open", {
  htmx_before_morph_attr: (element, change) => !(element.tagName === "DETAILS" && change.attrName === "open"),
});
/* A refresh that fails says so and is tried again; without a session the page asks to sign in. */
const stale = (isStale) => document.documentElement.toggleAttribute("data-stale", isStale);
document.addEventListener("htmx:error", () => stale(true));
document.addEventListener("htmx:response:error", (event) => {
  const { status } = event.detail.ctx.response;
  if (status === 401 || status === 404) location.reload();
  else stale(true);
});
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.response?.status < 400) stale(false);
  refresh();
});
