import type { AgentDeployment, Release, ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { releaseIn, startedAt } from '../../release/testing/observations.ts';
import { sampleAgent, sampleRecord } from '../../revision/testing/sample-agent.ts';
import type { AgentObservation } from '../observation.ts';
import { decideUnlessSuspended } from '../suspension.ts';
import { stepOf } from './release-step.ts';
import { readLedger } from '../ledger/releases.ts';

const at = (minutes: number): string => new Date(startedAt + minutes * 60_000).toISOString();
const rollout = { maxDuration: '1h', progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart', historyLimit: 10, group: 'shop' } as const;
const record = (revision: string) => ({ ...sampleRecord(), revision });

function release(name: string, revision: string, status: ReleaseStatus): Release {
  const { metadata, spec, ...rest } = releaseIn(status);
  return { ...rest, metadata: { ...metadata, name }, spec: { ...spec, revision, rollout } };
}

function agent(name: string): AgentDeployment {
  const sample = sampleAgent();
  return { ...sample, metadata: { ...sample.metadata, name }, spec: { ...sample.spec, rollout } };
}

const failed = release('search-4', 'x', {
  phase: 'RolledBack', reason: 'ObjectiveFailed', startedAt: at(0), message: 'too many errors', transitions: [{ phase: 'RollingBack', reason: 'ObjectiveFailed', at: at(30), message: '' }],
});

function observed(releases: readonly Release[]): AgentObservation {
  return {
    now: startedAt + 31 * 60_000, agent: agent('support'), desired: { kind: 'Rendered', record: record('new') }, releases, runs: new Map(), suites: new Map(),
    records: new Map([['old', record('old')], ['new', record('new')]]), revisions: new Map(), standing: new Map(), autoscalers: new Set(), neighbours: new Map([['search', { agent: agent('search'), releases: [failed] }]]),
    routing: { api: 'Served', services: new Set() }, pins: { copies: new Map() }, secretVersions: new Map(),
  } as unknown as AgentObservation;
}

function statusAfter(releases: readonly Release[]): ReleaseStatus | undefined {
  return stepOf(observed(releases), readLedger(releases), [])?.decision.status;
}

const old = release('support-1', 'old', { phase: 'Promoted', startedAt: at(-60), finishedAt: at(-50) });

it('a Retry that was accepted just before the spec turned is answered anew, before anything else is done', () => {
  const asked = { verb: 'Retry', outcome: 'Accepted', requestId: 'r1', at: at(30), message: 'a new release begins' } as const;
  const turned = { ...observed([old]), neighbours: new Map(), agent: sampleAgent(), desired: { kind: 'Rendered', record: record('other') } } as const;
  const releases = [old, release('support-2', 'new', { phase: 'RolledBack', reason: 'ObjectiveFailed', handledIntent: asked })];
  const step = stepOf({ ...turned, releases }, readLedger(releases), []);
  expect(step?.release.metadata.name).toBe('support-2');
  expect(step?.decision).toMatchObject({ requeueAfterMs: 0, status: { phase: 'RolledBack', handledIntent: { requestId: 'r1', at: at(30), outcome: 'Refused' } } });
});

describe('a group in which a release failed', () => {
  it('takes back the one that is on its way', () => {
    expect(statusAfter([old, release('support-2', 'new', { phase: 'Shifting', step: 0, startedAt: at(10) })])).toMatchObject({ reason: 'GroupRolledBack', weight: 0 });
  });

  it('takes back the one that was promoted meanwhile, to the revision before', () => {
    const promoted = release('support-2', 'new', { phase: 'Promoted', startedAt: at(5), finishedAt: at(20) });
    expect(statusAfter([old, promoted])).toMatchObject({ phase: 'Promoted', undoTo: 'old', reason: 'GroupRolledBack' });
  });

  it('takes it back once', () => {
    expect(statusAfter([old, release('support-2', 'new', { phase: 'Promoted', startedAt: at(5), finishedAt: at(20), undoTo: 'old' })])).toBeUndefined();
  });

  it('leaves alone what was promoted before the failed one began, and what began after it failed', () => {
    expect(statusAfter([old])).toBeUndefined();
    expect(statusAfter([old, release('support-2', 'new', { phase: 'Shifting', step: 0, startedAt: at(31) })])?.reason).not.toBe('GroupRolledBack');
  });

  describe('while a member was suspended', () => {
    const promoted = release('support-2', 'new', { phase: 'Promoted', startedAt: at(5), finishedAt: at(20) });
    const again = release('search-5', 'y', { phase: 'Promoted', startedAt: at(50), finishedAt: at(60) });
    const after = (others: readonly Release[], days = 9): AgentObservation => ({ ...observed([old, promoted]), now: startedAt + days * 86_400_000, neighbours: new Map([['search', { agent: agent('search'), releases: others }]]) });

    it('does not touch that one as long as it is', () => {
      const seen = after([failed]);
      const suspended = { ...seen, agent: { ...seen.agent, spec: { ...seen.agent.spec, suspend: true } } };
      expect(decideUnlessSuspended(suspended)).not.toHaveProperty('releaseStatus');
    });

    it.each<readonly [string, readonly Release[], ReleaseStatus | undefined]>([
      ['takes it back when it is resumed, as half of a change stands there still', [failed], { undoTo: 'old', reason: 'GroupRolledBack' }],
      ['leaves it alone once the one that failed has been promoted again: that change is history', [failed, again], undefined],
    ])('%s', (_name, others, expected) => {
      const seen = after(others);
      const status = stepOf(seen, readLedger(seen.releases), [])?.decision.status;
      if (expected === undefined) expect(status).toBeUndefined();
      else expect(status).toMatchObject(expected);
    });
  });

  it('leaves alone what goes back to a promoted revision, on its way and arrived', () => {
    const newer = release('support-2', 'new', { phase: 'Promoted', startedAt: at(-40), finishedAt: at(-30) });
    expect(statusAfter([old, newer, release('support-3', 'old', { phase: 'Promoting', weight: 100, startedAt: at(10) })])?.reason).not.toBe('GroupRolledBack');
    const back = release('support-3', 'old', { phase: 'Promoted', startedAt: at(5), finishedAt: at(20), transitions: [{ phase: 'Promoting', reason: 'PromotedBefore', at: at(5), message: '' }] });
    expect(statusAfter([old, newer, back])).toBeUndefined();
  });
});
