import type { Finding } from "../../engine/formats/compatibility.ts";

/** One line per finding, what cannot be run first; none when everything behaves as in Postman. */
export function describeFindings(findings: Finding[]): string[] {
  const levels = ["unsupported", "different"] as const;
  return levels.flatMap((level) =>
    findings
      .filter((finding) => finding.level === level)
      .map(({ where, what }) => `${level}: ${where ? `${where}: ` : ""}${what}`),
  );
}
