/** What a pipeline tells of itself in environment variables: GitHub Actions (and Gitea, Forgejo), GitLab. */
export type CiFacts = Record<string, string | number>;

type Variables = Record<string, string | undefined>;

/** Empty outside of a pipeline that is known. */
export function ciFacts(variables: Variables): CiFacts {
  const facts = variables["GITHUB_ACTIONS"] ? ofGitHub(variables) : ofGitLab(variables);
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) =>
      value === undefined || value === "" ? [] : [[name, value]],
    ),
  );
}

type Told = Record<string, string | number | undefined>;

function ofGitHub(variables: Variables): Told {
  const [repoOwner, repoName] = variables["GITHUB_REPOSITORY"]?.split("/") ?? [];
  const server = variables["GITHUB_SERVER_URL"];
  return {
    provider: "github",
    // Of a pull request it is the branch that is asked in; the other is then a number.
    branch: variables["GITHUB_HEAD_REF"] || variables["GITHUB_REF_NAME"],
    commitSha: variables["GITHUB_SHA"],
    repoName,
    repoOwner,
    repoUrl: server && repoName && `${server}/${repoOwner}/${repoName}`,
    workflowName: variables["GITHUB_WORKFLOW"],
    jobName: variables["GITHUB_JOB"],
    pipelineId: variables["GITHUB_RUN_ID"],
    pipelineNumber: variables["GITHUB_RUN_NUMBER"],
    runAttempt: Number(variables["GITHUB_RUN_ATTEMPT"]) || undefined,
    actor: variables["GITHUB_ACTOR"],
  };
}

const ofGitLab = (variables: Variables): Told =>
  variables["GITLAB_CI"]
    ? {
        provider: "gitlab",
        branch: variables["CI_COMMIT_REF_NAME"],
        commitSha: variables["CI_COMMIT_SHA"],
        repoName: variables["CI_PROJECT_NAME"],
        repoOwner: variables["CI_PROJECT_NAMESPACE"],
        repoUrl: variables["CI_PROJECT_URL"],
        workflowName: variables["CI_PIPELINE_NAME"],
        jobName: variables["CI_JOB_NAME"],
        jobId: variables["CI_JOB_ID"],
        pipelineId: variables["CI_PIPELINE_ID"],
        pipelineNumber: variables["CI_PIPELINE_IID"],
        actor: variables["GITLAB_USER_LOGIN"],
      }
    : {};
