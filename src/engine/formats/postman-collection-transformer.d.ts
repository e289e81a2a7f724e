declare module "postman-collection-transformer" {
  interface Options {
    inputVersion: string;
    outputVersion: string;
    retainIds?: boolean;
  }
  const transformer: {
    convert(
      collection: unknown,
      options: Options,
      callback: (error: Error | null, converted?: unknown) => void,
    ): void;
  };
  export default transformer;
}
