import type { VaultResult } from "../protocol.ts";
import type { Script } from "./script.ts";

const refuse = (what: string) =>
  Promise.reject(new Error(`pm.vault.${what} is not available: secrets of a runner can only be read`));

/** `pm.vault`: secrets that the runner itself holds, where it gives any to scripts. They can be read only. */
export function createVault(script: Script) {
  return {
    get: async (key: unknown): Promise<unknown> => {
      const result = (await script.ask("vault", { name: String(key) })) as VaultResult;
      if ("error" in result) throw new Error(result.error.message);
      return result.value;
    },
    set: (_key: unknown, _value: unknown) => refuse("set"),
    unset: (_key: unknown) => refuse("unset"),
  };
}
