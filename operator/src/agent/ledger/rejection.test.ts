import type { HandledIntent, Release, ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { releaseIn } from '../../release/testing/observations.ts';
import { sampleAgent, sampleRecord } from '../../revision/testing/sample-agent.ts';
import { lapsedRetry, wantedRelease } from './rejection.ts';
import { readLedger } from './releases.ts';

const wanted = { ...sampleRecord(), revision: 'new' };

interface Told {
  readonly revision: string;
  readonly status: ReleaseStatus;
  readonly retryOf?: string;
}

function told(releases: readonly Told[]): Release[] {
  return releases.map(({ revision, status, retryOf }, index) => {
    const release = releaseIn(status);
    return { ...release, metadata: { ...release.metadata, name: `support-${index + 1}` }, spec: { ...release.spec, revision, ...(retryOf === undefined ? {} : { retryOf }) } };
  });
}

function answered(verb: HandledIntent['verb'], outcome: HandledIntent['outcome'] = 'Accepted'): Pick<ReleaseStatus, 'handledIntent'> {
  return { handledIntent: { verb, outcome, requestId: 'r1', at: '2026-11-21T10:00:00.000Z', message: '' } };
}

const old: Told = { revision: 'old', status: { phase: 'Promoted' } };
const failed: Told = { revision: 'new', status: { phase: 'RolledBack', reason: 'ObjectiveFailed' } };

it.each<readonly [string, readonly Told[], string | undefined]>([
  ['nothing was released yet', [], 'new SpecChanged'],
  ['another revision serves', [old], 'new SpecChanged'],
  ['it serves already', [{ revision: 'new', status: { phase: 'Promoted' } }], undefined],
  ['it was superseded, which is no verdict', [old, { revision: 'new', status: { phase: 'Superseded' } }], 'new SpecChanged'],
  ['it failed', [old, failed], undefined],
  ['it failed its evaluation', [old, { revision: 'new', status: { phase: 'RolledBack', reason: 'EvaluationFailed' } }], undefined],
  ['it was aborted', [old, { revision: 'new', status: { phase: 'Aborted' } }], undefined],
  ['it failed, and somebody asked for a retry', [old, { ...failed, status: { ...failed.status, ...answered('Retry') } }], 'new Retry'],
  ['it failed, and a retry was refused', [old, { ...failed, status: { ...failed.status, ...answered('Retry', 'Refused') } }], undefined],
  ['it was retried and failed again', [old, { ...failed, status: { ...failed.status, ...answered('Retry') } }, { ...failed, retryOf: 'support-2' }], undefined],
  ['its retry was superseded', [old, { ...failed, status: { ...failed.status, ...answered('Retry') } }, { revision: 'new', status: { phase: 'Superseded' }, retryOf: 'support-2' }], undefined],
  ['its retry was superseded, and somebody asked anew', [old, { ...failed, status: { ...failed.status, ...answered('Retry') } }, { revision: 'new', status: { phase: 'Superseded', reason: 'SpecChanged', finishedAt: '2026-11-21T09:00:00.000Z' }, retryOf: 'support-2' }], 'new Retry'],
  ['its retry began anew under other evaluations', [old, { ...failed, status: { ...failed.status, ...answered('Retry') } }, { revision: 'new', status: { phase: 'Superseded', reason: 'PlanChanged', finishedAt: '2026-11-21T11:00:00.000Z' }, retryOf: 'support-2' }], 'new Retry'],
  ['it failed, and what serves is taken back', [{ revision: 'older', status: { phase: 'Promoted' } }, { revision: 'old', status: { phase: 'Promoted', undoTo: 'older', ...answered('Undo') } }, failed], 'older Undo'],
  ['what serves is taken back before it is tried', [{ revision: 'older', status: { phase: 'Promoted' } }, { revision: 'old', status: { phase: 'Promoted', undoTo: 'older', ...answered('Undo') } }], 'older Undo'],
  ['it was taken back twice', [{ revision: 'older', status: { phase: 'Promoted' } }, { revision: 'new', status: { phase: 'Promoted', undoTo: 'old' } }, { revision: 'old', status: { phase: 'Promoted', undoTo: 'older' } }], 'older Undo'],
  ['it failed, and was promoted since', [old, failed, { revision: 'new', status: { phase: 'Promoted' } }, old], 'new SpecChanged'],
  ['it was promoted and is taken back', [old, { revision: 'new', status: { phase: 'Promoted', undoTo: 'old', ...answered('Undo') } }], 'old Undo'],
  ['it was taken back, and the other serves', [old, { revision: 'new', status: { phase: 'Promoted', undoTo: 'old' } }, { revision: 'old', status: { phase: 'Promoted' } }], undefined],
  ['it was taken back, and the other failed', [old, { revision: 'new', status: { phase: 'Promoted', undoTo: 'old' } }, { revision: 'old', status: { phase: 'RolledBack' } }], undefined],
  ['it was taken back, and so is the other by somebody who names it', [old, { revision: 'new', status: { phase: 'Promoted', undoTo: 'old' } }, { revision: 'old', status: { phase: 'Promoted', undoTo: 'new', ...answered('Undo') } }], 'new Undo'],
  ['it was brought back by name, and that was aborted', [old, { revision: 'new', status: { phase: 'Promoted', undoTo: 'old' } }, { revision: 'old', status: { phase: 'Promoted', undoTo: 'new' } }, { revision: 'new', status: { phase: 'Aborted' } }], undefined],
  ['its group took it back: that counts as a failure, whoever names it', [old, { revision: 'new', status: { phase: 'Promoted', undoTo: 'old', reason: 'GroupRolledBack' } }, { revision: 'old', status: { phase: 'Promoted', undoTo: 'new' } }], undefined],
  ['it was taken back for what is not kept any more', [old, { revision: 'new', status: { phase: 'Promoted', undoTo: 'gone' } }], undefined],
  ['it was taken back, and somebody asked for it again', [old, { revision: 'new', status: { phase: 'Promoted', undoTo: 'old', ...answered('Retry') } }, { revision: 'old', status: { phase: 'Promoted' } }], 'new Retry'],
])('%s', (_name, releases, expected) => {
  const records = new Map([['new', wanted], ['old', { ...wanted, revision: 'old' }], ['older', { ...wanted, revision: 'older' }]]);
  const next = wantedRelease({ agent: sampleAgent(), desired: { kind: 'Rendered', record: wanted }, records }, readLedger(told(releases)));
  expect(next === undefined ? undefined : `${next.revision} ${next.cause}`).toBe(expected);
});

it('what serves is taken back also while the inputs of the spec are missing', () => {
  const records = new Map([['old', { ...wanted, revision: 'old' }]]);
  const ledger = readLedger(told([old, { revision: 'new', status: { phase: 'Promoted', undoTo: 'old' } }]));
  expect(wantedRelease({ agent: sampleAgent(), desired: { kind: 'Unresolved', problem: { reason: 'PromptNotFound', message: '' } }, records }, ledger)).toEqual({ revision: 'old', cause: 'Undo' });
});

describe('a Retry that was accepted in the moment in which the spec turned to something else', () => {
  const asked: Told = { ...failed, status: { ...failed.status, ...answered('Retry') } };
  const rendered = (revision: string) => ({ kind: 'Rendered', record: { ...wanted, revision } }) as const;
  const missing = { kind: 'Unresolved', problem: { reason: 'PromptNotFound', message: 'there is no ConfigMap "prompts"' } } as const;
  const taken = { kind: 'Unresolved', problem: { reason: 'NameTaken', message: 'the Service is somebody else\'s' } } as const;

  it.each<readonly [string, Parameters<typeof lapsedRetry>[0]['desired'], readonly Told[], string | undefined]>([
    ['is not done when that is another revision', rendered('other'), [old, asked], 'before its release began the spec came to revision other, so it is not done: when the spec asks for revision new again, ask anew'],
    ['is not done when that is what serves', rendered('old'), [old, asked], 'the spec came to revision old'],
    ['is not done when that has begun', rendered('other'), [old, asked, { revision: 'other', status: { phase: 'Shifting' } }], 'the spec came to revision other'],
    ['is not done when nobody can tell', missing, [old, asked], 'the spec cannot be read any more (there is no ConfigMap "prompts")'],
    ['is done when it is the same', rendered('new'), [old, asked], undefined],
    ['waits for what says nothing about the spec', taken, [old, asked], undefined],
    ['is not told twice', rendered('other'), [old, { ...failed, status: { ...failed.status, ...answered('Retry', 'Refused') } }], undefined],
    ['has been done, and the spec turned then', rendered('other'), [old, asked, { revision: 'new', status: { phase: 'Superseded', reason: 'SpecChanged', finishedAt: '2026-11-21T11:00:00.000Z' }, retryOf: 'support-2' }], undefined],
    ['has been done, and failed', rendered('other'), [old, asked, { ...failed, retryOf: 'support-2' }], undefined],
    ['began anew under other evaluations, and then the spec turned', rendered('other'), [old, asked, { revision: 'new', status: { phase: 'Superseded', reason: 'PlanChanged' }, retryOf: 'support-2' }], 'the spec came to revision other'],
  ])('%s', (_name, desired, releases, says) => {
    const lapse = lapsedRetry({ agent: sampleAgent(), desired }, readLedger(told(releases)));
    expect(lapse?.release.metadata.name).toBe(says === undefined ? undefined : 'support-2');
    expect(lapse?.answer.message ?? '').toContain(says ?? '');
    if (says !== undefined) expect(lapse?.answer).toMatchObject({ verb: 'Retry', requestId: 'r1', outcome: 'Refused' });
  });

  it('is not done days later, when the spec turns back', () => {
    const all = told([old, asked]);
    const { answer } = lapsedRetry({ agent: sampleAgent(), desired: rendered('other') }, readLedger(all))!;
    const later = readLedger(all.map((release) => (release.metadata.name === 'support-2' ? { ...release, status: { ...release.status, handledIntent: answer } } : release)));
    expect(wantedRelease({ agent: sampleAgent(), desired: rendered('new'), records: new Map() }, later)).toBeUndefined();
  });
});
