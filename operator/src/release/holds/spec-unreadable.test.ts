import type { ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { advance } from '../machine.ts';
import type { ReleaseObservation } from '../observation.ts';
import { countedFrom, crashed } from '../testing/crashes.ts';
import { evidence, observed, releaseIn, startedAt } from '../testing/observations.ts';
import { specUnreadable } from './spec-unreadable.ts';

const minute = 60_000;
const at = (ms: number): string => new Date(startedAt + ms).toISOString();
const message = 'Nobody can tell whether the spec still asks for revision new, so it gets no more traffic and is not promoted: spec.agent.prompt: there is no ConfigMap "prompts"';
const hindrances = [{ reason: 'SpecUnreadable', message }] as const;
const whole = { revision: 'new', replicas: 4, ready: 4 };
const inStep: ReleaseStatus = { phase: 'Shifting', step: 1, weight: 50, stepStartedAt: at(0), evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };
const promoting: ReleaseStatus = { phase: 'Promoting', weight: 100, phaseStartedAt: at(0), transitions: [{ phase: 'Promoting', at: at(0), reason: 'AllStepsPassed', message: '' }] };

function look(status: ReleaseStatus, changes: Partial<ReleaseObservation> = {}): ReleaseStatus {
  return advance(observed(status, { canary: whole, hindrances, ...changes })).status;
}

describe('a spec that cannot be read', () => {
  it.each([
    ['ProviderNotFound', 'holds'], ['PromptNotFound', 'holds'], ['ReferenceNotFound', 'holds'], ['InvalidBundle', 'holds'],
    ['NameTaken', 'says nothing about the revision'], ['NameNotFree', 'says nothing about the revision'], ['AdoptionRefused', 'says nothing about the revision'],
  ])('%s %s', (reason, what) => {
    const found = specUnreadable({ kind: 'Unresolved', problem: { reason, message: 'spec.agent.prompt: there is no ConfigMap "prompts"' } }, releaseIn({}));
    expect(found).toEqual(what === 'holds' ? { reason: 'SpecUnreadable', message } : undefined);
  });

  it('one that can be read holds nothing', () => {
    expect(specUnreadable({ kind: 'Rendered' }, releaseIn({}))).toBeUndefined();
  });
});

describe('a release whose spec cannot be read', () => {
  const passed = (now: number) => evidence(now, { requests: 900, bad: 0 });

  it('keeps its weight at the end of its last step, where it would have been promoted', () => {
    const now = startedAt + 10 * minute;
    expect(look(inStep, { now, evidence: passed(now), hindrances: [] })).toMatchObject({ phase: 'Promoted', weight: 100 });
    expect(look(inStep, { now, evidence: passed(now) })).toMatchObject({ phase: 'Held', reason: 'SpecUnreadable', weight: 50, message, stop: { phase: 'Shifting', reason: 'SpecUnreadable' } });
  });

  it('goes on where it stood once the spec asks for it again, with what was counted meanwhile', () => {
    const held = look(inStep);
    const now = startedAt + 30 * minute;
    const over = look(held, { now, evidence: evidence(now, { requests: 20, bad: 0 }), hindrances: [] });
    expect(over).toMatchObject({ phase: 'Shifting', step: 1, weight: 50, durations: { heldMilliseconds: 30 * minute - 1_000 } });
    expect(over.transitions?.find(({ reason }) => reason === 'GoesOn')?.message).toContain('The spec can be read again, and asks for this revision');
    expect(over.evidence, 'the requests were those of the revision').toMatchObject({ since: at(0), canary: { requests: 20 } });
  });

  it('ends as soon as the spec is known to ask for another', () => {
    expect(look(look(inStep), { hindrances: [], superseded: { reason: 'SpecChanged', revision: 'newer' } })).toMatchObject({ phase: 'Superseded', weight: 0 });
  });

  it('is rolled back where it fails or crashes meanwhile', () => {
    const held = look(inStep);
    const now = startedAt + 10_000;
    expect(look(held, { now, evidence: evidence(now, { requests: 40, bad: 20 }) })).toMatchObject({ phase: 'RollingBack', reason: 'ObjectiveFailed', weight: 0 });
    expect(look({ ...held, crashes: countedFrom({ canary: 0 }) }, { ...crashed({ canary: 3 }), now })).toMatchObject({ phase: 'RollingBack', reason: 'PodsCrash' });
  });

  it('is rolled back after holdLimit: nobody came back for it', () => {
    const held = look(inStep);
    expect(look(held, { now: startedAt + 60 * minute }).phase, 'and maxDuration does not count').toBe('Held');
    expect(look(held, { now: startedAt + 62 * minute })).toMatchObject({ phase: 'RollingBack', reason: 'HoldLimitExceeded' });
  });

  it('with all the traffic already is not promoted, and keeps it', () => {
    expect(look(promoting, { hindrances: [] }).phase).toBe('Promoted');
    const standing = look(promoting);
    expect(standing).toMatchObject({ phase: 'Promoting', reason: 'SpecUnreadable', weight: 100, message });
    expect(look(standing, { now: startedAt + 2 * minute }).transitions, 'which is told once').toEqual(standing.transitions);
    expect(look(standing, { now: startedAt + 62 * minute })).toMatchObject({ phase: 'RollingBack', reason: 'HoldLimitExceeded' });
    expect(look(standing, { hindrances: [] })).toMatchObject({ phase: 'Promoted', completion: 'Promoted' });
    const [, ...others] = standing.transitions ?? [];
    const served = { ...standing, transitions: [{ phase: 'Promoting', at: at(0), reason: 'ServesAlready', message: '' } as const, ...others] };
    expect(look(served, { hindrances: [] }).completion, 'as it would have been').toBe('FastPromoted');
    const first = { ...releaseIn(promoting), spec: { agentName: 'support', revision: 'new' } };
    const { stable: _none, ...alone } = observed(promoting, { release: first, canary: whole, hindrances, now: startedAt + 600 * minute });
    expect(advance(alone).status.phase, 'there is nothing to go back to').toBe('Promoting');
  });

  it('with all the traffic is given its holdLimit from when it could have been promoted: how long its pods took says nothing about the spec', () => {
    const late = look(promoting, { now: startedAt + 90 * minute });
    expect(late).toMatchObject({ phase: 'Promoting', weight: 100, message, phaseStartedAt: at(90 * minute) });
    expect(look(late, { now: startedAt + 91 * minute, hindrances: [] }).phase).toBe('Promoted');
    expect(look(late, { now: startedAt + 150 * minute })).toMatchObject({ phase: 'RollingBack', reason: 'HoldLimitExceeded' });
  });

  it('with all the traffic goes back where its pods are not ready any more for progressDeadline', () => {
    const canary = { revision: 'new', replicas: 4, ready: 0 };
    const unready = look(look(promoting), { canary, now: startedAt + 10 * minute });
    expect(unready).toMatchObject({ phase: 'Promoting', unreadySince: at(10 * minute) });
    expect(look(unready, { canary, now: startedAt + 15 * minute })).toMatchObject({ phase: 'RollingBack', reason: 'ProgressDeadlineExceeded' });
  });

  it.each<[string, Partial<ReleaseObservation>]>([
    ['goes back to what was promoted before', { provenness: 'Promoted' }],
    ['is promoted in full by a person', { release: releaseIn({ ...promoting, transitions: [{ phase: 'Promoting', at: at(0), reason: 'PromotedInFull', message: '', by: 'alice' }] }) }],
    ['is promoted in full by a person, and was suspended since', { release: releaseIn({ ...promoting, transitions: [['Promoting', 'PromotedInFull'], ['Held', 'Suspended'], ['Promoting', 'GoesOn']].map(([phase, reason]) => ({ phase: phase as 'Held', at: at(0), reason: reason!, message: '' })) }) }],
  ])('is promoted all the same where it %s', (_what, changes) => {
    expect(look(promoting, changes).phase).toBe('Promoted');
  });
});
