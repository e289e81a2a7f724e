import { CopyBox } from "./copy-box.tsx";

interface RunTakeProps {
  /** Address of the page for somebody else. */
  shareUrl: string;
  runId: string;
  environmentName: string | undefined;
  attempt: number | undefined;
}

/** What can be done with a run elsewhere: passing it on, running it again here, reading it with a program. */
export function RunTake({ shareUrl, runId, environmentName, attempt }: RunTakeProps) {
  const query = attempt === undefined ? "" : `?attempt=${attempt}`;
  return (
    <details class="take" id="take">
      <summary>Share, replay here, download</summary>
      <h3>Share</h3>
      <CopyBox id="share-link" text={shareUrl} label="Link to this run" />
      <p class="dim">Whoever may see the workspace may open it.</p>
      <h3>Replay here</h3>
      <CopyBox
        id="replay-command"
        text={`app monitor replay ${runId}`}
        label="Command that replays this run"
      />
      <p class="dim">
        {environmentName === undefined
          ? "Runs the same requests from your machine with the settings of the monitor. It needs app login, and that this machine reaches the API."
          : "Runs the same requests from your machine with the settings of the monitor. It needs app login, and that this machine reaches the API; it says which secrets you have to give."}
      </p>
      <h3>Download</h3>
      <p>
        <a href={`/runs/${runId}/run.json${query}`} download={`run-${runId}.json`}>
          The run as JSON
        </a>{" "}
        <span class="dim">with all its steps, as the API answers it</span>
      </p>
    </details>
  );
}
