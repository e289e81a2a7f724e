/**
 * Sugar, an old library, gives Postman's scripts further methods of texts, lists and dates, which are not here. Only
 * names that nothing else in a script has: `first` or `sum` may well be lodash's.
 */
const names = [
  "capitalize|camelize|dasherize|humanize|parameterize|pluralize|singularize|spacify|titleize|truncate",
  "encodeBase64|decodeBase64|escapeHTML|unescapeHTML|escapeURL|unescapeURL|escapeRegExp",
  "stripTags|removeTags|isBlank|padLeft|padRight|removeAt|randomize|inGroups|inGroupsOf",
  "add(?:Days|Hours|Milliseconds|Minutes|Months|Seconds|Weeks|Years)",
  "(?:days|hours|milliseconds|minutes|months|seconds|weeks|years)(?:Ago|Since|Until|FromNow|Before|After)",
  "(?:beginning|end)Of(?:Day|Week|Month|Year)",
].join("|");
const call = new RegExp(`\\.(${names})\\s*\\(`, "g");

/** Methods of Sugar that the code calls and does not define itself. */
export const sugarMethods = (code: string): string[] => [
  ...new Set(
    code
      .split("\n")
      .flatMap(methodsOfLine)
      .filter((name) => !isDefined(name, code)),
  ),
];

/** `_.capitalize`, `_(text).capitalize` and `_.chain(text).capitalize` are lodash's. */
const methodsOfLine = (line: string): string[] =>
  [...line.matchAll(call)]
    .filter(({ index }) => !/(?:^|[^\w$])(?:_|lodash)(?:[.(]|$)/.test(line.slice(0, index)))
    .map(([, name = ""]) => name);

const isDefined = (name: string, code: string): boolean =>
  new RegExp(`\\bfunction\\s+${name}\\b|\\b${name}\\s*[:=](?!=)`).test(code);
