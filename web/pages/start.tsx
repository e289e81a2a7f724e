import type { Child } from "hono/jsx";

import { Layout, page } from "../layout.tsx";
import type { StartProps } from "../parts/start-form.tsx";
import {
  CollectionStep,
  EnvironmentStep,
  MonitorStep,
  ResultStep,
  RunnerStep,
  WorkspaceStep,
} from "../parts/start-steps.tsx";

export const startPage = (props: StartProps) =>
  page(
    <Layout title="Set up the first monitor" shell={props.shell} section="monitors">
      <h1>Set up the first monitor</h1>
      <p class="dim">
        Six steps from a collection to its first result. You can leave at any time: this page goes on where
        you stopped.
      </p>
      <StartRegion {...props} />
    </Layout>,
  );

type StepName = "workspace" | "collection" | "environment" | "runner" | "monitor" | "result";

interface StepView {
  name: StepName;
  title: string;
  /** What came of it; absent = not done. */
  done?: Child;
}

const isOver = (status: string): boolean => !["queued", "running"].includes(status);

function stepsOf({
  workspace,
  collection,
  environment,
  runners,
  monitor,
  run,
}: StartProps["progress"]): StepView[] {
  const [runner] = runners.healthy;
  return [
    { name: "workspace", title: "Workspace", done: workspace?.name },
    {
      name: "collection",
      title: "Collection",
      done: collection && <a href={`/collections/${collection.id}`}>{collection.name}</a>,
    },
    {
      name: "environment",
      title: "Environment",
      done:
        environment === "none"
          ? "without one"
          : environment && <a href={`/environments/${environment.id}`}>{environment.name}</a>,
    },
    {
      name: "runner",
      title: "Runner",
      done: runner && <a href={`/runners/${runner.id}`}>{`${runner.name} is connected`}</a>,
    },
    {
      name: "monitor",
      title: "Monitor",
      done: monitor && <a href={`/monitors/${monitor.id}`}>{monitor.name}</a>,
    },
    {
      name: "result",
      title: "First result",
      done: run && isOver(run.status) && <a href={`/runs/${run.id}`}>{`the run ${run.status}`}</a>,
    },
  ];
}

/** All steps; while one waits for something from outside it asks again by itself. */
export function StartRegion(props: StartProps) {
  const steps = stepsOf(props.progress);
  const current = steps.find((step) => !step.done);
  const waits = props.startCommand === undefined && isWaiting(props.progress, current?.name);
  const refreshing = waits
    ? { "hx-get": props.address, "hx-trigger": "every 2s", "hx-swap": "outerMorph" }
    : {};
  return (
    <ol id="start" class="start" {...refreshing}>
      {steps.map((step) => (
        <li class={step.done ? "done" : step === current ? "current" : "later"}>
          <h2 aria-current={step === current ? "step" : undefined}>
            {step.title}
            {step.done && <span class="visually-hidden"> done</span>}
          </h2>
          {step.done ? <p>{step.done}</p> : step === current && forms[step.name](props)}
        </li>
      ))}
      {!current && (
        <li class="next">
          <h2>What comes next</h2>
          <ResultStep {...props} />
        </li>
      )}
    </ol>
  );
}

const isWaiting = ({ runners }: StartProps["progress"], step: StepName | undefined): boolean =>
  step === "result" || (step === "runner" && runners.awaited !== undefined);

const forms: Record<StepName, (props: StartProps) => Child> = {
  workspace: WorkspaceStep,
  collection: CollectionStep,
  environment: EnvironmentStep,
  runner: RunnerStep,
  monitor: MonitorStep,
  result: ResultStep,
};
