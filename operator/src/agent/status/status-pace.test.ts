import { type AgentDeployment, type AgentDeploymentStatus, type Condition, untold } from '@sluice/crds';
import { FakeClock } from '@sluice/kube';
import { beforeEach, describe, expect, it } from 'vitest';
import { sampleAgent } from '../../revision/testing/sample-agent.ts';
import { StatusPace } from './status-pace.ts';

const condition = (type: string, status: Condition['status'], message = ''): Condition =>
  ({ type, status, reason: 'Because', message, lastTransitionTime: '2026-11-21T10:00:00.000Z', observedGeneration: 1 });
const before: AgentDeploymentStatus = {
  observedGeneration: 1, phase: 'Progressing', message: 'Step 1 of 2', replicas: 2, release: { name: 'support-2', phase: 'Shifting', step: '1/2' },
  stable: { revision: 'old', weight: 80, actualWeight: 80, replicas: 2, readyReplicas: 2 },
  canary: { revision: 'new', weight: 20, actualWeight: 0, replicas: 1, readyReplicas: 0 },
  shard: 'blue', takeOver: '7', url: 'http://support', revision: 'new', selector: 'agent=support',
  conditions: [condition('Ready', 'False'), condition('Available', 'True')],
};
const agent: AgentDeployment = { ...sampleAgent(), status: before };

function without(field: keyof AgentDeploymentStatus): AgentDeploymentStatus {
  const { [field]: _gone, ...rest } = before;
  return rest;
}

let clock: FakeClock;
let pace: StatusPace;

beforeEach(() => {
  clock = new FakeClock();
  pace = new StatusPace({ clock });
});

describe('news that can wait', () => {
  const promoted: AgentDeploymentStatus = { ...without('canary'), stable: { ...before.stable!, revision: 'new' }, release: { name: 'support-2', phase: 'Promoted' } };

  it.each<[string, AgentDeploymentStatus]>([
    ['a sentence', { ...before, message: 'Step 1 of 2 until noon', conditions: [condition('Ready', 'False', 'until noon'), condition('Available', 'True')] }],
    ['counts', { ...before, replicas: 3, canary: { ...before.canary!, readyReplicas: 1 } }],
    ['a weight and a step', { ...before, canary: { ...before.canary!, weight: 50 }, release: { name: 'support-2', phase: 'Shifting', step: '2/2' } }],
    ['the way forward', { ...before, release: { name: 'support-2', phase: 'Promoting' } }],
    ['that what the spec asks for serves, beside pods that are leaving', promoted],
  ])('%s: ten seconds', async (_, next) => {
    expect(pace.waitFor(agent, next)).toBe(10_000);
    await clock.advance(6_000);
    expect(pace.waitFor(agent, next)).toBe(4_000);
    await clock.advance(4_000);
    expect(pace.waitFor(agent, next)).toBe(0);
    expect(pace.waitFor(agent, next), 'what comes after it waits anew').toBe(10_000);
  });

  it('with all that comes meanwhile: so long after the latest, and twenty seconds after the first at most', async () => {
    for (const [step, left] of [[1, 10_000], [2, 10_000], [3, 6_000]] as const) {
      expect(pace.waitFor(agent, { ...before, release: { name: 'support-2', phase: 'Shifting', step: `${step}/9` } })).toBe(left);
      await clock.advance(7_000);
    }
    expect(pace.waitFor(agent, { ...before, message: 'and more' })).toBe(0);
  });

  it('however often a condition that is not written yet says when it changed', async () => {
    const next = (at: string): AgentDeploymentStatus => ({ ...before, message: 'other', conditions: [condition('Ready', 'False'), { ...condition('Available', 'True'), lastTransitionTime: at }] });
    expect(pace.waitFor(agent, next('2026-11-21T10:00:00.000Z'))).toBe(10_000);
    await clock.advance(10_000);
    expect(pace.waitFor(agent, { ...next('2026-11-21T10:00:20.000Z') })).toBe(0);
  });

  it('that somebody is served, because more follows', () => {
    const nobody = { ...agent, status: { ...before, conditions: [condition('Ready', 'False'), condition('Available', 'False')] } };
    expect(pace.waitFor(nobody, before)).toBe(10_000);
  });

  it('until news that cannot: they are told together', async () => {
    expect(pace.waitFor(agent, { ...before, message: 'other' })).toBe(10_000);
    await clock.advance(4_000);
    expect(pace.waitFor(agent, { ...before, phase: 'Healthy' })).toBe(0);
    expect(pace.waitFor(agent, { ...before, message: 'another' })).toBe(10_000);
  });
});

