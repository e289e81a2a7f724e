import { createRequire } from "node:module";

import { createNotes } from "./told.mjs";

const { Runner } = createRequire(import.meta.url)("postman-runtime-current");
const { Collection, VariableScope } = createRequire(import.meta.url)("postman-collection");

/** Runs one case with Postman's runtime as newman drives its own, and hands over what it told. */
export function run({ collection: document, environment = {}, globals = {}, data, options = {} }, done) {
  const notes = createNotes();
  const collection = new Collection(document);
  const scopes = { environment: new VariableScope(environment), globals: new VariableScope(globals) };
  let collectionVariables = collection.variables;
  const finish = (error) =>
    done(
      notes.told(error, {
        environment: scopes.environment.values,
        globals: scopes.globals.values,
        collection: collectionVariables,
      }),
    );
  new Runner().run(collection, toRunOptions(scopes, data, options), (error, started) => {
    if (error) {
      finish(error);
      return;
    }
    started.start({
      beforeItem: (_error, cursor, item) => notes.began(cursor, item.name),
      script: (_error, _cursor, execution) => {
        collectionVariables = execution?.collectionVariables?.values ?? collectionVariables;
      },
      request: (failure, cursor, response) => notes.answered(cursor, failure, response),
      assertion: (cursor, assertions) => {
        for (const assertion of assertions) notes.asserted(cursor, assertion);
      },
      console: (cursor, level, ...messages) => notes.logged(cursor, level, messages),
      exception: (cursor, thrown) => notes.threw(cursor, thrown),
      done: finish,
    });
  });
}

const toRunOptions = (scopes, data, options) => ({
  ...scopes,
  data,
  iterationCount: options.iterationCount,
  abortOnError: options.bail === "folder",
  stopOnFailure: options.bail === "failure",
  abortOnFailure: options.bail === "failure",
  timeout: { global: 0, request: options.timeoutRequest ?? 0, script: options.timeoutScript ?? 0 },
  requester: { useWhatWGUrlParser: true, followRedirects: !options.ignoreRedirects },
});
