import type { Release, ReleasePhase, ReleaseStatus } from '@sluice/crds';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTerminal } from '../../release/decision.ts';
import { releaseIn } from '../../release/testing/observations.ts';
import { sampleAgent, sampleRecord } from '../../revision/testing/sample-agent.ts';
import { expireHistory } from './history.ts';
import type { AgentObservation, RevisionState } from '../observation.ts';
import { expireReleases, readLedger, rejectionOf, returnableRevisions } from './releases.ts';

type Told = readonly [revision: string, phase: ReleasePhase, undoTo?: string];

interface Kept {
  readonly releases: readonly string[];
  readonly records: readonly string[];
}

interface Situation {
  readonly told: readonly Told[];
  readonly wanted: string | undefined;
  readonly historyLimit: number;
  /** Revisions with pods. */
  readonly running?: readonly string[];
  /** Revisions with pods that have lost their Deployment. */
  readonly withPodsOnly?: readonly string[];
  /** Revisions of which there is a copy of a ConfigMap and no record. */
  readonly copiesOnly?: readonly string[];
}

const record = sampleRecord();
const named = (revision: string) => ({ ...record, revision });

function releasesOf(told: readonly Told[]): Release[] {
  return told.map(([revision, phase, undoTo], index) => {
    const status: ReleaseStatus = { phase, ...(undoTo === undefined ? {} : { undoTo }) };
    const release = releaseIn(status);
    return { ...release, metadata: { ...release.metadata, name: `support-${index + 1}` }, spec: { ...release.spec, revision } };
  });
}

