/** What happens to a batch of events on its way; the runner sends it again until it gets a good answer. */
export type Mishap = "twice" | "answer lost" | "late";

interface Batch {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** A relay before `/runner/v1` that doubles, reorders and delays batches of events. */
export interface BatchRelay extends AsyncDisposable {
  url: string;
  /** How often each mishap happened. */
  happened: Record<Mishap, number>;
  /** Sends all batches that ever came once more, the last one first; the status of each answer. */
  replay(): Promise<number[]>;
}

const MISHAPS: readonly Mishap[] = ["twice", "answer lost", "late"];

export function startBatchRelay(controlPlane: string): BatchRelay {
  const seen = new Map<string, Batch>();
  const held: Batch[] = [];
  const happened: Record<Mishap, number> = { twice: 0, "answer lost": 0, late: 0 };
  const forward = ({ url, headers, body }: Batch) => fetch(url, { method: "POST", headers, body });

  /** Only the first time that a batch comes. */
  async function carry(batch: Batch): Promise<Response> {
    const mishap = MISHAPS[seen.size % MISHAPS.length] ?? "late";
    seen.set(batch.body, batch);
    happened[mishap]++;
    if (mishap === "late") {
      held.push(batch);
      return new Response("away", { status: 503 });
    }
    if (mishap === "answer lost") {
      await forward(batch);
      return new Response("away", { status: 502 });
    }
    const [answer] = await Promise.all([forward(batch), forward(batch)]);
    return answer;
  }

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      const headers = Object.fromEntries(request.headers);
      delete headers["host"];
      delete headers["content-length"];
      const batch = { url: `${controlPlane}${pathname}`, headers, body: await request.text() };
      if (!pathname.endsWith("/events")) return forward(batch);
      if (!seen.has(batch.body)) return carry(batch);
      const answer = await forward(batch);
      // What was held back comes now, behind what was sent after it.
      const overtaken = held.shift();
      if (overtaken) await forward(overtaken);
      return answer;
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    happened,
    replay: async () => {
      const statuses: number[] = [];
      for (const batch of [...seen.values()].toReversed()) statuses.push((await forward(batch)).status);
      return statuses;
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
