import type { Release, ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { releaseIn } from '../../release/testing/observations.ts';
import { sampleAgent, sampleRecord } from '../../revision/testing/sample-agent.ts';
import { agentDigestOf } from './agent-digest.ts';
import { standingRejection, wantedRelease } from './rejection.ts';
import { expireReleases, readLedger } from './releases.ts';

/** `<spec.agent>/<other inputs>`: what a revision is made of. */
type Made = `${'one' | 'two' | 'three'}/${string}`;

interface Told extends ReleaseStatus {
  readonly of: Made;
  /** Begun by an operator that did not know the field. */
  readonly begun?: 'WithoutDigest';
  readonly retryOf?: string;
}

function agentOf(made: Made) {
  return sampleAgent({ agent: { prompt: { inline: made.split('/')[0] ?? '' } } });
}

function releaseOf({ of, begun, retryOf, ...status }: Told, index: number): Release {
  const { metadata, spec, ...rest } = releaseIn(status);
  const digest = begun === undefined ? { agentDigest: agentDigestOf(agentOf(of), sampleRecord()) } : {};
  return { ...rest, metadata: { ...metadata, name: `support-${index + 1}` }, spec: { ...spec, revision: of, ...digest, ...(retryOf === undefined ? {} : { retryOf }) } };
}

/** What is begun, or because of which release nothing is, when the spec comes to this after these releases. */
function then(told: readonly Told[], asks: Made): string | undefined {
  const records = new Map(told.map(({ of }) => [of, { ...sampleRecord(), revision: of }]));
  const observation = { agent: agentOf(asks), desired: { kind: 'Rendered' as const, record: { ...sampleRecord(), revision: asks } }, records };
  const ledger = readLedger(told.map(releaseOf));
  const wanted = wantedRelease(observation, ledger);
  return wanted === undefined ? standingRejection(observation, ledger)?.metadata.name : `${wanted.revision} ${wanted.cause}`;
}

const promoted = (of: Made, more: Partial<Told> = {}): Told => ({ of, phase: 'Promoted', ...more });
const failed = (of: Made, more: Partial<Told> = {}): Told => ({ of, phase: 'RolledBack', reason: 'ObjectiveFailed', ...more });
const aborted = (of: Made, more: Partial<Told> = {}): Told => ({ of, phase: 'Aborted', reason: 'Aborted', ...more });
/** With the release that brought the other back. */
const undone = (of: Made, to: Made, more: Partial<Told> = {}): Told[] => [promoted(of, { undoTo: to, ...more }), promoted(to, more.begun === undefined ? {} : { begun: more.begun })];
const asked = { handledIntent: { verb: 'Retry', outcome: 'Accepted', requestId: 'r', at: '2026-11-22T10:00:00.000Z', message: '' } } as const;
const begun = 'WithoutDigest';

describe('docs/releases.md, "What is not tried again": by revision what failed, by spec.agent what a person took back', () => {
  it.each<[string, readonly Told[], Made, string | undefined]>([
    ['what failed waits', [promoted('one/a'), failed('two/a')], 'two/a', 'support-2'],
    ['other inputs may cure what failed', [promoted('one/a'), failed('two/a')], 'two/b', 'two/b SpecChanged'],
    ['what failed because others of its group did', [promoted('one/a'), failed('two/a', { reason: 'GroupRolledBack' })], 'two/b', 'two/b SpecChanged'],
    ['what was aborted waits', [promoted('one/a'), aborted('two/a')], 'two/a', 'support-2'],
    ['other inputs do not bring back what was aborted', [promoted('one/a'), aborted('two/a')], 'two/b', 'support-2'],
    ['other inputs do not bring back what was undone', [promoted('one/a'), ...undone('two/a', 'one/a')], 'two/b', 'support-2'],
    ['not before its undo is done either', [promoted('one/a'), promoted('two/a', { undoTo: 'gone/a' })], 'two/b', 'support-2'],
    ['nor the same that was promoted with other inputs before', [promoted('one/a'), promoted('two/a'), ...undone('two/b', 'one/a')], 'two/a', 'support-3'],
    ['another spec.agent is released', [promoted('one/a'), ...undone('two/a', 'one/a')], 'three/a', 'three/a SpecChanged'],
    ['and the one that was undone still waits after it', [promoted('one/a'), ...undone('two/a', 'one/a'), promoted('three/a')], 'two/b', 'support-2'],
    ['back to what serves needs nothing', [promoted('one/a'), ...undone('two/a', 'one/a')], 'one/a', undefined],
    ['what serves is released with other inputs', [promoted('one/a'), ...undone('two/a', 'one/a')], 'one/b', 'one/b SpecChanged'],
    ['inputs that were undone wait', [promoted('one/a'), ...undone('one/b', 'one/a')], 'one/b', 'support-2'],
    ['inputs that were undone and are mended are released', [promoted('one/a'), ...undone('one/b', 'one/a')], 'one/c', 'one/c SpecChanged'],
    ['inputs that were aborted and are mended are released', [promoted('one/a'), aborted('one/b')], 'one/c', 'one/c SpecChanged'],
    ['what its group took back is not what a person took back', [promoted('one/a'), ...undone('two/a', 'one/a', { reason: 'GroupRolledBack' })], 'two/b', 'two/b SpecChanged'],
    ['what was aborted where nothing serves', [aborted('one/a')], 'one/b', 'support-1'],
    ['somebody asks: with the inputs of today', [promoted('one/a'), aborted('two/a', asked)], 'two/b', 'two/b Retry'],
    ['somebody asked once', [promoted('one/a'), aborted('two/a', asked), { of: 'two/b', phase: 'Superseded', retryOf: 'support-2', finishedAt: '2026-11-22T11:00:00.000Z' }], 'two/c', 'support-2'],
    ['somebody asked, and it failed: other inputs may be the cure', [promoted('one/a'), aborted('two/a', asked), failed('two/b', { retryOf: 'support-2' })], 'two/c', 'two/c SpecChanged'],
    ['somebody asked, and it was aborted again', [promoted('one/a'), aborted('two/a', asked), aborted('two/b', { retryOf: 'support-2' })], 'two/c', 'support-3'],
    ['somebody asked, and it was promoted, and another spec since', [promoted('one/a'), aborted('two/a', asked), promoted('two/b', { retryOf: 'support-2' }), promoted('one/a')], 'two/c', 'two/c SpecChanged'],
    ['a release without the field is remembered by its revision', [promoted('one/a'), ...undone('two/a', 'one/a', { begun })], 'two/a', 'support-2'],
    ['and by that alone', [promoted('one/a', { begun }), ...undone('two/a', 'one/a', { begun })], 'two/b', 'two/b SpecChanged'],
    ['what serves without the field may be another spec.agent', [promoted('one/a', { begun }), aborted('one/b')], 'one/c', 'support-2'],
    ['but not where it is the very revision', [promoted('one/a', { begun }), aborted('one/b')], 'one/a', undefined],
  ])('%s', (_rule, told, asks, expected) => {
    expect(then(told, asks)).toBe(expected);
  });
});

it('what stands against a spec.agent is kept however short the history is', () => {
  const told = [promoted('one/a'), ...undone('two/a', 'one/a'), promoted('two/a'), ...['b', 'c', 'd'].map((inputs) => promoted(`three/${inputs}`))];
  const stale = readLedger(told.slice(0, 3).concat(told.slice(4)).map(releaseOf));
  const { expired } = expireReleases(stale, { historyLimit: 1, records: { has: () => true } });
  expect(expired.map(({ spec }) => spec.revision)).not.toContain('two/a');
});