/** What is left after the plan is written. */
function collect({ told, wanted, historyLimit, running = [], withPodsOnly = [], copiesOnly = [] }: Situation): Kept {
  const releases = releasesOf(told);
  const stored = new Set([...told.map(([revision]) => revision), ...running, ...withPodsOnly, ...(wanted === undefined ? [] : [wanted])]);
  const rollout = { maxDuration: '1h', progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart' as const, historyLimit };
  const observation: Partial<AgentObservation> = {
    agent: sampleAgent({ spec: { rollout } }),
    desired: wanted === undefined ? { kind: 'Unresolved', problem: { reason: 'ReferenceNotFound', message: 'missing' } } : { kind: 'Rendered', record: named(wanted) },
    records: new Map([...stored].map((revision) => [revision, named(revision)])),
    pinned: { revisions: new Set([...stored, ...copiesOnly]), lostRecords: [], missing: [] },
    revisions: new Map(running.map((revision) => [revision, {} as RevisionState])),
    standing: new Map(withPodsOnly.map((revision) => [revision, { pods: 1, ready: 1 }])),
  };
  const { expiredReleases, expiredRecords } = expireHistory(observation as AgentObservation, readLedger(releases));
  return {
    releases: releases.filter((release) => !expiredReleases.includes(release)).map(({ spec }) => spec.revision),
    records: [...stored, ...copiesOnly].filter((revision) => !expiredRecords.includes(revision)),
  };
}

describe('garbage collection keeps', () => {
  it.each<[string, Situation, readonly string[]]>([
    ['what serves, under whatever failed since', { told: [['a', 'Promoted'], ['b', 'RolledBack'], ['c', 'RolledBack'], ['d', 'Aborted']], wanted: 'd', historyLimit: 1 }, ['a', 'd']],
    ['what one can go back to', { told: [['a', 'Promoted'], ['b', 'Promoted'], ['c', 'RolledBack'], ['d', 'RolledBack']], wanted: 'd', historyLimit: 1 }, ['a', 'b', 'd']],
    ['the one to go back to, not one before it that was undone', { told: [['a', 'Promoted'], ['b', 'Promoted', 'a'], ['c', 'Promoted']], wanted: 'c', historyLimit: 1 }, ['a', 'c']],
    ['what an undo leads to, before its release exists', { told: [['a', 'Promoted'], ['x', 'Promoted'], ['b', 'Promoted', 'a']], wanted: 'b', historyLimit: 1 }, ['a', 'x', 'b']],
    ['the one on its way', { told: [['a', 'Promoted'], ['b', 'Shifting']], wanted: 'b', historyLimit: 1 }, ['a', 'b']],
    ['what is retried, and what stands against it', { told: [['a', 'Promoted'], ['b', 'RolledBack'], ['b', 'Evaluating']], wanted: 'b', historyLimit: 1 }, ['a', 'b']],
    ['every promoted release within the limit', { told: [['a', 'Promoted'], ['b', 'Promoted'], ['c', 'Promoted']], wanted: 'c', historyLimit: 3 }, ['a', 'b', 'c']],
    ['what has pods, with no release left', { told: [['a', 'Promoted']], wanted: 'a', historyLimit: 1, running: ['z'] }, ['a', 'z']],
    ['what has pods and no Deployment, with no release left', { told: [['a', 'Promoted']], wanted: 'a', historyLimit: 1, withPodsOnly: ['z'] }, ['a', 'z']],
    ['what is wanted and has no release yet', { told: [['a', 'Promoted']], wanted: 'b', historyLimit: 1 }, ['a', 'b']],
    ['everything while nobody knows what is wanted', { told: [['a', 'Promoted'], ['b', 'RolledBack'], ['c', 'RolledBack'], ['d', 'RolledBack']], wanted: undefined, historyLimit: 1 }, ['a', 'b', 'c', 'd']],
    ['no copies that a crash left without a record', { told: [['a', 'Promoted']], wanted: 'a', historyLimit: 1, copiesOnly: ['z'] }, ['a']],
  ])('%s', (_, situation, records) => {
    expect(collect(situation).records.toSorted()).toEqual(records.toSorted());
  });
});

it.each<[string, readonly Told[], readonly string[]]>([
  ['before its release exists', [['a', 'Promoted'], ['x', 'Promoted'], ['b', 'Promoted', 'a']], ['a', 'x', 'b']],
  ['while its release is on its way', [['a', 'Promoted'], ['x', 'Promoted'], ['b', 'Promoted', 'a'], ['a', 'Promoting']], ['a', 'x', 'b', 'a']],
])('a shorter history does not forget that what an undo leads to was promoted: it would have to prove itself anew (%s)', (_when, told, kept) => {
  expect(collect({ told, wanted: 'b', historyLimit: 1 }).releases).toEqual(kept);
});

it('the last 50 failed revisions are remembered beyond the history, and no more: the one that failed longest ago is tried again', () => {
  const told: readonly Told[] = [['a', 'Promoted'], ...Array.from({ length: 60 }, (_, index): Told => [`r${index}`, 'RolledBack']), ['z', 'Shifting']];
  const { releases, records } = collect({ told, wanted: 'z', historyLimit: 1 });
  expect(releases.filter((revision) => revision.startsWith('r'))).toEqual(Array.from({ length: 50 }, (_, index) => `r${index + 10}`));
  expect(records.filter((revision) => revision.startsWith('r')), 'their records are not').toEqual(['r59']);
});

describe('what gates have counted of a revision', () => {
  const counted = (revision: string, phase: ReleasePhase, index: number): Release => {
    const release = releaseIn({ phase, gate: { policy: {}, measures: [], from: '', state: '{}', log: [], startedAt: '2026-11-21T10:00:00.000Z' } });
    return { ...release, metadata: { ...release.metadata, name: `support-${index + 1}` }, spec: { ...release.spec, revision } };
  };
  const keptOf = (releases: readonly Release[]): string[] => {
    const { expired } = expireReleases(readLedger(releases), { historyLimit: 1, records: { has: () => true } });
    return releases.filter((release) => !expired.includes(release)).map(({ spec, status }) => `${spec.revision} ${status?.phase}`);
  };
  const plain = (revision: string, phase: ReleasePhase, index: number): Release => ({ ...counted(revision, phase, index), status: { phase } });

  it('is kept though other specs came in between, however short the history: it is carried on when that is asked for again', () => {
    const releases = [plain('a', 'Promoted', 0), counted('b', 'Superseded', 1), plain('c', 'Superseded', 2), plain('d', 'Shifting', 3)];
    expect(keptOf(releases)).toEqual(['a Promoted', 'b Superseded', 'c Superseded', 'd Shifting']);
    expect(keptOf([...releases, plain('e', 'Superseded', 4), plain('f', 'Shifting', 5)])).toEqual(['a Promoted', 'b Superseded', 'd Shifting', 'e Superseded', 'f Shifting']);
  });

  it('also where a later attempt only hands on what it was given', () => {
    const idle = plain('b', 'Superseded', 1);
    const handing = { ...idle, spec: { ...idle.spec, carried: { release: 'support-0', measures: [], state: '{}' } } };
    expect(keptOf([plain('a', 'Promoted', 0), handing, plain('c', 'Superseded', 2), plain('d', 'Superseded', 3), plain('e', 'Shifting', 4)])).toContain('b Superseded');
  });

  it('is kept in the latest attempt alone, which was given that of the ones before', () => {
    expect(keptOf([plain('a', 'Promoted', 0), counted('b', 'Superseded', 1), counted('b', 'Superseded', 2), plain('c', 'Shifting', 3)])).toEqual(['a Promoted', 'b Superseded', 'c Shifting']);
  });

  it('does not forget the release that a Retry began: the wish would be done a second time', () => {
    const asked = { verb: 'Retry', outcome: 'Accepted', requestId: 'r1', at: '2026-11-21T10:00:00.000Z', message: '' } as const;
    const [rejected, retry] = [plain('b', 'RolledBack', 1), plain('b', 'Superseded', 2)];
    const releases = [plain('a', 'Promoted', 0), { ...rejected, status: { ...rejected.status, handledIntent: asked } }, { ...retry, spec: { ...retry.spec, retryOf: 'support-2' } }, plain('c', 'Superseded', 3), plain('d', 'Shifting', 4)];
    expect(keptOf(releases)).toEqual(['a Promoted', 'b RolledBack', 'b Superseded', 'c Superseded', 'd Shifting']);
  });

  it('is forgotten once the revision was promoted, and beyond twenty', () => {
    expect(keptOf([plain('a', 'Promoted', 0), counted('b', 'Superseded', 1), plain('b', 'Promoted', 2), plain('c', 'Promoted', 3), plain('d', 'Promoted', 4)])).not.toContain('b Superseded');
    const many = [plain('a', 'Promoted', 0), ...Array.from({ length: 30 }, (_, index) => counted(`r${index}`, 'Superseded', index + 1)), plain('z', 'Shifting', 31)];
    expect(keptOf(many)).toHaveLength(1 + 20 + 1 + 1);
  });
});

describe('over all histories, garbage collection', { timeout: 120_000 }, () => {
  const finished = fc.constantFrom<ReleasePhase>('Promoted', 'RolledBack', 'Aborted', 'Superseded');
  const revision = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const ended = fc.tuple(revision, finished).map(([name, phase]): Told => [name, phase]);
  const active = fc.option(fc.tuple(revision, fc.constantFrom<ReleasePhase>('Evaluating', 'Shifting', 'Held', 'RollingBack')).map(([name, phase]): Told => [name, phase]), { nil: undefined });
  const situation = fc.record({
    told: fc.tuple(fc.array(ended, { maxLength: 14 }), active).map(([all, last]) => (last === undefined ? all : [...all, last])),
    wanted: fc.option(revision, { nil: undefined }), historyLimit: fc.integer({ min: 1, max: 6 }), running: fc.uniqueArray(fc.constantFrom('a', 'b', 'y', 'z'), { maxLength: 3 }),
  });

  it('never takes what serves or what a rollback, an undo or a retry needs, and bounds the rest', () => {
    fc.assert(fc.property(situation, (found) => {
      const releases = releasesOf(found.told);
      const before = readLedger(releases);
      const kept = collect(found);
      const present = { has: () => true };
      const [back] = returnableRevisions(before, present);
      for (const needed of [before.stableRevision, back, before.active?.spec.revision, before.latest?.spec.revision, found.wanted, ...found.running]) {
        if (needed !== undefined) expect(kept.records).toContain(needed);
      }
      for (const needed of [before.serving, before.active, before.latest]) if (needed !== undefined) expect(kept.releases).toContain(needed.spec.revision);
      expect(kept.releases.length).toBeLessThanOrEqual(found.historyLimit + 4 + new Set(releases.map(({ spec }) => spec.revision)).size + releases.filter(({ status }) => !isTerminal(status?.phase)).length);
    }), { numRuns: 500 });
  });

  it('changes neither what serves, nor what one can go back to, nor what is rejected', () => {
    fc.assert(fc.property(situation, (found) => {
      const before = readLedger(releasesOf(found.told));
      const after = readLedger(before.all.filter(({ metadata }) => keptNames(found).has(metadata.name)));
      expect(after.stableRevision).toBe(before.stableRevision);
      expect(returnableRevisions(after, { has: () => true })[0]).toBe(returnableRevisions(before, { has: () => true })[0]);
      for (const { spec } of before.all) expect(rejectionOf(spec.revision, after)?.metadata.name, 'what failed is not forgotten').toBe(rejectionOf(spec.revision, before)?.metadata.name);
    }), { numRuns: 500 });
  });
});

function keptNames({ told, wanted, historyLimit }: Situation): ReadonlySet<string> {
  const releases = releasesOf(told);
  const rollout = { maxDuration: '1h', progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart' as const, historyLimit };
  const desired = wanted === undefined ? { kind: 'Unresolved' } : { kind: 'Rendered', record: named(wanted) };
  const records = new Map(told.map(([revision]) => [revision, named(revision)]));
  const { expiredReleases } = expireHistory({ agent: sampleAgent({ spec: { rollout } }), desired, records, revisions: new Map(), standing: new Map() } as unknown as AgentObservation, readLedger(releases));
  return new Set(releases.filter((release) => !expiredReleases.includes(release)).map(({ metadata }) => metadata.name));
}
