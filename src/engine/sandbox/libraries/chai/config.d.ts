declare module "chai/lib/chai/config.js" {
  const config: {
    includeStack: boolean;
    showDiff: boolean;
    truncateThreshold: number;
    useProxy: boolean;
    proxyExcludedKeys: string[];
    deepEqual: unknown;
  };
  export default config;
}
