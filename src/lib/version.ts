/** Version of the product; the build and package.json agree by a test. */
export const VERSION = "0.1.0";
