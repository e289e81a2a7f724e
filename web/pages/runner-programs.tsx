import { formatBytes } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";

export interface RunnerProgramsProps {
  shell: Shell;
  /** Of the control plane, and so of the programs. */
  version: string;
  programs: { platform: string; sizeBytes: number; sha256: string }[];
}

/** The program for machines in closed networks, from the control plane itself. */
export const runnerProgramsPage = ({ shell, version, programs }: RunnerProgramsProps) =>
  page(
    <Layout title="Download the program" shell={shell} section="runners">
      <p class="crumbs">
        <a href="/runners">Runners</a>
      </p>
      <h1>Download the program</h1>
      <p class="prose">
        One file is all that a runner needs, version {version}. Runners that are connected fetch newer ones
        themselves with <code>app runner upgrade</code>.
      </p>
      {programs.length === 0 ? (
        <EmptyState title="No program can be downloaded here">
          This control plane runs from its sources. Whoever operates it can put programs into the folder that
          serve --programs-dir names.
        </EmptyState>
      ) : (
        <table class="list apart">
          <thead>
            <tr>
              <th scope="col">Platform</th>
              <th scope="col" class="number">
                Size
              </th>
              <th scope="col">SHA-256</th>
            </tr>
          </thead>
          <tbody>
            {programs.map(({ platform, sizeBytes, sha256 }) => (
              <tr>
                <td class="name">
                  <a href={`/runners/programs/${platform}`} download={`app-${platform}`}>
                    app-{platform}
                  </a>
                </td>
                <td class="number" data-label="Size">
                  {formatBytes(sizeBytes)}
                </td>
                <td class="long" data-label="SHA-256">
                  <code>{sha256}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Layout>,
  );
