/** API keys as the commands see them, wherever they are managed. */
export interface CommandKey {
  id: string;
  name: string;
  prefix: string;
  /** E-mail, or id where only that is known. */
  owner: string;
  scopes: string[] | null;
  state: "valid" | "expired" | "revoked";
  expiresAt: string | null;
  lastUsedAt: string | null;
}

export interface CommandCall {
  timestamp: string;
  method: string;
  path: string;
  ip: string;
  decision: "allowed" | "denied";
  rule: string | null;
  status: number;
}

export interface NewCommandKey {
  name: string;
  /** E-mail of the owner; undefined = the first admin, or whoever is logged in. */
  email: string | undefined;
  expiresAt: Date | undefined;
  scopes: string[] | undefined;
}

/** Where keys are managed: in the data on this machine, or by the API of a control plane. */
export interface Keys {
  create(wanted: NewCommandKey): Promise<{ id: string; key: string; name: string }>;
  list(): Promise<CommandKey[]>;
  rename(id: string, name: string): Promise<void>;
  revoke(id: string): Promise<void>;
  /** The last hundred, newest first; `unknown` in place of an id = of keys that nobody knows. */
  calls(id: string): Promise<CommandCall[]>;
}

export const CALLS_SHOWN = 100;
