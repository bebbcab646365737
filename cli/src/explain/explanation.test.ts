import { type AgentDeploymentStatus, type Release, type ReleasePhase, type ReleaseStatus, untold } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { PlayedReleases } from '../fixtures/played-releases.ts';
import { agentOf, at, healthyStatus, leaseOf, nowAt, progressingStatus, promoted, releaseOf, rolledBack, shifting, view } from '../fixtures/views.ts';
import { explain } from './explanation.ts';

const counts = (requests: number, bad: number, circuitsOpen: number) => ({ requests, bad, providerFailures: bad, pods: 3, circuitsOpen });
const evidence = {
  since: at(40), missedScrapes: 1,
  stable: { requests: 40, bad: 1, latencyBuckets: [] },
  canary: { requests: 12, bad: 0, latencyBuckets: [] },
  recent: { since: at(20), until: at(50), stable: counts(30, 27, 2), canary: counts(10, 9, 3) },
};

function crashes(canary: number, stable: number): NonNullable<ReleaseStatus['crashes']> {
  const side = (count: number, minutes: number) => ({ crashes: count, ofLeaving: 0, podMilliseconds: minutes * 60_000, pods: [] });
  return { since: at(30), until: at(50), before: { crashes: 0, podMilliseconds: 0 }, expected: (canary + stable) / 4, alone: 0, stable: side(stable, 15), canary: side(canary, 5) };
}

function release(status: ReleaseStatus, onTimeout: 'RollBack' | 'Promote' = 'RollBack'): Release {
  const rollout = { ...shifting.spec.rollout!, approval: { policy: 'Required', timeout: '24h', onTimeout } as const, dependsOn: [{ name: 'search' }] };
  return { ...shifting, spec: { ...shifting.spec, rollout }, status: { ...shifting.status, ...status } };
}

function withoutTraffic(status: ReleaseStatus): Release {
  const { stepStartedAt: _notYet, ...rest } = release(status).status ?? {};
  return { ...release(status), status: rest };
}

function explained(status: AgentDeploymentStatus | undefined, ...releases: readonly Release[]) {
  const agent = agentOf(status);
  return explain({ ...view(agent, [promoted, ...releases]), agent }, { now: nowAt(52), options: ['--context', 'prod'] });
}

function held(reason: NonNullable<NonNullable<ReleaseStatus['stop']>['reason']>, message: string): ReleaseStatus {
  return { phase: 'Held', reason, message, stop: { phase: 'Shifting', since: at(50), reason }, evidence };
}

