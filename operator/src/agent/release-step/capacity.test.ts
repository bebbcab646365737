import type { AgentDeployment, Release, ReleaseStatus } from '@sluice/crds';
import { expect, it } from 'vitest';
import { releaseIn } from '../../release/testing/observations.ts';
import { sampleAgent } from '../../revision/testing/sample-agent.ts';
import { capacityOf } from './capacity.ts';
import type { RevisionState } from '../observation.ts';
import { readLedger } from '../ledger/releases.ts';

const autoscaling = { minReplicas: 2, maxReplicas: 12, targetCPUUtilizationPercent: 70 };

function agent(spec: Partial<AgentDeployment['spec']>): AgentDeployment {
  const { replicas: _fixed, ...sample } = sampleAgent().spec;
  return { ...sampleAgent(), spec: { ...sample, ...spec } };
}

function ledger(active?: ReleaseStatus): ReturnType<typeof readLedger> {
  const told = (name: string, revision: string, status: ReleaseStatus): Release => {
    const release = releaseIn(status);
    return { ...release, metadata: { ...release.metadata, name }, spec: { ...release.spec, revision } };
  };
  return readLedger([told('support-1', 'old', { phase: 'Promoted' }), ...(active === undefined ? [] : [told('support-2', 'new', active)])]);
}

function pods(replicas: Readonly<Record<string, number>>): ReadonlyMap<string, RevisionState> {
  return new Map(Object.entries(replicas).map(([revision, count]) => [revision, { revision, replicas: count, ready: count, pods: count }]));
}

it.each<readonly [string, ReleaseStatus | undefined, Readonly<Record<string, number>>, number]>([
  ['what the HPA gave the revision that serves', undefined, { old: 7 }, 7],
  ['the minimum at least', undefined, { old: 1 }, 2],
  ['the maximum at most', undefined, { old: 30 }, 12],
  ['not the pods of a step, which are a part of it', { phase: 'Shifting', weight: 50 }, { old: 6, new: 6 }, 6],
  ['in a step with everything, those of the new revision', { phase: 'Shifting', weight: 100 }, { old: 0, new: 10 }, 10],
  ['paused with everything, too', { phase: 'Paused', weight: 100, stop: { phase: 'Shifting', since: '2026-11-21T10:00:00.000Z' } }, { old: 0, new: 10 }, 10],
  ['while it is promoted, the larger', { phase: 'Promoting', weight: 100 }, { old: 3, new: 9 }, 9],
  ['while it goes back, the larger', { phase: 'RollingBack', weight: 0 }, { old: 4, new: 9 }, 9],
  ['a superseded revision that served everything', { phase: 'Preparing', weight: 0 }, { old: 0, superseded: 10 }, 10],
])('an autoscaled agent needs %s', (_name, active, replicas, capacity) => {
  expect(capacityOf({ agent: agent({ autoscaling }), revisions: pods(replicas) }, ledger(active))).toEqual({ capacity, scaling: 'Autoscaled', maxReplicas: 12 });
});

it('without an autoscaler the spec says it', () => {
  expect(capacityOf({ agent: agent({ replicas: 5 }), revisions: pods({ old: 9 }) }, ledger())).toEqual({ capacity: 5, scaling: 'Fixed', maxReplicas: 5 });
  expect(capacityOf({ agent: agent({}), revisions: pods({}) }, ledger()).capacity).toBe(2);
});
