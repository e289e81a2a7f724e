import { Layout, page, type Shell } from "../layout.tsx";
import { ChooseWorkspace } from "../parts/choose-workspace.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { RuleForm, type RuleFormProps } from "../parts/rule-form.tsx";

export interface NewRuleProps {
  shell: Shell;
  /** Absent while the workspace is not chosen. */
  place: { name: string; form: Omit<RuleFormProps, "shell"> } | undefined;
}

/** A rule for every monitor of a workspace. */
export const newRulePage = ({ shell, place }: NewRuleProps) =>
  page(
    <Layout title="New rule" shell={shell} section="alerts">
      <p class="crumbs">
        <a href="/alerts">Alerts</a>
      </p>
      <h1>{place ? `New rule for every monitor of ${place.name}` : "New rule for a workspace"}</h1>
      <Place shell={shell} place={place} />
    </Layout>,
  );

function Place({ shell, place }: NewRuleProps) {
  if (!place) return <ChooseWorkspace shell={shell} path="/alerts/rules/new" />;
  if (place.form.channels.length === 0) {
    return (
      <EmptyState
        title="A channel comes first"
        action={{ href: "/alerts/channels", label: "Make a channel" }}
      >
        A rule says when people are told; a channel says where.
      </EmptyState>
    );
  }
  return <RuleForm shell={shell} {...place.form} />;
}
