/** The classes of errors of whichever realm this runs in. */
export const nativeErrors = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
];
