import type { AgentDeploymentSpec } from '@sluice/crds';
import { defaultRevisionHeader } from '@sluice/operator/src/children/http-route.ts';
import { endlessFreezes } from '@sluice/operator/src/release/holds/freeze.ts';
import type { Problem } from './problem.ts';

/** Freezes of a spec that has passed its schema, and that hold every release for ever; `now` in milliseconds since the epoch. */
export function freezeProblems({ rollout }: AgentDeploymentSpec, now: number): Problem[] {
  return endlessFreezes(rollout?.freezes ?? [], now).map(({ index, fault: { field, message } }) => {
    const [, finding = message, fix = 'correct it'] = /^(.*): (.*)$/s.exec(message) ?? [];
    return { path: `spec.rollout.freezes[${index}].${field}`, finding, fix };
  });
}

/** What is allowed and surprises: a dark launch whose objectives nobody's requests reach. */
export function rolloutWarnings({ rollout }: AgentDeploymentSpec): string[] {
  const objectives = rollout?.gates?.objectives ?? [];
  const dark = (rollout?.steps ?? []).flatMap(({ weight }, index) => (weight === 0 ? [index] : []));
  if (objectives.length === 0 || dark.length === 0) return [];
  return dark.map((index) => `spec.rollout.steps[${index}].weight is 0: only requests that ask for the revision reach it (${pinsOf(rollout?.stickiness)}), and without ${Math.max(...objectives.map(({ minRequests }) => minRequests))} of them its objectives are never measured and the release is rolled back at the end of maxDuration: send such requests, or skip the step (kubectl sluice skip)`);
}

function pinsOf(stickiness: NonNullable<AgentDeploymentSpec['rollout']>['stickiness']): string {
  const header = `header ${stickiness?.header ?? defaultRevisionHeader}: REVISION`;
  return stickiness?.cookie === undefined ? header : `${header}, or cookie ${stickiness.cookie}=REVISION`;
}
