/** What Postman tells people to use instead of its first script API. */
const alternatives: Record<string, string> = {
  tests: '"pm.test()"',
  globals: '"pm.globals"',
  environment: '"pm.environment"',
  data: '"pm.iterationData"',
  request: '"pm.request"',
  responseCookies: '"pm.cookies"',
  responseHeaders: '"pm.response.headers"',
  responseCode: '"pm.response.code"',
  _: "\"require('lodash')\"",
  CryptoJS: 'global "crypto" object',
  tv4: "\"require('ajv')\"",
  xml2Json: "\"require('xml2js')\"",
  cheerio: "\"require('cheerio')\"",
  "postman.setNextRequest": '"pm.execution.setNextRequest()"',
  "postman.setEnvironmentVariable": '"pm.environment.set()"',
  "postman.getEnvironmentVariable": '"pm.environment.get()"',
  "postman.clearEnvironmentVariables": '"pm.environment.clear()"',
  "postman.clearEnvironmentVariable": '"pm.environment.unset()"',
  "postman.setGlobalVariable": '"pm.globals.set()"',
  "postman.getGlobalVariable": '"pm.globals.get()"',
  "postman.clearGlobalVariables": '"pm.globals.clear()"',
  "postman.clearGlobalVariable": '"pm.globals.unset()"',
  "postman.getResponseCookie": '"pm.cookies.get()"',
  "postman.getResponseHeader": '"pm.response.headers.get()"',
};

/** Gives objects out in a wrapping that warns, once per script and name, when they are used. */
export function createDeprecations(warn: (message: string) => void) {
  const warned = new Set<string>();
  const use = (name: string) => {
    const instead = Object.hasOwn(alternatives, name) ? alternatives[name] : undefined;
    if (instead === undefined || warned.has(name)) return;
    warned.add(name);
    warn(`Using "${name}" is deprecated. Use ${instead} instead.`);
  };
  return (name: string, value: unknown): unknown => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
    return new Proxy(value, {
      get(target, key) {
        use(name === "postman" ? `postman.${String(key)}` : name);
        const member: unknown = Reflect.get(target, key);
        return member;
      },
      set(target, key, member) {
        use(name);
        return Reflect.set(target, key, member);
      },
      apply(target, self, values) {
        use(name);
        // Only functions are called through a proxy.
        return Reflect.apply(target as () => unknown, self, values);
      },
    });
  };
}
