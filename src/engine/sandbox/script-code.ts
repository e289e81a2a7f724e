/** Without one of these words a script cannot leave work in promises, and ends with its last line. */
export const usesPromises = (code: string): boolean =>
  /\b(?:await|async|then|catch|finally|Promise|queueMicrotask)\b/.test(code);

/** Code that awaits at its top level runs as an async function. The word in a text or comment does no harm. */
export const usesAwait = (code: string): boolean => /\bawait\b/.test(code);

const reachesPrototypes =
  /\b(?:prototype|__proto__|constructor|setPrototypeOf|definePropert(?:y|ies)|Reflect|eval|Function|globalThis)\b/;
const changesBuiltIns =
  /\b(?:Object|Array|String|Number|Boolean|Date|RegExp|Promise|Map|Set|Symbol|Error|Math|JSON|Intl|console)\s*(?:\.\s*\w+|\[[^\]]*\])\s*=[^=]/;
const extendsLibraries = /\b(?:mixin|runInContext|templateSettings|locale|use)\s*[(.]/;

/** The realm is not given to the next script when this one may have changed what is built in. */
export const mayChangeRealm = (code: string): boolean =>
  reachesPrototypes.test(code) || changesBuiltIns.test(code) || extendsLibraries.test(code);
