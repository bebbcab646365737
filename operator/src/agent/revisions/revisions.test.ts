import { describe, expect, it } from 'vitest';
import { releaseIn } from '../../release/testing/observations.ts';
import { sampleAgent, sampleRecord } from '../../revision/testing/sample-agent.ts';
import type { AgentObservation, RevisionState } from '../observation.ts';
import { readLedger } from '../ledger/releases.ts';
import { planRevisions } from './revisions.ts';

const record = sampleRecord();
const autoscaling = { minReplicas: 2, maxReplicas: 6, targetCPUUtilizationPercent: 70 };

function observed(state: Pick<RevisionState, 'replicas' | 'ready'>): { observation: AgentObservation; ledger: ReturnType<typeof readLedger> } {
  const { replicas: _fixed, ...spec } = sampleAgent().spec;
  const promoted = releaseIn({ phase: 'Promoted' });
  const release = { ...promoted, spec: { ...promoted.spec, revision: record.revision } };
  const observation: AgentObservation = {
    now: 0, agent: { ...sampleAgent(), spec: { ...spec, autoscaling } }, desired: { kind: 'Rendered', record }, releases: [release], runs: new Map(), suites: new Map(),
    records: new Map([[record.revision, record]]), policies: [], standing: new Map(), seen: { deployments: new Map(), policies: new Map() }, revisions: new Map([[record.revision, { revision: record.revision, pods: state.ready, ...state }]]), autoscalers: new Set([record.revision]), neighbours: new Map(), routing: { api: 'Served', services: new Set() },
  };
  return { observation, ledger: readLedger([release]) };
}

describe('an autoscaled agent', () => {
  it.each([
    ['the HPA has given it four pods', { replicas: 4, ready: 4 }, { replicas: 4, scaling: 'Autoscaled' }],
    ['it was scaled to nothing, where an HPA never wakes it', { replicas: 0, ready: 0 }, { replicas: 2, scaling: 'Fixed' }],
    ['a rollback found it below its minimum', { replicas: 1, ready: 1 }, { replicas: 2, scaling: 'Fixed' }],
    ['an HPA went above the maximum that was lowered since', { replicas: 9, ready: 9 }, { replicas: 6, scaling: 'Autoscaled' }],
  ])('%s', (_what, state, expected) => {
    const { observation, ledger } = observed(state);
    const plan = planRevisions(observation, ledger);
    expect(plan.targets).toHaveLength(1);
    expect(plan.targets[0]).toMatchObject(expected);
    expect(plan.removedAutoscalers).toEqual([]);
  });
});
