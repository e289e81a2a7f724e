/**
 * Which versions of the runner protocol a program speaks. A version is raised only when a message changes in a way that
 * the other side cannot ignore: new fields and new calls are no reason, because both sides pass over what they do not
 * know, and an unknown call answers 404.
 *
 * The runner says in each call the version that it speaks now and the oldest that it could. A control plane that speaks
 * another answers 426 with the versions that it has; the runner then goes on with the highest that both have, and
 * stops with one sentence when there is none.
 */
export interface ProtocolRange {
  oldest: number;
  newest: number;
}

export const protocolRange: ProtocolRange = { oldest: 1, newest: 1 };

/** The version of a call when nothing says otherwise. */
export const PROTOCOL_VERSION = protocolRange.newest;

/** The highest version that both have; undefined when there is none. */
export function commonVersion(one: ProtocolRange, other: ProtocolRange): number | undefined {
  const version = Math.min(one.newest, other.newest);
  return version >= Math.max(one.oldest, other.oldest) ? version : undefined;
}

/** One sentence that names the side to upgrade: only one of them can be the older one. */
export function mismatchSentence(runner: ProtocolRange, controlPlane: ProtocolRange): string {
  const older = runner.newest < controlPlane.oldest ? "runner" : "control plane";
  return `This runner speaks protocol ${formatRange(runner)}, the control plane ${formatRange(controlPlane)}; upgrade the ${older}.`;
}

/** `1`, or `1-3`; the form of the header, too. */
export const formatRange = ({ oldest, newest }: ProtocolRange): string =>
  oldest === newest ? String(newest) : `${oldest}-${newest}`;

/** What `formatRange` wrote; undefined for anything else. */
export function parseRange(text: string | undefined | null): ProtocolRange | undefined {
  const [, oldest, newest] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text?.trim() ?? "") ?? [];
  if (oldest === undefined) return undefined;
  const range = { oldest: Number(oldest), newest: Number(newest ?? oldest) };
  return range.oldest <= range.newest ? range : undefined;
}
