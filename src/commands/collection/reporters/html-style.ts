export const pageStyle = `
:root { color-scheme: light dark; --text: #1c2024; --dim: #60646c; --line: #d9d9e0; --page: #fff; --raised: #f6f6f8;
  --good: #18794e; --bad: #c62828; }
@media (prefers-color-scheme: dark) {
  :root { --text: #edeef0; --dim: #a0a4ab; --line: #363a3f; --page: #15171a; --raised: #1e2125; --good: #4cc38a; --bad: #ff8a80; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.6rem; } h2 { margin: 2rem 0 .5rem; font-size: 1.15rem; } h3 { margin: 1rem 0 .25rem; font-size: 1rem; }
.verdict { font-size: 1.1rem; font-weight: 600; margin: .25rem 0; }
.passed { color: var(--good); } .failed, .errored, .aborted { color: var(--bad); } .dim, .skipped { color: var(--dim); }
.figures { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
.figures div { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: .5rem .75rem; }
dt { color: var(--dim); font-size: .85rem; } dd { margin: 0; font-variant-numeric: tabular-nums; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; padding: 0 .75rem; }
details[open] { padding-bottom: .6rem; }
summary { cursor: pointer; padding: .45rem 0; overflow-wrap: anywhere; }
summary:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
pre { background: var(--raised); border-radius: 6px; margin: .3rem 0; max-height: 30rem; overflow: auto; padding: .5rem .75rem;
  white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.45 ui-monospace, monospace; }
.url { overflow-wrap: anywhere; margin: .2rem 0; }
ul.assertions { list-style: none; margin: .3rem 0; padding: 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .15rem .5rem .15rem 0; font-weight: normal; overflow-wrap: anywhere; }
th { color: var(--dim); width: 14rem; }
a { color: inherit; }
`;
