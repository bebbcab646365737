import type { ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { World } from '../agent/testing/world.ts';
import { advance } from '../release/machine.ts';
import { evidence, observed, releaseIn, startedAt, twoSteps } from '../release/testing/observations.ts';
import { releasesOf, settle } from './testing/settle.ts';

const at = (ms: number): string => new Date(startedAt + ms).toISOString();
const canary = { revision: 'new', replicas: 4, ready: 4 };

describe('3.7 Kruise: its step machine', () => {
  it('edits of the plan in mid-release recompute the step instead of restarting', () => {
    const status: ReleaseStatus = { phase: 'Shifting', step: 1, weight: 50, stepStartedAt: at(0), evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };
    const edited = { ...twoSteps, steps: [5, 10, 50, 80].map((weight) => ({ weight, duration: '5m' })) };
    expect(advance(observed(status, { canary, release: releaseIn(status), rollout: edited })).status).toMatchObject({ step: 2, weight: 50, stepStartedAt: at(0) });
  });

  it('a new revision in mid-release is not refused ("please rollback first"): it supersedes', () => {
    const status: ReleaseStatus = { phase: 'Shifting', step: 1, weight: 50 };
    expect(advance(observed(status, { canary, superseded: { reason: 'SpecChanged', revision: 'newer' } })).status).toMatchObject({ phase: 'Superseded', weight: 0 });
  });

  it('no webhook of ours stands between a change and its gates: nothing but a Release makes pods of a revision', async () => {
    const world = new World();
    world.ask('unfit 1');
    await settle(world);
    expect(world.deployments).toEqual([]);
    expect(world.agent.status?.phase).toBe('Degraded');
  });

  it('a metrics stub that always passes does not exist: a step with objectives and no evidence stays', () => {
    const status: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 20, stepStartedAt: at(0) };
    expect(advance(observed(status, { canary, now: startedAt + 120_000 })).status).toMatchObject({ phase: 'Shifting', step: 0 });
  });
});

describe('3.8 After a restart of the controller', () => {
  it('no timer begins again (Flagger): the step ends when its stored beginning says so', () => {
    const now = startedAt + 60_000;
    const status: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 20, stepStartedAt: at(0), evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };
    const stored = JSON.parse(JSON.stringify(status)) as ReleaseStatus;
    expect(advance(observed(stored, { canary, now, evidence: evidence(now, { requests: 900, bad: 0 }) })).status).toMatchObject({ step: 1 });
  });

  it('everything that a release needs is in its status: any two processes decide the same', () => {
    const status: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 20, stepStartedAt: at(0), evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };
    const seen = { canary, now: startedAt + 3_000, evidence: evidence(startedAt + 3_000, { requests: 9, bad: 0 }) };
    expect(advance(observed(status, seen))).toEqual(advance(observed(JSON.parse(JSON.stringify(status)) as ReleaseStatus, JSON.parse(JSON.stringify(seen)) as typeof seen)));
  });

  it('a run that was made just now is not taken for missing: its name is the same in the next try', async () => {
    const world = new World();
    world.ask('good 1');
    for (let write = 0; write < 12; write += 1) {
      world.cluster.crashAt = { write: world.cluster.writes + 1, when: 'after' };
      await world.reconcile();
    }
    await settle(world);
    expect(world.cluster.list('EvalRun')).toHaveLength(1);
    expect(releasesOf(world).map(({ status }) => status?.completion)).toEqual(['Promoted']);
  });
});
