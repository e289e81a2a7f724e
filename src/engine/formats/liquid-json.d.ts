declare module "liquid-json/vendor/parse.js" {
  const parser: {
    /** Throws an error whose message names line and column. */
    parse(text: string): unknown;
  };
  export default parser;
}
