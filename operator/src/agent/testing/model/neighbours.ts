import type { AgentDeployment, Release } from '@sluice/crds';
import { isoTime } from '../../../evidence/clock-time.ts';
import type { Neighbours, NeighbourStanding } from '../../../release/holds/neighbours.ts';

/** What becomes of the one other agent of the namespace. */
export type NeighbourMood = 'promoted' | 'releasing' | 'failed';

export interface NeighbourState {
  readonly mood: NeighbourMood;
  /** Epoch milliseconds since which it is so. */
  readonly since: number;
}

const before = 60_000;
const rollout = { maxDuration: '1h', progressDeadline: '5m', holdLimit: '1h', onSecretChange: 'Restart', historyLimit: 10, group: 'shop' } as const;

/** The other agent, on which this one may depend and whose group it may share. */
export function neighboursIn({ mood, since }: NeighbourState): Neighbours {
  const agent: AgentDeployment = {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'AgentDeployment',
    metadata: { name: 'other', namespace: 'demo', generation: 1 },
    spec: { agent: { image: 'example.com/runtime:1', model: { providerRef: { name: 'anthropic' }, name: 'claude' }, prompt: { inline: 'other' } }, rollout },
  };
  const standing: NeighbourStanding = { wanted: { kind: 'Known', revision: 'x' }, promoted: mood === 'promoted' ? 'x' : 'w', oldPods: undefined };
  return new Map([['other', { agent, standing, releases: [releaseIn(mood, since)] }]]);
}

function releaseIn(mood: NeighbourMood, since: number): Release {
  const at = isoTime(since);
  const startedAt = isoTime(since - before);
  const status: Record<NeighbourMood, Release['status']> = {
    promoted: { phase: 'Promoted', startedAt, finishedAt: at },
    releasing: { phase: 'Shifting', startedAt },
    failed: { phase: 'RolledBack', reason: 'ObjectiveFailed', startedAt, finishedAt: at, transitions: [{ phase: 'RollingBack', at, reason: 'ObjectiveFailed', message: 'it failed' }] },
  };
  return { apiVersion: 'sluice.dev/v1alpha1', kind: 'Release', metadata: { name: 'other-1', namespace: 'demo' }, spec: { agentName: 'other', revision: 'x', rollout }, status: status[mood] ?? {} };
}
