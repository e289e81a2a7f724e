/** Without one of these words a script cannot leave work in promises, and ends with its last line. */
export const usesPromises = (code: string): boolean =>
  /\b(?:await|async|then|catch|finally|Promise|queueMicrotask)\b/.test(code);

/** Code that awaits at its top level runs as an async function. The word in a text or comment does no harm. */
export const usesAwait = (code: string): boolean => /\bawait\b/.test(code);
