import type { Socket } from "node:net";

import type { HeaderList } from "../types.ts";

/**
 * undici frames messages and reads answers, but spells its own head: `host` first, some names in lower case. Servers
 * and their people see order and case, so the head is written as Postman does. undici has checked every character of
 * these names and values by the time it writes.
 */
export function spellHeads(socket: Socket, nextHead: () => string | undefined): void {
  const write = socket.write.bind(socket);
  const spell = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const head = nextHead();
    // The arguments are those of `write`, whichever form it was called in.
    if (head === undefined) return (write as (...all: unknown[]) => boolean)(chunk, ...rest);
    if (typeof chunk !== "string" || !chunk.endsWith("\r\n\r\n"))
      throw new Error("the HTTP client did not begin with the head of the request");
    return write(head, "latin1");
  };
  Object.assign(socket, { write: spell });
}

export const toHead = (method: string, path: string, headers: HeaderList): string => {
  let head = `${method} ${path} HTTP/1.1\r\n`;
  for (const [name, value] of headers) head += `${name}: ${value}\r\n`;
  return `${head}\r\n`;
};
