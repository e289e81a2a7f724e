import { z } from "zod";

import { protocolRange } from "../contract/protocol.ts";
import { type ProgramList, programList, programsPath, runnerHeaders } from "../contract/runner.ts";
import { AppError, toError } from "../lib/errors.ts";
import { createServerWay, type ServerWayOptions } from "./server-way.ts";

/** Programs that a control plane has for its runners; errors are `AppError`s with one sentence. */
export interface ProgramSource {
  list(): Promise<ProgramList>;
  /** The bytes of one, as they come; throws when they stop coming. */
  download(platform: string): Promise<AsyncIterable<Uint8Array>>;
  close(): Promise<void>;
}

export interface ProgramSourceOptions extends ServerWayOptions {
  runnerId: string;
  runnerKey: string;
}

/** Without a byte for so long the control plane is gone, in ms. */
const SILENCE_MS = 30_000;
const errorAnswer = z.looseObject({ error: z.looseObject({ message: z.string() }) });

/** Asks a control plane for programs, the same way as a runner asks it for work. */
export function openProgramSource(options: ProgramSourceOptions): ProgramSource {
  const server = options.server.replace(/\/+$/, "");
  const way = createServerWay({ ...options, server });
  const headers = {
    authorization: `Bearer ${options.runnerKey}`,
    [runnerHeaders.runner]: options.runnerId,
    [runnerHeaders.protocol]: String(protocolRange.newest),
    [runnerHeaders.oldestProtocol]: String(protocolRange.oldest),
  };

  async function get(path: string) {
    const target = way.requestTo(path);
    const unreachable = (error: unknown): AppError =>
      new AppError("unavailable", `The control plane at ${server} cannot be reached (${reasonOf(error)}).`, {
        cause: error,
      });
    const answer = await way.dispatcher
      .request({
        ...target,
        method: "GET",
        headers: { ...headers, ...target.headers },
        headersTimeout: SILENCE_MS,
        bodyTimeout: SILENCE_MS,
      })
      .catch((error: unknown) => {
        throw unreachable(error);
      });
    if (answer.statusCode === 200) return answer.body;
    throw refusal(answer.statusCode, await answer.body.text().catch(() => ""), server);
  }

  return {
    async list() {
      const body = await get(programsPath);
      const parsed = programList.safeParse(await body.json().catch(() => undefined));
      if (parsed.success) return parsed.data;
      throw new AppError("unavailable", `The answer of ${server} is not understood: check the address.`, {
        cause: parsed.error,
      });
    },
    download: (platform) => get(`${programsPath}/${encodeURIComponent(platform)}`),
    close: () => way.dispatcher.destroy(),
  };
}

function refusal(status: number, text: string, server: string): AppError {
  if (status === 401) {
    return new AppError("unavailable", `The runner id or key is wrong: ${server} refused it.`);
  }
  const said = errorAnswer.safeParse(parse(text));
  if (status === 404 && !(said.success && said.data.error.message.includes("program"))) {
    return new AppError(
      "unavailable",
      `The control plane at ${server} is too old to hand out programs: upgrade it first.`,
    );
  }
  const why = said.success ? said.data.error.message : `it answered ${status}`;
  return new AppError("unavailable", `The control plane at ${server} gives no program: ${why}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(thrown: unknown): string {
  const error = toError(thrown);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
