/* What a hand does with the drawings of a monitor: dragging over the chart zooms, arrow keys go from bar to bar. */

/* The span is in the URL, so that a zoomed chart can be sent to somebody. */
window.zoomChart = (plot) => {
  const { left, width } = plot.select;
  if (width < 8) return;
  const address = new URL(location.href);
  const instant = (x) => new Date(Math.round(plot.posToVal(x, "x")) * 1000).toISOString().replace(".000", "");
  for (const name of ["range", "at", "cursor"]) address.searchParams.delete(name);
  address.searchParams.set("from", instant(left));
  address.searchParams.set("to", instant(left + width));
  location.assign(address);
};

const steps = { ArrowLeft: -1, ArrowRight: 1 };
document.addEventListener("keydown", (event) => {
  const bar = event.target.closest?.("#run-strip a");
  if (!bar) return;
  const bars = [...bar.closest("svg").querySelectorAll("a")];
  const ends = { Home: 0, End: bars.length - 1 };
  const next = bars[ends[event.key] ?? bars.indexOf(bar) + (steps[event.key] ?? 0)];
  if (!next || next === bar) return;
  event.preventDefault();
  next.focus();
});
