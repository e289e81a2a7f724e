/** A body that is made as fast as it is read, chunk by chunk: what it is made of never is in memory as a whole. */
export function streamOf(chunks: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}

/** A name of a file that every system takes. */
export const fileName = (name: string, ending: string): string => {
  const safe = name
    .normalize("NFKD")
    .replaceAll(/[^\w.]+/g, "-")
    .replaceAll(/^[-.]+|-+$/g, "")
    .slice(0, 80);
  return `${safe === "" ? "monitor" : safe}.${ending}`;
};

/** Headers of a file that the browser saves. */
export const downloadHeaders = (name: string, type: "text/csv" | "application/json") => ({
  "content-type": `${type}; charset=utf-8`,
  "content-disposition": `attachment; filename="${name}"`,
  "cache-control": "no-store",
});
