import { createRequire } from "node:module";

import { createNotes } from "./told.mjs";

const newman = createRequire(import.meta.url)("newman");

/** Runs one case with newman and hands over what it told. */
export function run({ collection, environment, globals, data, options = {} }, done) {
  const notes = createNotes();
  // newman tells of the environment and the globals at the end, but of the collection's variables as they began.
  let collectionVariables;
  newman
    .run(
      {
        collection,
        environment,
        globals,
        iterationData: data,
        iterationCount: options.iterationCount,
        folder: options.folder,
        bail: options.bail === undefined ? undefined : [options.bail],
        ignoreRedirects: options.ignoreRedirects,
        timeoutRequest: options.timeoutRequest,
        timeoutScript: options.timeoutScript,
        workingDir: options.workingDir,
        reporters: [],
      },
      (error, summary) =>
        done(
          notes.told(error, {
            environment: summary?.environment?.values,
            globals: summary?.globals?.values,
            collection: collectionVariables ?? summary?.collection?.variables,
          }),
        ),
    )
    .on("beforeItem", (_error, { cursor, item }) => notes.began(cursor, item.name))
    .on("script", (_error, { execution }) => {
      collectionVariables = execution?.collectionVariables?.values ?? collectionVariables;
    })
    .on("request", (error, { cursor, response }) => notes.answered(cursor, error, response))
    .on("assertion", (error, { cursor, assertion, skipped, error: cause }) =>
      notes.asserted(cursor, { name: assertion, skipped, passed: !error, error: cause ?? error }),
    )
    .on("console", (_error, { cursor, level, messages }) => notes.logged(cursor, level, messages))
    .on("exception", (_error, { cursor, error }) => notes.threw(cursor, error));
}