describe('one paragraph with numbers', () => {
  it('of a step', () => {
    expect(explained(progressingStatus, release({ evidence })).paragraph).toBe(
      'support-3 waits for success and latency to pass. Release support-3 brings revision r3 of support in place of r1; it began 52s ago. It is in step 1 of 2: 25 % of the traffic, really 20 %. ' +
        'The step has run for 12s of at least 15s. Objective success says NotMeasured: 12 requests, 30 are needed. Objective latency is not measured yet. ' +
        'In the 12s of this window the new revision answered 12 requests, 0 of them bad (0 %), the stable one 40 requests, 1 of them bad (2.5 %); 1 scrape of their pods failed. ' +
        'Of the 10m that it may run, without pauses and holds, 9m8s are left; then it is rolled back, or waits for a person where only its objectives are open. ' +
        'Next, at 2026-03-01T10:00:55Z (in 3s), if success and latency pass by then or as soon as they do, step 2 begins, with 50 % of the traffic. An objective that fails takes it back at once.',
    );
  });

  it('of a step whose objectives are all guards: its time decides', () => {
    const step = release({ evidence });
    const objectives = (step.spec.rollout?.gates?.objectives ?? []).map((objective) => ({ ...objective, role: 'Guard' as const }));
    const { rollout } = step.spec;
    if (rollout === undefined) throw new Error('the release has no rollout');
    const guarded = { ...step, spec: { ...step.spec, rollout: { ...rollout, gates: { ...rollout.gates, objectives } } } };
    expect(explained(progressingStatus, guarded).paragraph).toContain('Next, at 2026-03-01T10:00:55Z (in 3s), step 2 begins, with 50 % of the traffic. An objective that fails takes it back at once.');
  });

  it.each<readonly [string, Release, readonly string[]]>([
    ['a step whose traffic is not there', withoutTraffic({ unreadySince: at(45), message: '0 of 1 pods are ready' }), ['support-3 waits for the traffic of its step: 0 of 1 pods are ready.', 'The time of the step has not begun.', 'rolled back at 2026-03-01T10:03:45Z (in 2m53s)']],
    ['crashes of both revisions', release({ crashes: crashes(3, 9) }), ['Containers of revision r3 crashed 3 times in 5 pod-minutes, meanwhile those of revision r1 9 times in 15 pod-minutes: no more than those explain.']],
    ['one crash', release({ phase: 'Paused', stop: { phase: 'Shifting', since: at(50) }, crashes: crashes(1, 0) }), ['Containers of revision r3 crashed once in 5 pod-minutes, meanwhile those of revision r1 0 times in 15 pod-minutes.']],
    ['the last step', release({ step: 1, stepStartedAt: at(50) }), ['It is in step 2 of 2: 50 % of the traffic', 'it waits for somebody to approve it, and takes all the traffic then']],
    ['an evaluation', release({ phase: 'Evaluating' }), ['being evaluated since 2026-03-01T10:00:30Z (22s) and has no traffic', 'support-3 waits for suite adversarial.', 'Suite golden has passed.', 'Suite adversarial is not measured yet.', 'step 1 of 2 begins, with 25 % of the traffic']],
    ['the beginning', releaseOf(3, 'r3', {}), ['the operator has not begun yet', 'Next it is evaluated by golden, adversarial.']],
    ['an approval', release({ phase: 'AwaitingApproval', weight: 50, approval: { requestedAt: at(50) } }), ['support-3 waits for a person since 2026-03-01T10:00:50Z (2s): kubectl sluice promote support approves it.', 'It has 50 % of the traffic', 'Without an answer it is rolled back at 2026-03-02T10:00:50Z (in 23h59m).']],
    ['a forecast', release({ phase: 'Shifting', step: 0, gate: { policy: {}, measures: [], from: '', state: '', log: [], forecast: { at: at(0), requestsPerMinute: 9, message: 'success needs about 531 requests', objectives: [] } } }), ['success needs about 531 requests.']],
    ['objectives that could not decide', release({ phase: 'AwaitingApproval', weight: 50, approval: { requestedAt: at(50), cause: 'Inconclusive' } }, 'Promote'), ['support-3 waits for a person since 2026-03-01T10:00:50Z (2s): its objectives could not decide in time, and kubectl sluice promote support gives all the traffic to what is not proven.', 'Without an answer it is rolled back at 2026-03-02T10:00:50Z']],
    ['an approval that silence gives', release({ phase: 'AwaitingApproval', approval: { requestedAt: at(50) } }, 'Promote'), ['Without an answer it is promoted at']],
    ['a promotion', release({ phase: 'Promoting', message: '2 of 3 pods are ready' }), ['support-3 is to take all the traffic, and has 20 % of it by now, with 1 of 1 pods ready: 2 of 3 pods are ready.']],
    ['an outage', release(held('ProviderOutage', 'The provider fails both')), ['support-3 is held: The provider fails both.', 'It stands since 2026-03-01T10:00:50Z (2s), in the phase Shifting with 25 % of the traffic, really 20 %.', 'the stable revision had 30 requests, 27 of them bad (90 %), 27 of them because of the provider, and 2 of its 3 pods do not call the provider', 'none of its time is spent', 'It goes on with Shifting by itself', 'rolled back at 2026-03-02T10:00:50Z (in 23h59m)']],
    ['missing metrics', release(held('MetricsMissing', 'No metrics for 40 s')), ['No metrics for 40 s.', '1 scrape of their pods failed', 'What is not measured is never a pass.']],
    ['a freeze', release(held('Freeze', 'Freeze "weekend" lasts until Monday')), ['Freeze "weekend" lasts until Monday.', 'Rolling back stays possible.']],
    ['a dependency', release(held('Dependency', 'Waits for agent "search"')), ['Waits for agent "search".', 'It depends on search.']],
    ['a spec that cannot be read', release(held('SpecUnreadable', 'Nobody can tell whether the spec still asks for revision r3')), ['support-3 is held: Nobody can tell whether the spec still asks for revision r3.', 'As soon as the spec can be read again the release goes on, or makes room', 'rolled back at 2026-03-02T10:00:50Z (in 23h59m)']],
    ['a suspension', release(held('Suspended', 'The agent is suspended')), ['The agent was suspended; the operator is about to go on.']],
    [
      'a pause',
      release({
        phase: 'Paused', stop: { phase: 'Shifting', since: at(50) }, transitions: [{ phase: 'Paused', at: at(50), reason: 'Paused', message: '', by: 'jane' }],
        handledIntent: { verb: 'Pause', requestId: 'a', outcome: 'Accepted', at: at(50), message: '', by: 'jane', note: 'lunch' },
      }),
      ['support-3 was paused by jane (lunch) and stands since 2026-03-01T10:00:50Z (2s)', 'Nothing goes on until somebody resumes it'],
    ],
    ['a rollback on its way', release({ phase: 'RollingBack', reason: 'ObjectiveFailed', message: '5 % bad' }), ['support-3 is rolling back (ObjectiveFailed): 5 % bad.', 'when revision r1 has all the traffic']],
    ['a refused wish', release({ handledIntent: { verb: 'Promote', requestId: 'a', outcome: 'Refused', at: at(50), message: 'Promote was refused: not yet', by: 'joe' } }), ['The latest wish of joe: Promote was refused: not yet.']],
    ['an open wish', { ...release({}), spec: { ...release({}).spec, intent: { verb: 'Abort', revision: 'r3', requestId: 'b', by: 'joe' } } }, ['Abort, asked by joe, is not answered yet.']],
    ['a second attempt', { ...release({}), spec: { ...release({}).spec, cause: 'Retry', retryOf: 'support-2', earlier: [{ release: 'support-2', reason: 'PodsCrash', message: 'they fell', finishedAt: at(0) }] } }, ['It tries again what failed in support-2 (PodsCrash: they fell).']],
  ])('of %s', (_title, given, says) => {
    const { paragraph } = explained(progressingStatus, given);
    for (const part of says) expect(paragraph).toContain(part);
  });

  it('of all the traffic, where the spec cannot be read', () => {
    const stalled = { type: 'Stalled', status: 'True', reason: 'PromptNotFound', message: 'there is no ConfigMap "prompts"', observedGeneration: 4, lastTransitionTime: at(45) } as const;
    const status: AgentDeploymentStatus = { ...progressingStatus, phase: 'Degraded', message: 'there is no ConfigMap "prompts"; revision r1 keeps serving', conditions: [stalled] };
    const { paragraph } = explained(status, release({ phase: 'Promoting', weight: 100, message: 'Nobody can tell whether the spec still asks for revision r3' }));
    expect(paragraph).toContain('support is Degraded: there is no ConfigMap "prompts"');
    expect(paragraph).toContain('When all its pods are ready and the traffic is theirs, and the spec can be read and asks for it, it is promoted.');
  });

  it.each<[string, ReleaseStatus]>([
    ['an evaluation', { phase: 'Evaluating' }], ['a step', {}], ['an approval', { phase: 'AwaitingApproval' }], ['a hold', held('Freeze', 'Freeze "weekend"')],
    ['a promotion', { phase: 'Promoting' }], ['a rollback', { phase: 'RollingBack' }], ['an end', { phase: 'Promoted', finishedAt: at(40) }],
  ])('says first that the operator does not run, in %s', (_phase, status) => {
    const agent = agentOf(progressingStatus);
    const told = (seconds: number) => explain({ ...view(agent, [promoted, release(status)]), agent, leases: [leaseOf(at(0))] }, { now: nowAt(seconds), options: [] });
    expect(told(200).answer).toMatch(/^The operator does not run: its lease sluice-system\/sluice-operator, which it renews every two seconds, was renewed last at 2026-03-01T10:00:00Z \(3m20s ago\) by sluice-a\./);
    expect(told(200).paragraph).toContain('Release support-3 brings revision r3');
    expect(told(50).answer).not.toContain('does not run');
  });

  it('of a failure', () => {
    const failed = { ...healthyStatus, phase: 'Degraded', revision: 'r2', message: 'support-2: golden: 2 of 3 cases passed' } as const;
    const { paragraph, commands, next } = explained(failed, rolledBack);
    expect(paragraph).toContain('support is Degraded: support-2: golden: 2 of 3 cases passed. Release support-2 brings revision r2');
    expect(paragraph).toContain('It was rolled back 29m47s ago, 1m5s after it began (EvaluationFailed).');
    expect(next?.what).toContain('revision r2 is not tried again until somebody asks for it');
    expect(commands).toEqual([
      { verb: 'Edit', what: 'change what failed, most likely the prompt (spec.agent.prompt.inline): the same content fails the same way', command: 'kubectl edit agentdeployment support -n demo --context prod' },
      { verb: 'Retry', what: 'try the same content again, only where the cause was outside of it: the provider, a tool, the suite', command: 'kubectl sluice retry support -n demo --context prod' },
    ]);
  });

  it('of a failure of which the agent says what serves now: once', () => {
    const message = 'Revision r1 serves; the spec asks for revision r2, which support-2 rolled back: golden: 2 of 3 cases passed. It is not tried again by itself: change spec.agent, or ask for it (kubectl sluice retry support). Other content';
    const { answer, paragraph } = explained({ ...healthyStatus, phase: 'Degraded', revision: 'r2', message }, rolledBack);
    expect(answer).toBe(`support is Degraded: ${message}.`);
    expect(paragraph.match(/2 of 3 cases passed/g)).toHaveLength(1);
    expect(paragraph.match(/not tried again/g)).toHaveLength(1);
  });

  it('of a first release that must be approved: an approval is still to come', () => {
    const first = release({ phase: 'Evaluating' });
    const { stableRevision: _none, ...spec } = first.spec;
    expect(explained(progressingStatus, { ...first, spec }).next?.what).toBe('When every suite passes, it waits for somebody to approve it, and takes all the traffic then; one that fails ends the release before any user meets it.');
  });

  it('of a revision that was taken back', () => {
    const undone = releaseOf(2, 'r2', { ...promoted.status, undoTo: 'r1', handledIntent: { verb: 'Undo', requestId: 'a', outcome: 'Accepted', at: at(0), message: '', by: 'jane' } });
    expect(explained(healthyStatus, undone).paragraph).toContain('It was taken back later by jane: revision r1 takes the traffic.');
  });

  it('of an operator that is late, or absent', () => {
    expect(explained({ ...healthyStatus, observedGeneration: 3 }).paragraph).toContain('has not told of generation 4 of the spec yet; what follows is about generation 3.');
    expect(explained(undefined).paragraph).toContain('The operator has not looked at support yet');
    expect(explained(untold, releaseOf(1, 'r1', {})).paragraph).toMatch(/^support-1 is being prepared .* Release support-1 brings /);
  });
});

