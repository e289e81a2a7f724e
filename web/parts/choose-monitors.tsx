interface ChooseMonitorsProps {
  name: string;
  label: string;
  monitors: { id: string; name: string; folder?: string | undefined }[];
  chosen: readonly string[];
}

/** Boxes to tick, in a list that scrolls when it is long. */
export function ChooseMonitors({ name, label, monitors, chosen }: ChooseMonitorsProps) {
  return (
    <div class="tick-list" role="group" aria-label={label} tabindex={0}>
      {monitors.map((monitor) => (
        <label class="check">
          <input type="checkbox" name={name} value={monitor.id} checked={chosen.includes(monitor.id)} />
          <span>
            {monitor.name}
            {monitor.folder ? <span class="dim"> {monitor.folder}</span> : null}
          </span>
        </label>
      ))}
    </div>
  );
}
