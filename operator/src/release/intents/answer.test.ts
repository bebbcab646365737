import type { Intent, IntentVerb, ReleasePhase, ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { advance } from '../machine.ts';
import type { ReleaseObservation } from '../observation.ts';
import { evidence, observed, releaseIn, startedAt, twoSteps } from '../testing/observations.ts';

const at = (ms: number): string => new Date(startedAt + ms).toISOString();
const canary = { revision: 'new', replicas: 1, ready: 1 };
const inStep: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 20, stepStartedAt: at(0), evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };
const asksApproval = { ...twoSteps, approval: { policy: 'Required', timeout: '1h', onTimeout: 'RollBack' } } as const;

interface Asked {
  readonly verb: IntentVerb;
  readonly status: ReleaseStatus;
  readonly intent?: Partial<Intent>;
  readonly changes?: Partial<ReleaseObservation>;
}

function ask({ verb, status, intent = {}, changes = {} }: Asked): ReleaseStatus {
  const release = changes.release ?? releaseIn(status);
  const wish: Intent = { verb, revision: 'new', requestId: 'wish-1', by: 'alice', ...intent };
  return advance(observed(status, { canary, ...changes, release: { ...release, spec: { ...release.spec, intent: wish } } })).status;
}

const everyPhase: Readonly<Record<ReleasePhase, ReleaseStatus>> = {
  Preparing: { phase: 'Preparing' },
  Evaluating: { phase: 'Evaluating' },
  Shifting: inStep,
  AwaitingApproval: { ...inStep, phase: 'AwaitingApproval', approval: { requestedAt: at(0) } },
  Promoting: { phase: 'Promoting', weight: 100 },
  Promoted: { phase: 'Promoted', weight: 100 },
  Held: { ...inStep, phase: 'Held', stop: { phase: 'Shifting', since: at(0), reason: 'Freeze' } },
  Paused: { ...inStep, phase: 'Paused', stop: { phase: 'Shifting', since: at(0) } },
  RollingBack: { phase: 'RollingBack', weight: 0 },
  RolledBack: { phase: 'RolledBack', weight: 0 },
  Superseded: { phase: 'Superseded', weight: 0 },
  Aborted: { phase: 'Aborted', weight: 0 },
};
const phases = Object.keys(everyPhase) as ReleasePhase[];

/** In which phases each wish is heard; in every other it is refused. */
const heard: Readonly<Record<IntentVerb, readonly ReleasePhase[]>> = {
  Promote: ['Shifting', 'AwaitingApproval'],
  PromoteFull: ['Preparing', 'Evaluating', 'Shifting', 'AwaitingApproval', 'Held', 'Paused'],
  Skip: ['Shifting'],
  Abort: ['Preparing', 'Evaluating', 'Shifting', 'AwaitingApproval', 'Promoting', 'Held', 'Paused'],
  Pause: ['Preparing', 'Evaluating', 'Shifting', 'Held'],
  Resume: ['Paused'],
  Retry: [],
  Undo: [],
};

describe.each(Object.keys(heard) as IntentVerb[])('%s', (verb) => {
  it.each(phases.map((phase) => [phase, heard[verb].includes(phase) ? 'Accepted' : 'Refused'] as const))('in %s is %s', (phase, outcome) => {
    const rollout = phase === 'AwaitingApproval' ? asksApproval : twoSteps;
    const next = ask({ verb, status: everyPhase[phase], changes: { release: releaseIn(everyPhase[phase], rollout), role: 'Past', ...(phase === 'Held' ? { hindrances: [{ reason: 'Freeze', message: 'frozen' }] } : {}) } });
    expect(next.handledIntent).toMatchObject({ requestId: 'wish-1', verb, by: 'alice', outcome, at: at(1_000) });
    if (outcome === 'Refused') expect(next.handledIntent?.message).toMatch(/was refused: .{20,}/);
  });
});

