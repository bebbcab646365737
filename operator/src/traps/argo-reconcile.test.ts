import type { Intent, Release, ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { noticesOf } from '../agent/status/notices.ts';
import { advance } from '../release/machine.ts';
import { evidence, observed, releaseIn, startedAt, twoSteps } from '../release/testing/observations.ts';

const at = (ms: number): string => new Date(startedAt + ms).toISOString();
const canary = { revision: 'new', replicas: 1, ready: 1 };
const inStep: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 20, stepStartedAt: at(0), evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };

function asked(status: ReleaseStatus, intent: Partial<Intent>): Release {
  const release = releaseIn(status);
  return { ...release, spec: { ...release.spec, intent: { verb: 'Promote', revision: 'new', requestId: 'r1', ...intent } } };
}

describe('3.2 Argo Rollouts: order of a reconcile, people\'s intents', () => {
  it('a promote for revision N cannot hit revision N+1', () => {
    const next = advance(observed(inStep, { canary, release: asked(inStep, { verb: 'PromoteFull', revision: 'old-canary' }) })).status;
    expect(next).toMatchObject({ phase: 'Shifting', weight: 20, handledIntent: { outcome: 'Refused' } });
  });

  it('a concurrent un-pause is not overwritten: people write spec.intent, the operator writes status', () => {
    const paused: ReleaseStatus = { ...inStep, phase: 'Paused', stop: { phase: 'Shifting', since: at(0) }, handledIntent: { verb: 'Pause', requestId: 'r1', at: at(0), outcome: 'Accepted', message: '' } };
    // The operator wrote its status last; the wish is still there, in a place that it never writes.
    expect(advance(observed(paused, { canary, release: asked(paused, { verb: 'Resume', requestId: 'r2' }) })).status.phase).toBe('Shifting');
  });

  it('un-pausing is said, never inferred from a field that is gone', () => {
    const paused: ReleaseStatus = { ...inStep, phase: 'Paused', stop: { phase: 'Shifting', since: at(0) } };
    const { spec: { intent: _gone, ...spec }, ...release } = asked(paused, {});
    expect(advance(observed(paused, { canary, release: { ...release, spec } })).status.phase).toBe('Paused');
  });

  it('two steps in a row are not promoted by one promote', () => {
    const passing = { canary: { revision: 'new', replicas: 4, ready: 4 }, now: startedAt + 10_000, evidence: evidence(startedAt + 10_000, { requests: 900, bad: 0 }) };
    const first = advance(observed(inStep, { ...passing, release: asked(inStep, {}) })).status;
    expect(first).toMatchObject({ step: 1, weight: 50, handledIntent: { requestId: 'r1' } });
    expect(advance(observed(first, { ...passing, release: asked(first, {}) })).status).toMatchObject({ phase: 'Shifting', step: 1, weight: 50 });
  });

  it('abort beats pause, and its time is kept instead of being written anew in a hot loop', () => {
    const paused: ReleaseStatus = { ...inStep, phase: 'Paused', stop: { phase: 'Shifting', since: at(0) } };
    const aborted = advance(observed(paused, { canary, release: asked(paused, { verb: 'Abort' }) })).status;
    expect(aborted).toMatchObject({ phase: 'RollingBack', phaseStartedAt: at(1_000) });
    expect(advance(observed(aborted, { canary, release: asked(aborted, { verb: 'Abort' }), now: startedAt + 60_000 })).status).toEqual(aborted);
  });

  it('events are told of what was stored: the same decision again tells nothing', () => {
    const release = releaseIn(inStep);
    const { status } = advance(observed(inStep, { canary, now: startedAt + 10_000, evidence: evidence(startedAt + 10_000, { requests: 40, bad: 20 }) }));
    expect(noticesOf(release, status).map(({ reason }) => reason)).toEqual(['ReleaseRollingBack']);
    expect(noticesOf({ ...release, status }, status)).toEqual([]);
  });

  it('changed steps do not reset the release (AR restarts on any change of steps)', () => {
    const edited = { ...twoSteps, steps: [{ weight: 20, duration: '10m' }, { weight: 80, duration: '1m' }] };
    expect(advance(observed(inStep, { canary, rollout: edited })).status).toMatchObject({ phase: 'Shifting', step: 0, stepStartedAt: at(0) });
  });
});
