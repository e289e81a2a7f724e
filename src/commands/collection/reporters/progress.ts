/** A line below the output that is overwritten; only for terminals. */
export function createProgress(write: (text: string) => void = (text) => void process.stdout.write(text)) {
  let isShown = false;
  return {
    show: (text: string): void => {
      const width = Math.max(20, (process.stdout.columns ?? 80) - 3);
      write(`\r\u001b[2K… ${text.replaceAll("\n", " ").slice(0, width)}`);
      isShown = true;
    },
    clear: (): void => {
      if (isShown) write("\r\u001b[2K");
      isShown = false;
    },
  };
}
