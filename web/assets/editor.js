/*
 * Colours programs and JSON, and turns the text fields of editing pages into small editors: colours behind the text, line
 * numbers, a search, Tab that indents. The text field stays what is typed into and what is sent.
 */
/* Longer texts stay plain: colouring them would take longer than a key stroke. */
const MAX_COLOURED = 150_000;
const INDENT = "  ";
/* Shorter texts are seen whole; Ctrl+F opens the search there, too. */
const FIND_FROM = 20;
const keywords = new Set(
  `async await break case catch class const continue default delete do else export extends finally for from function
   if import in instanceof let new of return static super switch this throw try typeof var void while with yield`.split(
    /\s+/,
  ),
);
const literals = new Set(["true", "false", "null", "undefined", "NaN", "Infinity"]);

const javascript =
  /(\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|("(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?|`(?:\\[\s\S]|[^\\`])*`?)|(\b\d[\w.]*)|([A-Za-z_$][\w$]*)|(\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*)|\s+|[\s\S]/g;
const json =
  /(\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|("(?:\\.|[^"\\\n])*"?)(?=(\s*:)?)|(-?\b\d[\w.+-]*)|(\{\{[^{}\n]*\}\})|([A-Za-z_]+)|\s+|[\s\S]/g;

/* After these a slash divides; elsewhere it begins a pattern. */
const endsValue = (text) => /[\w$)\]}"'`]$/.test(text) && !keywords.has(text);

function* javascriptTokens(text) {
  let before = "";
  javascript.lastIndex = 0;
  for (let match = javascript.exec(text); match; match = javascript.exec(text)) {
    let [token] = match;
    const [, comment, string, number, word, pattern] = match;
    let kind;
    if (comment) kind = "comment";
    else if (string) kind = "string";
    else if (number) kind = "number";
    else if (word) kind = keywords.has(word) ? "keyword" : literals.has(word) ? "number" : undefined;
    else if (pattern && endsValue(before)) {
      token = "/";
      javascript.lastIndex = match.index + 1;
    } else if (pattern) kind = "string";
    if (!comment && token.trim() !== "") before = token;
    yield { token, kind };
  }
}

function* jsonTokens(text) {
  json.lastIndex = 0;
  for (let match = json.exec(text); match; match = json.exec(text)) {
    const [token, comment, string, colon, number, variable, word] = match;
    let kind;
    if (comment) kind = "comment";
    else if (string) kind = colon === undefined ? "string" : "property";
    else if (variable) kind = "variable";
    else if (number || word) kind = "number";
    yield { token, kind };
  }
}

const tokensOf = { javascript: javascriptTokens, json: jsonTokens };

const colour = (element, text, language) => {
  const tokens = text.length > MAX_COLOURED ? undefined : tokensOf[language];
  if (!tokens) {
    element.textContent = text;
    return;
  }
  const parts = document.createDocumentFragment();
  let plain = "";
  const flush = () => {
    if (plain !== "") parts.append(plain);
    plain = "";
  };
  for (const { token, kind } of tokens(text)) {
    if (kind === undefined) plain += token;
    else {
      flush();
      const span = document.createElement("span");
      span.className = `tok-${kind}`;
      span.textContent = token;
      parts.append(span);
    }
  }
  flush();
  element.replaceChildren(parts);
};