describe('what can be done', () => {
  it.each<readonly [string, ReleaseStatus, string]>([
    ['a step', {}, 'end the time of the step; what its objectives leave open must still pass'],
    ['an approval', { phase: 'AwaitingApproval', approval: { requestedAt: at(50) } }, 'approve it'],
    ['what could not be decided', { phase: 'AwaitingApproval', approval: { requestedAt: at(50), cause: 'Inconclusive' } }, 'give all the traffic to what is not proven'],
  ])('says what promote does of %s', (_title, status, says) => {
    expect(explained(progressingStatus, release(status)).commands.find(({ verb }) => verb === 'Promote')?.what).toBe(says);
  });

  const verbs = (phase: ReleasePhase, more: ReleaseStatus = {}) => explained(progressingStatus, release({ phase, ...more })).commands.map(({ verb }) => verb);

  it('are the commands that the operator would accept', () => {
    expect(verbs('AwaitingApproval')).toEqual(['Promote', 'Abort', 'PromoteFull']);
    expect(verbs('Paused', { stop: { phase: 'Shifting', since: at(0) } })).toEqual(['Resume', 'Abort', 'PromoteFull']);
    expect(verbs('Shifting')).toEqual(['Promote', 'Skip', 'Pause', 'Abort', 'PromoteFull']);
    expect(verbs('RollingBack')).toEqual([]);
  });
});

