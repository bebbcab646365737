import type { Release, ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { at, nowAt, promoted, releaseOf, rolledBack, shifting } from '../fixtures/views.ts';
import { colourPalette, plainPalette } from '../terminal/palette.ts';
import { historyOf } from './records.ts';
import { renderHistory } from './render.ts';

const options = { palette: plainPalette, now: nowAt(52) };

function rendered(...releases: Parameters<typeof historyOf>[0]): string[] {
  return renderHistory(historyOf(releases, options.now), options);
}

describe('the history of an agent', () => {
  it('has the newest release first, whatever the order they come in', () => {
    expect(rendered(promoted, shifting, rolledBack)).toEqual([
      'NAME       REVISION  VERDICT     NOW         REASON             BEGAN                 ACTIVE      STOOD  BY  MESSAGE',
      'support-3  r3        Shifting    on its way  EvaluationsPassed  2026-03-01T10:00:00Z  52s so far  -      -   Step 1 of 2: 25 % of the traffic for at least 15s',
      'support-2  r2        RolledBack  past        EvaluationFailed   2026-03-01T09:30:00Z  1m5s        -      -   golden: 2 of 3 cases passed',
      'support-1  r1        Promoted    serves      FirstRevision      2026-03-01T09:00:00Z  40s         -      -   The first revision serves',
    ]);
  });

  it('orders by number, not by text', () => {
    const lines = rendered(releaseOf(9, 'r9', {}), releaseOf(10, 'r10', {}));
    expect(lines.slice(1).map((line) => line.split(' ')[0])).toEqual(['support-10', 'support-9']);
  });

  it('says what is not known by a dash', () => {
    expect(rendered(releaseOf(1, 'r1', {}))[1]).toMatch(/^support-1 +r1 +Preparing +on its way +- +- +- so far +- +- +-$/);
  });

  it('paints the verdict', () => {
    expect(renderHistory(historyOf([rolledBack], options.now), { ...options, palette: colourPalette })[1]).toContain('\u001b[31mRolledBack\u001b[39m');
  });

  it('tells time that passed from time that counts, and who asked for what', () => {
    const release = releaseOf(4, 'r4', {
      phase: 'Aborted', completion: 'Aborted', reason: 'Aborted', startedAt: at(-100), finishedAt: at(0),
      durations: { pausedMilliseconds: 30_000, heldMilliseconds: 20_000, totalMilliseconds: 100_000, activeMilliseconds: 50_000 },
      transitions: [
        { phase: 'Preparing', at: at(-100), reason: 'ReleaseStarted', message: '' },
        { phase: 'Paused', at: at(-60), reason: 'Paused', message: '', by: 'jane' },
        { phase: 'RollingBack', at: at(-10), reason: 'Aborted', message: '', by: 'joe' },
      ],
    });
    expect(rendered(release)[1]).toMatch(/Aborted +past +Aborted +\S+ +50s +50s +jane \(Paused\), joe \(Aborted\)/);
  });

  it('marks the one that serves among several that were promoted', () => {
    const again = releaseOf(3, 'r3', { phase: 'Promoted' });
    const undone = releaseOf(4, 'r4', { phase: 'Promoted', undoTo: 'r3' });
    const back = releaseOf(5, 'r3', { phase: 'Promoted' });
    const roles = historyOf([promoted, again, undone, back], options.now).map(({ release, verdict, role }) => [release, verdict, role]);
    expect(roles).toEqual([['support-5', 'Promoted', 'Serving'], ['support-4', 'Undone', 'Past'], ['support-3', 'Promoted', 'Past'], ['support-1', 'Promoted', 'Past']]);
  });

  it('counts a pause that lasts', () => {
    const [paused] = historyOf([releaseOf(4, 'r4', { phase: 'Paused', startedAt: at(0), stop: { phase: 'Shifting', since: at(12) } })], options.now);
    expect(paused).toMatchObject({ state: 'Underway', activeMilliseconds: 12_000, stoodMilliseconds: 40_000 });
  });

  it('says of a release that somebody asked for who that was, and not of the one that failed before', () => {
    const asked = (verb: 'Undo' | 'Retry', by: string) => ({ verb, requestId: 'a', by, at: at(0), outcome: 'Accepted', message: '' }) as const;
    const begun = (number: number, revision: string, spec: Partial<Release['spec']>, status: ReleaseStatus = { phase: 'Promoted' }): Release => {
      const release = releaseOf(number, revision, status);
      return { ...release, spec: { ...release.spec, ...spec } };
    };
    const failed = { ...rolledBack.status, handledIntent: asked('Retry', 'jane') };
    const by = historyOf([
      promoted, begun(2, 'r2', {}, failed), begun(3, 'r2', { cause: 'Retry', retryOf: 'support-2' }, { phase: 'RolledBack' }), begun(4, 'r2', { cause: 'Retry', retryOf: 'support-2' }),
      begun(5, 'r5', {}, { phase: 'Promoted', undoTo: 'r2', handledIntent: asked('Undo', 'joe') }), begun(6, 'r2', { cause: 'Undo' }),
    ], options.now).map((record) => [record.release, record.by]);
    expect(by).toEqual([
      ['support-6', [{ user: 'joe', did: 'Undo' }]], ['support-5', [{ user: 'joe', did: 'Undo' }]], ['support-4', [{ user: 'jane', did: 'Retry' }]],
      ['support-3', []], ['support-2', []], ['support-1', []],
    ]);
  });

  it('names a promoted release that was taken back, and who asked for it or for another try', () => {
    const handled = (verb: 'Undo' | 'Retry', outcome: 'Accepted' | 'Refused') => ({ verb, requestId: 'a', by: 'jane', at: at(0), outcome, message: '' }) as const;
    const [refused, retried, undone] = historyOf(
      [
        releaseOf(1, 'r1', { ...promoted.status, undoTo: 'r0', handledIntent: handled('Undo', 'Accepted') }),
        releaseOf(2, 'r2', { ...rolledBack.status, handledIntent: handled('Retry', 'Accepted') }),
        releaseOf(3, 'r3', { ...rolledBack.status, handledIntent: handled('Retry', 'Refused') }),
      ],
      options.now,
    );
    expect(undone).toMatchObject({ verdict: 'Undone', reason: 'Undone', by: [{ user: 'jane', did: 'Undo' }] });
    expect(historyOf([releaseOf(1, 'r1', { ...promoted.status, reason: 'GroupRolledBack', undoTo: 'r0' })], options.now)[0]).toMatchObject({ verdict: 'Undone', reason: 'GroupRolledBack' });
    expect(retried).toMatchObject({ verdict: 'RolledBack', by: [{ user: 'jane', did: 'Retry' }] });
    expect(refused?.by).toEqual([]);
  });
});