describe('an intent', () => {
  it('for another revision has no effect', () => {
    const next = ask({ verb: 'Abort', status: inStep, intent: { revision: 'older' } });
    expect(next).toMatchObject({ phase: 'Shifting', weight: 20, handledIntent: { outcome: 'Refused' } });
    expect(next.handledIntent?.message).toContain('names revision older, and this release is of revision new');
  });

  it.each<[IntentVerb, string, ReleaseStatus, number, string]>([
    ['Skip', 'the step before', { ...inStep, step: 1, weight: 50 }, 0, 'it is about step 1, and the release is in step 2 by now'],
    ['Promote', 'the step before', { ...inStep, step: 1, weight: 50 }, 0, 'it is about step 1, and the release is in step 2 by now'],
    ['Promote', 'the approval', { ...inStep, step: 1, weight: 50 }, 2, 'it is about the approval after the last step, and the release is in step 2 by now'],
    ['Promote', 'the last step', { ...everyPhase.AwaitingApproval, step: 1 }, 1, 'it is about step 2, and the release waits for an approval by now'],
  ])('%s that is about %s has no effect', (verb, _which, status, step, says) => {
    const next = ask({ verb, status, intent: { step }, changes: { release: releaseIn(status, asksApproval) } });
    expect(next).toMatchObject({ phase: status.phase, step: 1, handledIntent: { outcome: 'Refused', step } });
    expect(next.handledIntent?.message).toContain(says);
    expect(ask({ verb: 'Pause', status, intent: { step }, changes: { release: releaseIn(status, asksApproval) } }).handledIntent?.message).not.toContain('it is about step');
  });

  it.each(['Skip', 'Promote'] as const)('%s that is about the step of now is heard', (verb) => {
    expect(ask({ verb, status: inStep, intent: { step: 0 } }).handledIntent).toMatchObject({ outcome: 'Accepted', step: 0 });
  });

  it('Promote that is about the approval is heard', () => {
    const status = { ...everyPhase.AwaitingApproval, step: 1 };
    expect(ask({ verb: 'Promote', status, intent: { step: 2 }, changes: { release: releaseIn(status, asksApproval) } })).toMatchObject({ phase: 'Promoting', handledIntent: { outcome: 'Accepted' } });
  });

  it.each([3, 1_000])('Promote that is about the approval is heard of those who do not know how many steps are in force (%i)', (step) => {
    const status = { ...everyPhase.AwaitingApproval, step: 1 };
    expect(ask({ verb: 'Promote', status, intent: { step }, changes: { release: releaseIn(status, asksApproval) } })).toMatchObject({ phase: 'Promoting', handledIntent: { outcome: 'Accepted' } });
    expect(ask({ verb: 'Promote', status: inStep, intent: { step } }).handledIntent).toMatchObject({ outcome: 'Refused', message: expect.stringContaining('it is about the approval after the last step') as string });
  });

  it('is answered once', () => {
    const first = ask({ verb: 'Pause', status: inStep });
    expect(first.phase).toBe('Paused');
    const again = ask({ verb: 'Pause', status: { ...inStep, handledIntent: first.handledIntent! } });
    expect(again.phase).toBe('Shifting');
    expect(again.handledIntent).toEqual(first.handledIntent);
  });

  it('is answered once also when others came in between', () => {
    const paused = ask({ verb: 'Pause', status: inStep });
    const resumed = ask({ verb: 'Resume', status: paused, intent: { requestId: 'wish-2' } });
    expect(ask({ verb: 'Pause', status: resumed })).toMatchObject({ phase: 'Shifting', handledIntent: { requestId: 'wish-2' } });
  });

  it('leaves its id once, and sixteen ids are remembered in all', () => {
    const ids = Array.from({ length: 20 }, (_, index) => `wish-${index}`);
    const status = ids.reduce((before, requestId) => ask({ verb: 'Skip', status: before, intent: { requestId, revision: 'another' } }), inStep);
    expect(status.handledIntent?.requestId).toBe('wish-19');
    expect(status.answeredRequests).toEqual(ids.slice(4, 19));
  });

  it.each<[IntentVerb, Partial<Intent>, Partial<Intent>]>([
    ['Pause', { note: '', toRevision: 'older', step: 0 }, {}],
    ['Abort', { note: '', toRevision: '' }, {}],
    ['Skip', { step: 0, toRevision: 'older' }, { step: 0 }],
    ['PromoteFull', { note: 'why not', step: 1 }, { note: 'why not' }],
  ])('%s is answered without what the wish before left in a merge patch: %j', (verb, left, told) => {
    const { handledIntent, message } = ask({ verb, status: inStep, intent: left });
    const { at: _at, message: sentence, ...record } = handledIntent!;
    expect(record).toEqual({ verb, requestId: 'wish-1', by: 'alice', outcome: 'Accepted', ...told });
    expect(`${sentence} ${message}`).not.toContain('()');
  });

  it('leaves who asked and why in the record', () => {
    const next = ask({ verb: 'Abort', status: inStep, intent: { note: 'customers complain' } });
    expect(next.transitions?.find(({ phase }) => phase === 'RollingBack')).toMatchObject({ reason: 'Aborted', by: 'alice', message: 'alice aborted the release (customers complain)' });
  });
});

