import { Layout, page, type Shell } from "../layout.tsx";
import { StartCommand } from "./runner-key.tsx";

export interface MonitorCreatedProps {
  shell: Shell;
  monitor: { id: string; name: string };
  runnerName: string;
  startCommand: string;
}

/** After a monitor was made together with its runner: the command that is shown once. */
export const monitorCreatedPage = ({ shell, monitor, runnerName, startCommand }: MonitorCreatedProps) =>
  page(
    <Layout title={monitor.name} shell={shell} section="monitors">
      <h1>{monitor.name} waits for its runner</h1>
      <p>
        The monitor is saved. It runs on <b>{runnerName}</b> as soon as that is started.
      </p>
      <StartCommand startCommand={startCommand} />
      <p class="actions">
        <a class="button primary" href={`/monitors/${monitor.id}`}>
          To the monitor
        </a>
      </p>
    </Layout>,
  );
