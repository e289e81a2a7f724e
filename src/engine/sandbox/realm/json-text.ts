/** Taken before any script runs: one that replaces `JSON.stringify` must not break what is reported about it. */
export const { parse, stringify }: { parse: Parse; stringify: Stringify } = JSON;

type Parse = (text: string, reviver?: (this: unknown, key: string, value: unknown) => unknown) => unknown;
type Stringify = (value: unknown) => string;