describe('news that cannot wait', () => {
  it.each<[string, AgentDeploymentStatus]>([
    ['the first requests reach the new revision', { ...before, canary: { ...before.canary!, actualWeight: 20 } }],
    ['a new generation is seen', { ...before, observedGeneration: 2 }],
    ['the phase', { ...before, phase: 'Healthy' }],
    ['a condition', { ...before, conditions: [condition('Ready', 'True'), condition('Available', 'True')] }],
    ['nobody is served', { ...before, conditions: [condition('Ready', 'False'), condition('Available', 'False')] }],
    ['a revision serves that the spec does not ask for', { ...before, stable: { ...before.stable!, revision: 'older' } }],
    ['none serves any more', without('stable')],
    ['its suites are run', { ...before, release: { ...before.release!, phase: 'Evaluating' } }],
    ['the release goes back', { ...before, release: { ...before.release!, phase: 'RollingBack' } }],
    ['the release is held', { ...before, release: { ...before.release!, phase: 'Held' } }],
    ['a person is asked', { ...before, release: { ...before.release!, waitsFor: 'approval' } }],
    ['another release', { ...before, release: { name: 'support-3', phase: 'Preparing' } }],
  ])('%s', (_, next) => {
    pace.waitFor(agent, { ...before, message: 'a moment ago' });
    expect(pace.waitFor(agent, next)).toBe(0);
  });

  it('the number of pods of a healthy agent: who scales it reads that; in a release it may wait', () => {
    const healthy: AgentDeploymentStatus = { ...before, phase: 'Healthy' };
    expect(pace.waitFor({ ...agent, status: healthy }, { ...healthy, replicas: 1 })).toBe(0);
    expect(pace.waitFor({ ...agent, status: healthy }, { ...healthy, stable: { ...healthy.stable!, readyReplicas: 1 } })).toBe(10_000);
    expect(pace.waitFor(agent, { ...before, replicas: 1 })).toBe(10_000);
  });

  const having = (other: Condition): AgentDeploymentStatus => ({ ...before, conditions: [...before.conditions!, other] });
  const suspended = condition('Suspended', 'True');
  const stalled = condition('Stalled', 'True');
  const adopted = { ...condition('Adopted', 'False'), reason: 'Moving' };

  it.each<[string, AgentDeploymentStatus, AgentDeploymentStatus]>([
    ['agent/observe/neighbour-sources.ts: the generation that was seen', before, { ...before, observedGeneration: 2 }],
    ['agent/observe/neighbour-sources.ts: what the spec asks for', before, { ...before, revision: 'newer' }],
    ['agent/observe/neighbour-sources.ts: what serves, once it is not what was asked for', { ...before, stable: { ...before.stable!, revision: 'new' } }, before],
    ['agent/observe/neighbour-sources.ts: what serves, in the end', before, { ...before, stable: { ...before.stable!, revision: 'new' }, conditions: [condition('Ready', 'True'), condition('Available', 'True')] }],
    ['sharding/take-over.ts: whose the agent is', before, { ...before, shard: 'red' }],
    ['sharding/take-over.ts: that it is the one without a name', before, without('shard')],
    ['sharding/take-over.ts: that it is being taken over', before, { ...before, takeOver: '9' }],
    ['sharding/take-over.ts: that it has been', before, without('takeOver')],
    ['sharding/known-releases.ts: the latest release', before, { ...before, release: { ...before.release!, name: 'support-3' } }],
    ['agent/suspension.ts: that the agent is suspended', before, having(suspended)],
    ['agent/suspension.ts: since when', having(suspended), having({ ...suspended, lastTransitionTime: '2026-11-21T11:00:00.000Z' })],
    ['agent/suspension.ts: that it is not any more', having(suspended), before],
    ['agent/suspension.ts: that it serves what the spec says', before, { ...before, conditions: [condition('Ready', 'True'), condition('Available', 'True')] }],
    ['agent/status/notices.ts: that a Gateway does not follow was told', having(stalled), having({ ...stalled, reason: 'RouteNotTaken' })],
    ['sharding/take-over.ts: when to look for what came late', before, { ...before, searchAgainAt: '2026-11-21T11:00:00.000Z' }],
    ['agent/forecast/due.ts: when the traffic was read for it', before, { ...before, forecast: { at: '2026-11-21T10:00:00.000Z', message: 'one' } as never }],
    ['agent/forecast/next-release.ts: what was forecast', { ...before, forecast: { message: 'one' } as never }, { ...before, forecast: { message: 'another' } as never }],
    ['agent/observe/neighbours.ts: that it is being taken over', before, { ...before, takeOver: '9' }],
    ['adoption/decide.ts: which news were told', having(adopted), having({ ...adopted, reason: 'Blocked' })],
  ])('something is decided from it: %s', (_, from, next) => {
    pace.waitFor({ ...agent, status: from }, { ...from, message: 'a moment ago' });
    expect(pace.waitFor({ ...agent, status: from }, next)).toBe(0);
  });

  it('the first status of all, where the API server gives a new agent none', () => {
    const { status: _none, ...fresh } = agent;
    pace.waitFor(fresh, before);
    expect(pace.waitFor(fresh, before)).toBe(0);
  });
});

