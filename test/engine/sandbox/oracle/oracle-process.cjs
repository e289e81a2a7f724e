// Runs scripts in Postman's own sandbox, under Node: JSON cases come in on stdin, JSON observations go out.
const { readFileSync } = require("node:fs");
const root = process.argv[2] ?? "postman-sandbox";
const sandbox = require(root);

const toError = (error) => (error ? { name: String(error.name), message: String(error.message) } : undefined);

function execute(context, scriptCase) {
  const { code, event, scopes, request, response, cookies, data, info, location } = scriptCase;
  const assertions = [];
  const console = [];
  const id = String(Math.random());
  const values = (list) => ({
    values: list.map(({ enabled, ...variable }) => ({ ...variable, disabled: !enabled })),
  });
  context.on(`execution.assertion.${id}`, (_, found) => assertions.push(...found));
  context.removeAllListeners("console");
  context.on("console", (_, level, ...messages) => console.push({ level, messages }));
  let error;
  let skipped = false;
  context.on(`execution.error.${id}`, (_, thrown) => (error = thrown));
  context.on(`execution.skipRequest.${id}`, () => (skipped = true));
  context.on(`execution.request.${id}`, (_, execution, eventId, sent) => {
    const answer = {
      code: 200,
      status: "OK",
      header: [],
      stream: Buffer.from(JSON.stringify(sent)),
      responseTime: 1,
    };
    context.dispatch(`execution.response.${id}`, eventId, null, answer, { cookies: [] });
  });
  const options = {
    id,
    timeout: 5000,
    resolvedPackages: {},
    cursor: { iteration: info.iteration, cycles: info.iterationCount },
    legacy: {
      _itemId: info.requestId,
      _itemName: info.requestName,
      _itemPath: location.path,
      _eventItemName: location.current,
    },
    context: {
      _variables: values(scopes.local),
      environment: { ...values(scopes.environment), name: scriptCase.environmentName },
      collectionVariables: values(scopes.collection),
      globals: values(scopes.globals),
      data,
      request,
      cookies,
      ...(response ? { response: toResponse(response) } : {}),
    },
  };
  return new Promise((resolve) => {
    context.execute({ listen: event, script: { exec: code.split("\n") } }, options, (thrown, result) => {
      resolve({
        assertions: assertions.map(({ name, skipped: isSkipped, passed, error: failure }) => ({
          name,
          status: isSkipped ? "skipped" : passed ? "passed" : "failed",
          ...(failure ? { error: toError(failure) } : {}),
        })),
        console,
        error: toError(error ?? thrown),
        skipped,
        nextRequest: result?.return?.nextRequest,
        globals: result?.globals?.values,
        environment: result?.environment?.values,
        request: event === "prerequest" ? result?.request : undefined,
      });
    });
  });
}

const toResponse = ({ code, status, header, bodyBase64, responseTimeMs, bodyBytes }) => ({
  code,
  status,
  header: header.map(([key, value]) => ({ key, value })),
  stream: Buffer.from(bodyBase64, "base64"),
  responseTime: responseTimeMs,
  responseSize: bodyBytes,
});

async function main() {
  const cases = JSON.parse(readFileSync(0, "utf8"));
  const context = await new Promise((resolve, reject) => {
    sandbox.createContext({}, (error, made) => (error ? reject(error) : resolve(made)));
  });
  context.on("error", () => {});
  const results = [];
  for (const scriptCase of cases) results.push(await execute(context, scriptCase));
  process.stdout.write(JSON.stringify(results), () => process.exit(0));
}

void main();
