import type { Release, ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { closedBreaker } from '../../gates/sequential/breaker.ts';
import { releaseIn } from '../../release/testing/observations.ts';
import { sampleAgent, sampleRecord } from '../../revision/testing/sample-agent.ts';
import { readLedger } from '../ledger/releases.ts';
import type { AgentObservation } from '../observation.ts';
import { beginRelease } from './begin-release.ts';

const record = sampleRecord();
const gate = (state: string, log: string[] = ['a block']): NonNullable<ReleaseStatus['gate']> => ({ policy: {}, measures: [], from: '{}', state, log });

function release(number: number, revision: string, status: ReleaseStatus, carried?: Release['spec']['carried'], stableRevision = 'old'): Release {
  const { spec, ...rest } = releaseIn(status);
  return { ...rest, metadata: { ...rest.metadata, name: `support-${number}` }, spec: { ...spec, revision, stableRevision, ...(carried === undefined ? {} : { carried }) } };
}

/** What the next release of the revision begins with, after these. */
function begun(...releases: Release[]): Release['spec']['carried'] {
  const observation = { agent: sampleAgent(), desired: { kind: 'Rendered', record }, releases } as unknown as AgentObservation;
  const next = beginRelease(observation, readLedger(releases));
  expect(next?.spec.revision).toBe(record.revision);
  return next?.spec.carried;
}

const stable = release(1, 'old', { phase: 'Promoted' });

describe('evidence carried by digest over retries', () => {
  it('a spec that made room for another one and comes back goes on with the state of its gates', () => {
    expect(begun(stable, release(2, record.revision, { phase: 'Superseded', gate: gate('{"attempt":0}') }), release(3, 'another', { phase: 'Superseded', gate: gate('{"other":1}') }))).toEqual({ release: 'support-2', measures: [], state: '{"attempt":0}' });
  });

  it('the latest attempt counts, and one that measured nothing hands on what it was given', () => {
    const carried = { release: 'support-2', measures: [], state: '{"attempt":1}' };
    expect(begun(stable, release(2, record.revision, { phase: 'Superseded', gate: gate('{"attempt":1}') }), release(3, record.revision, { phase: 'Superseded', gate: gate('{"attempt":2}') }))).toMatchObject({ release: 'support-3', state: '{"attempt":2}' });
    expect(begun(stable, release(3, record.revision, { phase: 'Superseded', gate: gate('{}', []) }, carried))).toEqual(carried);
  });

  it('one that was edited just before it ended hands on what the edits cost, though its log is empty', () => {
    const state = JSON.stringify({ fingerprint: 'f', startedAt: 0, attempt: 3, freshStarts: 3, metrics: {}, breaker: {} });
    const edited = { ...gate(state, []), startedAt: '2026-01-01T00:00:00.000Z' };
    expect(begun(stable, release(2, record.revision, { phase: 'Superseded', gate: edited }))).toMatchObject({ release: 'support-2', state });
  });

  it('a record that cannot be read is handed on, as it costs half of the risk', () => {
    const damaged = { ...gate('{}', []), startedAt: '2026-01-01T00:00:00.000Z' };
    expect(begun(stable, release(2, record.revision, { phase: 'Superseded', gate: damaged }))).toMatchObject({ release: 'support-2', state: '{}' });
  });

  it('of a comparison with another stable revision only the count of attempts is handed on', () => {
    const known = { startedAt: 0, attempt: 1, freshStarts: 0, extendedMs: 0, deadlineTested: 'Yes', breaker: closedBreaker };
    const state = JSON.stringify({ ...known, fingerprint: 'f', breaker: { ...closedBreaker, state: 'Open' }, metrics: { success: { latched: [true] } } });
    const measures = [{ metric: 'slow', objective: 'slow', kind: 'Latency' as const, edge: 0.5 }];
    const blank = { measures: [], state: JSON.stringify({ ...known, fingerprint: '', metrics: {} }) };
    const other = release(3, 'other', { phase: 'Promoted' });
    const learned = release(2, record.revision, { phase: 'Superseded', gate: { ...gate(state), measures } });
    const parsed = (carried: Release['spec']['carried']) => ({ ...carried, state: JSON.parse(carried?.state ?? '') as unknown });
    const expected = { ...blank, release: 'support-2', state: JSON.parse(blank.state) as unknown };
    expect(parsed(begun(stable, learned, other))).toEqual(expected);
    // Also where an attempt against the one before measured nothing, and only hands on what it was given.
    const idle = release(3, record.revision, { phase: 'Superseded', gate: gate('{}', []) }, { release: 'support-2', measures, state });
    expect(parsed(begun(stable, idle, release(4, 'other', { phase: 'Promoted' })))).toEqual(expected);
    const given = { release: 'support-2', ...blank };
    expect(begun(stable, other, release(4, record.revision, { phase: 'Superseded', gate: gate('{}', []) }, given, 'other'))).toEqual(given);
  });

  it('nothing of another digest is carried', () => {
    expect(begun(stable, release(2, 'another', { phase: 'Superseded', gate: gate('{"attempt":0}') }))).toBeUndefined();
  });
});

it('a retry is told of the last four attempts with what was measured in each, the one that it tries again included', () => {
  const finishedAt = '2026-11-21T10:00:00.000Z';
  const earlier = [1, 2, 3, 4].map((attempt) => ({ release: `attempt-${attempt}`, reason: 'ObjectiveFailed', message: 'too many errors', finishedAt }));
  const evidence = { since: finishedAt, missedScrapes: 0, stable: { requests: 9, bad: 0, latencyBuckets: [] }, canary: { requests: 7, bad: 5, latencyBuckets: [] } };
  const failed = release(2, record.revision, { phase: 'RolledBack', reason: 'ObjectiveFailed', message: 'too many errors', finishedAt, evidence, handledIntent: { verb: 'Retry', requestId: 'r', at: finishedAt, outcome: 'Accepted', message: '' } });
  const releases = [stable, { ...failed, spec: { ...failed.spec, earlier } }];
  const next = beginRelease({ agent: sampleAgent(), desired: { kind: 'Rendered', record }, releases } as unknown as AgentObservation, readLedger(releases));
  expect(next?.spec).toMatchObject({ cause: 'Retry', retryOf: 'support-2' });
  expect(next?.spec.earlier?.map((attempt) => attempt.release)).toEqual(['attempt-2', 'attempt-3', 'attempt-4', 'support-2']);
  expect(next?.spec.earlier?.at(-1)).toMatchObject({ reason: 'ObjectiveFailed', evidence: { canary: { requests: 7, bad: 5 } } });
});