describe('the stories that the operator plays', () => {
  it('are explained in every phase, without a hole in a sentence', { timeout: 60_000 }, async () => {
    const phases = new Set<string>();
    for (const { view: seen, now, title } of await PlayedReleases.play()) {
      const { answer, paragraph, release: about } = explain(seen, { now, options: [] });
      expect(answer, title).toMatch(/^(support(-\d+)?(:| is| was| waits)|The operator) .*\.$/);
      if (about !== undefined) phases.add(about.phase);
      expect(paragraph, title).not.toMatch(/undefined|NaN|\?\?|\.\.|: \./);
      expect(paragraph, title).toMatch(/\.$/);
    }
    expect([...phases].toSorted()).toEqual(['Aborted', 'AwaitingApproval', 'Evaluating', 'Held', 'Paused', 'Preparing', 'Promoted', 'Promoting', 'RolledBack', 'RollingBack', 'Shifting', 'Superseded']);
  });
});

describe('the gates of the next release', () => {
  const forecast = { at: at(0), summary: 'about 42 min', requestsPerMinute: 60, message: 'success needs about 531 requests of the new revision', objectives: [] };
  const unreachable = { type: 'GateOutOfReach', status: 'True' as const, reason: 'TooLittleTraffic', message: forecast.message, lastTransitionTime: at(0), observedGeneration: 4 };

  it('are forecast while none is on its way, and once only', () => {
    expect(explained({ ...healthyStatus, forecast }).paragraph).toMatch(/Of the next release, as of \S+ ago: success needs about 531 requests of the new revision\./);
    expect(explained({ ...healthyStatus, forecast }, releaseOf(2, 'r2', { ...promoted.status, finishedAt: at(30) })).paragraph).toContain('Of the next release, as of 52s ago, by pods that are gone since revision r2 serves; its own are read in 4m38s: success needs about 531 requests');
    const { paragraph } = explained({ ...healthyStatus, forecast, conditions: [unreachable] });
    expect(paragraph).toContain('GateOutOfReach: success needs about 531 requests of the new revision.');
    expect(paragraph).not.toContain('Of the next release');
    expect(explained({ ...progressingStatus, forecast }, release({ evidence })).paragraph).not.toContain('Of the next release');
  });
});

it('says why something could not be counted', () => {
  const problems = [{ objective: 'orders', reason: 'there is no counter orders_total' }, { reason: 'a pod could not be scraped: ECONNREFUSED' }];
  expect(explained(progressingStatus, release({ evidence: { ...evidence, problems } })).paragraph).toContain(
    'Objective orders could not be counted at the last look: there is no counter orders_total. Something could not be counted at the last look: a pod could not be scraped: ECONNREFUSED.',
  );
});
