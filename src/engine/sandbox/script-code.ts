/** Without one of these words a script cannot leave work in promises, and ends with its last line. */
export const usesPromises = (code: string): boolean =>
  /\b(?:await|async|then|catch|finally|Promise|queueMicrotask)\b/.test(code);

/** Code that awaits at its top level runs as an async function. The word in a text or comment does no harm. */
export const usesAwait = (code: string): boolean => /\bawait\b/.test(code);

const reachesPrototypes =
  /\b(?:prototype|__proto__|__define[GS]etter__|constructor|getPrototypeOf|setPrototypeOf|getOwnProperty\w*|definePropert(?:y|ies)|Reflect|eval|Function|globalThis)\b/;
const changesBuiltIns =
  /\b(?:Object|Array|String|Number|Boolean|Date|RegExp|Promise|Map|Set|Symbol|Error|Math|JSON|Intl|console)\s*(?:\.\s*\w+|\[[^\]]*\])\s*=[^=]/;
/** A member by a computed name, which may be any of the names above: not a number, not a text that says what it is. */
const computesNames = /[\w$)\]}'"`.]\s*\[(?!\s*(?:\d+|'[^'\\]*'|"[^"\\]*")\s*\])|[{,]\s*\[/;

/** The script may reach what is built in: whether it has changed it must be looked at before the next script runs. */
const mayChangeBuiltIns = (code: string): boolean =>
  reachesPrototypes.test(code) || changesBuiltIns.test(code) || computesNames.test(code);

/** Libraries are not looked at: a script that may have extended one leaves its realm behind. */
const mayChangeLibraries = (code: string): boolean =>
  /\b(?:mixin|runInContext|templateSettings|locale|use)\s*[(.]/.test(code);

const takesLibraries = /\b(?:require|_|chai|CryptoJS|cheerio|tv4|xml2Json|Buffer|File)\b/;
const reachesForWriting =
  /\b(?:prototype|__proto__|__define[GS]etter__|setPrototypeOf|definePropert(?:y|ies)|Reflect|eval|Function|globalThis|freeze|seal|preventExtensions|getOwnPropertyDescriptors?)\b/;
const assignsGlobals =
  /\b(?:Object|Array|String|Number|Boolean|Date|RegExp|Promise|Map|Set|Symbol|Error|Math|JSON|Intl|console|crypto|performance|URL|URLSearchParams|TextEncoder|TextDecoder|Event|EventTarget|AbortController|AbortSignal|DOMException|atob|btoa|structuredClone|queueMicrotask|(?:set|clear)(?:Timeout|Interval|Immediate)|parseInt|parseFloat|isNaN|isFinite|(?:en|de)codeURI(?:Component)?|(?:un)?escape)\s*=[^=>]/;

const assignment = /(?:^|[;{}\n)]|\belse\b|\bdo\b)\s*([A-Za-z_$][\w$]*)\s*=(?![=>])/g;
const runsText = /\b(?:eval|Function|globalThis)\b/;

/**
 * The script may assign names that it does not declare. In Postman these are there for the later scripts of the run. A
 * name that is declared in a way that is not looked for (a parameter, the second one after a `let`) counts as one.
 */
function mayLeaveNames(code: string): boolean {
  if (runsText.test(code)) return true;
  for (const [, name = ""] of code.matchAll(assignment)) {
    const text = name.replaceAll("$", String.raw`\$`);
    if (
      !new RegExp(String.raw`\b(?:var|let|const|function|class)\s[^;=]*?(?<![\w$])${text}(?![\w$])`).test(
        code,
      )
    )
      return true;
  }
  return false;
}

/**
 * The script behaves the same where built-ins are read-only and libraries belong to nobody. Only a guess that saves work:
 * a frozen realm keeps nothing of a script, whatever it tries.
 */
export const isModest = (code: string): boolean =>
  !takesLibraries.test(code) &&
  !reachesForWriting.test(code) &&
  !changesBuiltIns.test(code) &&
  !assignsGlobals.test(code);

export interface Traits {
  isModest: boolean;
  leavesNames: boolean;
  changesBuiltIns: boolean;
  changesLibraries: boolean;
}

/**
 * Names that a script does not declare are there for the later scripts of its run, so all of them must use one realm: a run
 * that has such a script, and another that cannot share a realm with other runs, has one of its own for all.
 */
export function needsOwnRealm(codes: Iterable<string>): boolean {
  let leavesNames = false;
  let isImmodest = false;
  for (const code of codes) {
    const traits = traitsOf(code);
    leavesNames ||= traits.leavesNames;
    isImmodest ||= !traits.isModest;
    if (leavesNames && isImmodest) return true;
  }
  return false;
}

/** Scripts that are looked at once: those of a collection run again with every iteration and every run. */
const MAX_KNOWN = 5000;
const MAX_KNOWN_CHARS = 20_000;
const known = new Map<string, Traits>();

/** What the text of a script says that it may do. */
export function traitsOf(code: string): Traits {
  const found = known.get(code);
  if (found) return found;
  const traits = {
    isModest: isModest(code),
    leavesNames: mayLeaveNames(code),
    changesBuiltIns: mayChangeBuiltIns(code),
    changesLibraries: mayChangeLibraries(code),
  };
  if (known.size >= MAX_KNOWN) known.clear();
  if (code.length <= MAX_KNOWN_CHARS) known.set(code, traits);
  return traits;
}