describe('the first word on an agent, of which the API server says that nobody has told anything', () => {
  const { stable: _none, canary: _neither, shard: _nor, takeOver: _and, release: _later, ...rest } = before;
  const beginning: AgentDeploymentStatus = { ...rest, release: { name: 'support-1', phase: 'Promoting' }, conditions: [condition('Ready', 'False'), condition('Stalled', 'False'), condition('Available', 'False')] };
  const fresh: AgentDeployment = { ...agent, status: untold };

  it.each<[string, AgentDeploymentStatus]>([
    ['its first release makes pods', beginning],
    ['its first release is about to begin', { ...rest, conditions: beginning.conditions! }],
    ['its first release is evaluated', { ...beginning, release: { name: 'support-1', phase: 'Evaluating' } }],
  ])('waits for what becomes of it: %s', (_title, next) => {
    expect(pace.waitFor(fresh, next)).toBe(10_000);
  });

  it.each<[string, AgentDeploymentStatus]>([
    ['it is Healthy', { ...beginning, phase: 'Healthy' }],
    ['its spec names what does not exist', { ...beginning, phase: 'Pending' }],
    ['a person is asked', { ...beginning, release: { ...beginning.release!, phase: 'AwaitingApproval', waitsFor: 'approval' } }],
    ['its pods are refused', { ...beginning, message: 'support-1: not all of its pods are ready yet (its pods are refused: exceeded quota: few)' }],
    ['the release is held', { ...beginning, release: { ...beginning.release!, phase: 'Held' } }],
    ['it is the second release', { ...beginning, release: { ...beginning.release!, name: 'support-2' } }],
    ['something stands against it', { ...beginning, rejectedBy: { release: 'support-1', revision: 'new' } }],
    ['a person should know something', { ...beginning, conditions: [...beginning.conditions!, condition('RouteRefused', 'True')] }],
  ])('does not where %s', (_title, next) => {
    pace.waitFor(fresh, beginning);
    expect(pace.waitFor(fresh, next)).toBe(0);
  });

  it('does not in a shard: the next one reads there where the agent comes from', () => {
    expect(new StatusPace({ clock, shard: 'blue' }).waitFor(fresh, beginning)).toBe(0);
  });
});

it('remembers a bounded number of agents: the news of one that is forgotten wait anew', async () => {
  const next = { ...before, message: 'other' };
  const named = (uid: string): AgentDeployment => ({ ...agent, metadata: { ...agent.metadata, uid } });
  pace.waitFor(named('first'), next);
  pace.waitFor(named('second'), next);
  await clock.advance(1_000);
  for (let number = 0; number < 9_999; number += 1) pace.waitFor(named(`agent-${number}`), next);
  expect(pace.waitFor(named('second'), next)).toBe(9_000);
  expect(pace.waitFor(named('first'), next)).toBe(10_000);
});
