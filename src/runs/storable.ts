/**
 * Text as Postgres can store it: no NUL, no half of a surrogate pair. APIs under test and scripts produce both, and one
 * such character must not cost a run its result.
 */
export const storableText = (text: string): string => text.replaceAll("\0", "\u{FFFD}").toWellFormed();
