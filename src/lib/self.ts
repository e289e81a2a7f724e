/** Program and arguments that start this very program again; a command follows. */
export const selfCommand = (): string[] =>
  Bun.embeddedFiles.length > 0 ? [process.execPath] : [process.execPath, Bun.main];
