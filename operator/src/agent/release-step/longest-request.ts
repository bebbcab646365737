import { type AgentDeployment, agentLimits, durationMilliseconds } from '@sluice/crds';
import type { RevisionRecord } from '../../revision/index.ts';

/**
 * After how long what both revisions had begun has ended, milliseconds: what the stable one began with a larger share ends late, too, beside fewer requests than
 * it had, so that it looks worse than it is. Another limit of the new revision would make another revision, and end the release.
 */
export function longestRequestMs({ spec }: Pick<AgentDeployment, 'spec'>, stable: Pick<RevisionRecord, 'bundle'> | undefined): number {
  const { requestTimeout } = agentLimits.parse(spec.agent.limits ?? {});
  return Math.max(durationMilliseconds(requestTimeout), stable?.bundle.limits.requestTimeoutMs ?? 0);
}
