/** Names the agent on everything made for it. */
export const agentLabel = 'sluice.dev/agent';
/** Names the revision on everything that exists once per revision. */
export const revisionLabel = 'sluice.dev/revision';

/** Names the rules of the network on a policy, and on the pods that it is for. */
export const egressLabel = 'sluice.dev/egress';

/** The revision that an object belongs to; undefined where it belongs to none. */
export function revisionOf({ metadata }: { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } }): string | undefined {
  return metadata.labels?.[revisionLabel];
}

/** Label keys that only the operator sets: selectors and dashboards depend on them. */
export const operatorLabels: readonly string[] = ['app.kubernetes.io/name', 'app.kubernetes.io/component', 'app.kubernetes.io/managed-by'];

/** Selects the pods of all revisions of an agent. */
export function agentSelector(agent: string): Record<string, string> {
  return { [agentLabel]: agent };
}

/** Selects the pods of one revision; a Deployment's selector cannot be changed later, so it holds no more than needed. */
export function revisionSelector(agent: string, revision: string): Record<string, string> {
  return { [agentLabel]: agent, [revisionLabel]: revision };
}

export function agentLabels(agent: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': agent,
    'app.kubernetes.io/component': 'agent',
    'app.kubernetes.io/managed-by': 'sluice',
    ...agentSelector(agent),
  };
}

export function revisionLabels(agent: string, revision: string): Record<string, string> {
  return { ...agentLabels(agent), [revisionLabel]: revision };
}
