const LOOK_EVERY_MS = 500;
/** The graceful end of a server or a runner takes less. */
const GRACE_MS = 20_000;

/**
 * Ends this process as SIGTERM does when the process `parentPid` that started it is gone, however that went: a
 * killed parent cannot tell its children. Does nothing when `parentPid` is not the parent: then the variable that
 * carried it was inherited from further up.
 */
export function endWithParent(parentPid: number | undefined): void {
  if (parentPid === undefined || process.ppid !== parentPid) return;
  const look = setInterval(() => {
    if (process.ppid === parentPid) return;
    clearInterval(look);
    setTimeout(() => process.kill(process.pid, "SIGKILL"), GRACE_MS).unref();
    process.kill(process.pid, "SIGTERM");
  }, LOOK_EVERY_MS);
  look.unref();
}