const make = (name, className, attributes = {}) => {
  const element = document.createElement(name);
  element.className = className;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

/* As if it was typed, so that it can be undone. */
const type = (area, text) => {
  area.focus();
  const isDone =
    text === "" ? document.execCommand("delete") : document.execCommand("insertText", false, text);
  if (!isDone) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
};

const lineStart = (text, at) => text.lastIndexOf("\n", at - 1) + 1;

const indent = (area, isBack) => {
  const { value, selectionStart, selectionEnd } = area;
  if (!isBack && selectionStart === selectionEnd) return type(area, INDENT);
  const from = lineStart(value, selectionStart);
  const end = value.indexOf("\n", Math.max(selectionEnd - 1, from));
  const to = end < 0 ? value.length : end;
  const block = value.slice(from, to);
  const changed = isBack ? block.replaceAll(/^ {1,2}|^\t/gm, "") : block.replaceAll(/^(?=.)/gm, INDENT);
  if (changed === block) return;
  area.setSelectionRange(from, to);
  type(area, changed);
  area.setSelectionRange(from, from + changed.length);
};

const newLine = (area) => {
  const { value, selectionStart } = area;
  const [space] = /^[ \t]*/.exec(value.slice(lineStart(value, selectionStart), selectionStart));
  const isOpen = /[{[(]\s*$/.test(value.slice(0, selectionStart));
  type(area, `\n${space}${isOpen ? INDENT : ""}`);
};

let made = 0;

function enhance(area) {
  const language = area.dataset.editor;
  const label = area.labels?.[0]?.textContent?.trim() ?? "the text";
  const frame = make("div", "editor");
  const gutter = make("pre", "editor-lines", { "aria-hidden": "true" });
  const colours = make("pre", "editor-colours", { "aria-hidden": "true" });
  const code = document.createElement("code");
  colours.append(code);
  const hint = make("p", "hint", { id: `editor-hint-${++made}` });
  hint.textContent = "Tab indents. Escape, then Tab leaves the field.";
  area.before(frame);
  const body = make("div", "editor-body");
  body.append(colours, area);
  frame.append(gutter, body);
  frame.after(hint);
  const bar = finder(area, label);
  frame.before(bar);
  area.setAttribute(
    "aria-describedby",
    [area.getAttribute("aria-describedby"), hint.id].filter(Boolean).join(" "),
  );
  area.setAttribute("wrap", "off");
  area.spellcheck = false;
  area.classList.add("editing");

  const follow = () => {
    code.style.transform = `translate(${-area.scrollLeft}px, ${-area.scrollTop}px)`;
    gutter.scrollTop = area.scrollTop;
  };
  const draw = () => {
    const lines = area.value.split("\n").length;
    colour(code, `${area.value}\n`, language);
    gutter.textContent = `${Array.from({ length: lines }, (_, index) => index + 1).join("\n")}\n`;
    bar.hidden = lines < FIND_FROM && !bar.contains(document.activeElement);
    area.rows = Math.min(Math.max(lines + 1, 4), 32);
    follow();
  };
  let isLeaving = false;
  area.addEventListener("input", draw);
  area.addEventListener("scroll", follow);
  area.addEventListener("blur", () => (isLeaving = false));
  area.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "Escape") isLeaving = true;
    else if (event.key === "Tab" && isPlain && !isLeaving) {
      event.preventDefault();
      indent(area, event.shiftKey);
    } else if (event.key === "Enter" && isPlain && !event.shiftKey) {
      event.preventDefault();
      newLine(area);
    } else if (event.key !== "Tab" && event.key !== "Shift") isLeaving = false;
  });
  draw();
}

/* A search of its own: that of the browser does not scroll inside of text fields. */
function finder(area, label) {
  const bar = make("div", "editor-find");
  const input = make("input", "", {
    type: "search",
    placeholder: "Find",
    "aria-label": `Find in ${label}`,
  });
  const count = make("span", "dim", { role: "status" });
  const next = make("button", "button small", { type: "button" });
  next.textContent = "Next";
  bar.append(input, next, count);

  const placesOf = (wanted) => {
    const text = area.value.toLowerCase();
    const places = [];
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length))
      places.push(at);
    return places;
  };
  /* The place after what is selected or before it, round and round. */
  const indexOfNext = (places, length, isBack) => {
    const from = area.selectionStart;
    const isSelected = area.selectionEnd - from === length;
    const index = isBack
      ? places.findLastIndex((at) => at < from)
      : places.findIndex((at) => (isSelected ? at > from : at >= from));
    if (index >= 0) return index;
    return isBack ? places.length - 1 : 0;
  };
  const find = (isBack) => {
    const wanted = input.value.toLowerCase();
    const places = wanted === "" ? [] : placesOf(wanted);
    if (places.length === 0) {
      count.textContent = wanted === "" ? "" : "not found";
      return;
    }
    const index = indexOfNext(places, wanted.length, isBack);
    const at = places[index];
    area.setSelectionRange(at, at + wanted.length);
    const lineHeight = Number.parseFloat(getComputedStyle(area).lineHeight) || 18;
    const line = area.value.slice(0, at).split("\n").length - 1;
    area.scrollTop = Math.max(0, line * lineHeight - area.clientHeight / 2);
    count.textContent = `${index + 1} of ${places.length}`;
  };
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    if (event.key === "Enter") find(event.shiftKey);
    else area.focus();
  });
  next.addEventListener("click", () => {
    find(false);
    area.focus();
  });
  area.addEventListener("keydown", (event) => {
    if (event.key !== "f" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    bar.hidden = false;
    input.focus();
    input.select();
  });
  return bar;
}

const colourBlocks = (root) => {
  for (const block of root.querySelectorAll("pre[data-language] > code:not([data-done])")) {
    block.dataset.done = "";
    colour(block, block.textContent, block.parentElement.dataset.language);
  }
};
for (const area of document.querySelectorAll("textarea[data-editor]")) enhance(area);
colourBlocks(document);

/* A page that was changed and not saved is not left by accident. */
const form = document.querySelector("form[data-unsaved]");
let isChanged = form?.dataset.unsaved === "already";
form?.addEventListener("input", () => (isChanged = true));
form?.addEventListener("submit", () => (isChanged = false));
window.addEventListener("beforeunload", (event) => {
  if (isChanged) event.preventDefault();
});
