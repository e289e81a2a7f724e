/** Files that are embedded with `with { type: "file" }`: the import is a path. */
declare module "*.css" {
  const path: string;
  export default path;
}
declare module "*.svg" {
  const path: string;
  export default path;
}
declare module "*/app.js" {
  const path: string;
  export default path;
}
declare module "*/editor.js" {
  const path: string;
  export default path;
}
declare module "*/chart-paint.js" {
  const path: string;
  export default path;
}
declare module "*/chart-zoom.js" {
  const path: string;
  export default path;
}
declare module "*/chart.js" {
  const path: string;
  export default path;
}
declare module "htmx.org/dist/htmx.min.js" {
  const path: string;
  export default path;
}
declare module "uplot/dist/uPlot.iife.min.js" {
  const path: string;
  export default path;
}
