/** A path as it may stand in a log: the token of a webhook opens what it belongs to. */
export const loggablePath = (path: string): string => path.replace(/^(\/hooks\/)[^/]+/, "$1…");
