import config from "chai/lib/chai/config.js";

type Inspect = (value: unknown, options: object) => string;

/** chai inspects names for messages that are hardly ever shown: short plain ones go without the whole machinery. */
export const inspectWith =
  (inspect: Inspect) =>
  (value: unknown, showHidden?: boolean, depth: number = 2, colors?: boolean): string => {
    const limit = config.truncateThreshold || Infinity;
    if (!colors && typeof value === "string" && value.length <= limit - 2 && isPlain.test(value)) {
      return `'${value}'`;
    }
    return inspect(value, { colors, depth, showHidden, truncate: limit });
  };

const isPlain = /^[\w .,:;/()[\]{}@#$%&*+=?!<>|-]*$/;