describe('what an intent does', () => {
  it.each(['Skip', 'Promote'] as const)('%s is answered by the plan of today: an approval that was added just now is waited for', (verb) => {
    const now = startedAt + 10_000;
    const last = { ...inStep, step: 1, weight: 50 };
    const changes = { now, evidence: evidence(now, { requests: 900, bad: 0 }), canary: { revision: 'new', replicas: 4, ready: 4 }, rollout: asksApproval };
    const next = ask({ verb, status: last, changes });
    expect(next).toMatchObject({ phase: 'AwaitingApproval', rollout: asksApproval, handledIntent: { outcome: 'Accepted' } });
  });

  it('Abort ends as Aborted when its pods are gone', () => {
    const rolling = ask({ verb: 'Abort', status: inStep });
    expect(rolling).toMatchObject({ phase: 'RollingBack', weight: 0 });
    expect(advance(observed(rolling)).status).toMatchObject({ phase: 'Aborted', completion: 'Aborted', finishedAt: at(1_000) });
  });

  it('Promote agrees where a person was asked, by name', () => {
    const next = ask({ verb: 'Promote', status: everyPhase.AwaitingApproval, changes: { release: releaseIn(everyPhase.AwaitingApproval, asksApproval) } });
    expect(next).toMatchObject({ phase: 'Promoting', reason: 'Approved', weight: 100, approval: { decision: 'Approved', by: 'alice' } });
  });

  it('Promote of what the objectives could not decide says that it is not proven', () => {
    const status: ReleaseStatus = { ...everyPhase.AwaitingApproval, approval: { requestedAt: '2026-11-21T10:00:00.000Z', cause: 'Inconclusive' } };
    const { transitions, handledIntent } = ask({ verb: 'Promote', status });
    expect(handledIntent?.message).toContain('agreed that revision new takes all the traffic, though its objectives have not proven it');
    expect(transitions?.findLast(({ reason }) => reason === 'Approved')?.message).toBe(handledIntent?.message);
  });

  it('Promote of what could not be decided on copies ends the copies: they would be of its own requests', () => {
    const status: ReleaseStatus = { ...everyPhase.AwaitingApproval, step: 0, weight: 0, mirrorPercent: 50, approval: { requestedAt: '2026-11-21T10:00:00.000Z', cause: 'Inconclusive' } };
    const next = ask({ verb: 'Promote', status });
    expect(next).toMatchObject({ phase: 'Promoting', weight: 100 });
    expect(next).not.toHaveProperty('mirrorPercent');
  });

  it('Promote does not go through a freeze, PromoteFull does', () => {
    const frozen = { release: releaseIn(everyPhase.AwaitingApproval, asksApproval), hindrances: [{ reason: 'Freeze', message: 'Freeze "weekend" lasts until Monday' }] } as const;
    expect(ask({ verb: 'Promote', status: everyPhase.AwaitingApproval, changes: frozen })).toMatchObject({ phase: 'Held', handledIntent: { outcome: 'Refused' } });
    expect(ask({ verb: 'PromoteFull', status: everyPhase.AwaitingApproval, changes: frozen })).toMatchObject({ phase: 'Promoting', reason: 'PromotedInFull' });
  });

  it.each(['ProviderOutage', 'MetricsMissing', 'SpecUnreadable'] as const)('Promote is refused in the very look in which %s begins, as it is from then on', (reason) => {
    const hindered = { release: releaseIn(everyPhase.AwaitingApproval, asksApproval), hindrances: [{ reason, message: `because of ${reason}` }] } as const;
    const next = ask({ verb: 'Promote', status: everyPhase.AwaitingApproval, changes: hindered });
    expect(next).toMatchObject({ phase: 'Held', handledIntent: { outcome: 'Refused', message: `Promote was refused: because of ${reason}` } });
  });

  const waitsFor = { reason: 'Dependency', message: 'Waits for agent "tools", which this one depends on' } as const;
  it.each<readonly [string, Partial<ReleaseObservation>, Partial<ReleaseStatus>, string]>([
    ['no pod of its step is ready', { canary: { ...canary, ready: 0 } }, {}, 'Refused'],
    ['no pod of the next one is ready either', { canary: { ...canary, ready: 0 } }, { step: 1, weight: 50 }, 'Refused'],
    ['users meet it', {}, {}, 'Accepted'],
  ])('Skip in the very look in which a dependency appears, where %s', (_name, seen, place, outcome) => {
    const { stepStartedAt: _notYet, ...waiting } = inStep;
    const rollout = { ...twoSteps, steps: [...twoSteps.steps!, { weight: 80, duration: '1m' }] };
    const release = releaseIn({ ...waiting, ...place }, rollout);
    const next = ask({ verb: 'Skip', status: release.status!, changes: { release, ...seen, hindrances: [waitsFor] } });
    expect(next.handledIntent).toMatchObject({ outcome, ...(outcome === 'Refused' ? { message: `Skip was refused: ${waitsFor.message}` } : {}) });
    expect(next).toMatchObject(outcome === 'Refused' ? { phase: 'Held', reason: 'Dependency', weight: 0, stop: { phase: 'Preparing' } } : { phase: 'Shifting', weight: 50 });
  });

  it('Skip of a step that nobody met is no way past a dependency that appears in the next look', () => {
    const { stepStartedAt: _notYet, ...waiting } = inStep;
    const skipped = ask({ verb: 'Skip', status: waiting, changes: { canary: { ...canary, ready: 0 } } });
    expect(skipped).toMatchObject({ phase: 'Shifting', step: 1, weight: 50 });
    expect(advance(observed(skipped, { canary: { ...canary, ready: 0 }, hindrances: [waitsFor] })).status).toMatchObject({ phase: 'Held', reason: 'Dependency', weight: 0 });
  });

  it('Retry of a spec that cannot be read says so, and not that another release stands against it', () => {
    const hindered: Partial<ReleaseObservation> = { role: 'Past', hindrances: [{ reason: 'SpecUnreadable', message: 'there is no ConfigMap "prompts"' }] };
    const next = ask({ verb: 'Retry', status: everyPhase.RolledBack, changes: hindered });
    expect(next.handledIntent).toMatchObject({ outcome: 'Refused', message: 'Retry was refused: there is nothing to try as long as the spec cannot be used: there is no ConfigMap "prompts"' });
    expect(ask({ verb: 'Retry', status: everyPhase.RolledBack, changes: { role: 'Past', wanted: 'other' } }).handledIntent?.message).toContain('there is nothing to retry');
  });

  it('Promote ends the time of a step, not its gates', () => {
    const none = ask({ verb: 'Promote', status: inStep });
    expect(none).toMatchObject({ phase: 'Shifting', step: 0 });
    expect(none.message).toContain('must still pass');
    const passed = ask({ verb: 'Promote', status: inStep, changes: { now: startedAt + 10_000, evidence: evidence(startedAt + 10_000, { requests: 900, bad: 0 }) } });
    expect(passed).toMatchObject({ phase: 'Shifting', step: 1, weight: 50 });
  });

  it('Skip leaves out the step and its gates, and asks for approval after the last', () => {
    expect(ask({ verb: 'Skip', status: inStep })).toMatchObject({ phase: 'Shifting', step: 1, weight: 50 });
    expect(ask({ verb: 'Skip', status: { ...inStep, step: 1 } })).toMatchObject({ phase: 'Promoting', weight: 100 });
    const last = { ...inStep, step: 1 };
    expect(ask({ verb: 'Skip', status: last, changes: { release: releaseIn(last, asksApproval) } })).toMatchObject({ phase: 'AwaitingApproval' });
  });

  it('PromoteFull still waits for pods', () => {
    const next = ask({ verb: 'PromoteFull', status: everyPhase.Evaluating });
    expect(next).toMatchObject({ phase: 'Promoting', weight: 100 });
    expect(next.message).toContain('not all of its pods are ready');
  });

  it('Resume goes on where it stood, with the time moved on', () => {
    const status = { ...everyPhase.Paused, stop: { phase: 'Shifting', since: at(10_000) } } as const;
    const next = ask({ verb: 'Resume', status, changes: { now: startedAt + 40_000, evidence: evidence(startedAt + 40_000, { requests: 10, bad: 0 }) } });
    expect(next).toMatchObject({ phase: 'Shifting', stepStartedAt: at(30_000), durations: { pausedMilliseconds: 30_000 } });
    expect(next).not.toHaveProperty('stop');
  });

  it('Retry is heard by the release that stands against what the spec asks for', () => {
    expect(ask({ verb: 'Retry', status: everyPhase.RolledBack, changes: { role: 'Rejecting' } })).toMatchObject({ phase: 'RolledBack', handledIntent: { outcome: 'Accepted' } });
    const busy = ask({ verb: 'Retry', status: everyPhase.RolledBack, changes: { role: 'Rejecting', other: 'support-9' } });
    expect(busy.handledIntent?.message).toContain('release support-9 is on its way');
  });

  it.each<[string, string | undefined, string | undefined, string]>([
    ['what was seen is what would be released', 'r5', 'r5', 'Accepted'],
    ['the asker does not say what he has seen', undefined, 'r5', 'Accepted'],
    ['what he has seen is empty', '', 'r5', 'Accepted'],
    ['what the spec names cannot be read', 'r5', undefined, 'Accepted'],
    ['something was edited since it was looked at', 'r5', 'r6', 'Refused'],
  ])('Retry, where %s, is answered', (_, toRevision, wanted, outcome) => {
    const changes = { role: 'Rejecting' as const, ...(wanted === undefined ? {} : { wanted }) };
    const { handledIntent } = ask({ verb: 'Retry', status: everyPhase.RolledBack, changes, ...(toRevision === undefined ? {} : { intent: { toRevision } }) });
    expect(handledIntent?.outcome).toBe(outcome);
    if (outcome === 'Refused') expect(handledIntent?.message).toBe('Retry was refused: the spec and what it names come to revision r6 now, not to r5: look again at what would be released, and ask anew');
  });

  it.each<[string, Partial<Intent>, Pick<ReleaseObservation, 'returnable' | 'undone'>, string | undefined]>([
    ['to the one promoted before', {}, { returnable: ['older', 'oldest'], undone: ['latest'] }, 'older'],
    ['to the one promoted before where the one to go back to is empty', { toRevision: '' }, { returnable: ['older', 'oldest'], undone: [] }, 'older'],
    ['to one that is named', { toRevision: 'oldest' }, { returnable: ['older', 'oldest'], undone: [] }, 'oldest'],
    ['to one that was itself undone, by name', { toRevision: 'latest' }, { returnable: [], undone: ['latest'] }, 'latest'],
    ['to one that was itself undone, where it is not named', {}, { returnable: [], undone: ['latest'] }, undefined],
    ['to one that is not kept', { toRevision: 'gone' }, { returnable: ['older'], undone: [] }, undefined],
    ['to the one that serves', { toRevision: 'new' }, { returnable: ['older'], undone: [] }, undefined],
    ['to nothing', {}, { returnable: [], undone: [] }, undefined],
  ])('Undo goes back %s', (_name, intent, kept, undoTo) => {
    const next = ask({ verb: 'Undo', status: everyPhase.Promoted, intent, changes: { role: 'Serving', ...kept } });
    expect(next).toMatchObject({ phase: 'Promoted', handledIntent: { outcome: undoTo === undefined ? 'Refused' : 'Accepted' } });
    expect(next.undoTo).toBe(undoTo);
  });

  it.each<[Partial<Intent>, Pick<ReleaseObservation, 'returnable' | 'undone'>, string]>([
    [{}, { returnable: [], undone: ['latest', 'older'] }, 'every earlier revision that is kept (latest, older) was itself undone, so none is chosen without being named: kubectl sluice undo support --to-revision latest'],
    [{}, { returnable: [], undone: [] }, 'there is no earlier revision to go back to: none was promoted before this one, or it failed since, or it is not kept any more; write what is to serve into the spec, and if it failed before, ask for it: kubectl sluice retry support'],
    [{ toRevision: 'gone' }, { returnable: [], undone: [] }, 'revision gone cannot be brought back, because it was never promoted, failed since, or is not kept any more: write what is to serve into the spec'],
    [{ toRevision: 'gone' }, { returnable: ['older'], undone: ['latest'] }, 'choose one of older, latest, or write what is to serve into the spec'],
    [{ toRevision: 'new' }, { returnable: ['older'], undone: [] }, 'revision new serves already'],
  ])('Undo to %j with %j is refused for the true reason, and with a way', (intent, kept, says) => {
    const next = ask({ verb: 'Undo', status: everyPhase.Promoted, intent, changes: { role: 'Serving', ...kept } });
    expect(next.handledIntent?.message).toContain(says);
  });
});
