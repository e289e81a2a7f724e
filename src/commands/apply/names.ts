interface Named {
  id: string;
  name: string;
}

/** What a file calls an element: its name; the id where two have the name, or none has the id. */
export function nameOf(list: readonly Named[], id: string): string {
  const found = list.find((one) => one.id === id);
  const isOnly = list.filter((one) => one.name === found?.name).length === 1;
  return found && isOnly ? found.name : id;
}

/** A channel of the workspace hides one of the team that has its name. */
export function nameOfChannel(own: readonly Named[], ofTeam: readonly Named[], id: string): string {
  if (own.some((one) => one.id === id)) return nameOf(own, id);
  const name = nameOf(ofTeam, id);
  return own.some((one) => one.name === name) ? id : name;
}

/** Many rules have no name of their own; with the monitor, `undefined` = every monitor, each is known all the same. */
export function labelOfRule(monitor: string | undefined, name: string): string {
  const watched = monitor ?? "every monitor";
  return name === "" ? watched : `${watched} - ${name}`;
}

/** A channel has one summary of each period. */
export const labelOfSummary = (channel: string, period: string): string => `${channel} ${period}`;

/** One order wherever they are: that of databases differs. */
export const byText = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
