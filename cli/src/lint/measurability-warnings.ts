import { type AgentDeploymentSpec, isRuntimeName, nearestCounter, type Objective, runtimeCounters } from '@sluice/crds';

/** What is known of the operator that the manifests are for: by the values of its chart, where they were given. */
export type Installed = 'WithPrometheus' | 'WithoutPrometheus' | 'NotKnown';

type Selector = NonNullable<Objective['counter']>['bad'];

/** Objectives that will not be measured, or whose stated risks will not hold, although the API server accepts them. */
export function measurabilityWarnings({ rollout }: AgentDeploymentSpec, installed: Installed): string[] {
  const { gates, stickiness } = rollout ?? {};
  const objectives = gates?.objectives ?? [];
  if (objectives.length === 0) return [];
  return [...(stickiness === undefined ? [] : [stickyWarning]), ...(gates?.source === 'Prometheus' ? sourceWarnings(installed) : []), ...objectives.flatMap(counterWarnings)];
}

const stickyWarning = 'spec.rollout.stickiness: sessions are kept on their revision, so requests are not assigned at random; the objectives are judged all the same, but are marked, and no chance of error can be stated: take stickiness out, or let a suite be the proof';

function sourceWarnings(installed: Installed): string[] {
  const field = 'spec.rollout.gates.source is Prometheus';
  if (installed === 'WithPrometheus') return [];
  if (installed === 'WithoutPrometheus') return [`${field}, and the values of the chart name none, so no release of this agent would begin: set prometheus.url there, or write Pods`];
  return [`${field}: no release begins where the operator was given none (prometheus.url of its chart); name the values that it was installed with by --values, and that is checked`];
}

function counterWarnings({ name, counter }: Objective, index: number): string[] {
  if (counter === undefined) return [];
  return (['bad', 'total'] as const).flatMap((which) => selectorWarnings(counter[which]).map((finding) => `spec.rollout.gates.objectives[${index}].counter.${which}.${finding}. As it stands "${name}" is not measured`));
}

/** Counters of other programs are theirs to know. */
function selectorWarnings({ metric, labels = [] }: Selector): string[] {
  if (!isRuntimeName(metric)) return [];
  const known = runtimeCounters[metric];
  if (known === undefined) return [`metric is "${metric}", which the runtime does not count${meant(metric, Object.keys(runtimeCounters))}`];
  return labels.flatMap(({ name, value }, index) => {
    const values = known[name];
    if (values === undefined) return [`labels[${index}].name is "${name}", a label that ${metric} does not have${meant(name, Object.keys(known))}`];
    return values === 'Any' || values.includes(value) ? [] : [`labels[${index}].value is "${value}", which ${name} of ${metric} never has${meant(value, values)}`];
  });
}

function meant(written: string, known: readonly string[]): string {
  const nearest = nearestCounter(written, known);
  if (nearest !== undefined) return `: write "${nearest}"`;
  return known.length === 0 || known.length > 12 ? ' (docs/metrics-sources.md has the names)' : `: write one of ${known.map((name) => `"${name}"`).join(', ')}`;
}
