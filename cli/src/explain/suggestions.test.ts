import type { AgentDeploymentStatus, Release, ReleasePhase, ReleaseStatus } from '@sluice/crds';
import type { Pod } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { agentOf, at, healthyStatus, nowAt, progressingStatus, promoted, releaseOf, shifting, view } from '../fixtures/views.ts';
import { explain, type Explanation } from './explanation.ts';

interface Given {
  readonly releases: readonly Release[];
  readonly status: AgentDeploymentStatus;
  readonly pods?: readonly Pod[];
  readonly spec?: { readonly suspend: true };
}

function explained({ releases, status, pods, spec }: Given): Explanation {
  const plain = agentOf(status);
  const agent = { ...plain, spec: { ...plain.spec, ...spec } };
  const children = pods === undefined ? {} : { children: { pods, autoscalers: [], routes: [], unreadable: [] } };
  return explain({ ...view(agent, releases), agent, ...children }, { now: nowAt(52), options: [] });
}

const offered = ({ commands }: Explanation) => commands.map(({ verb, command }) => `${verb}: ${command}`);
const words = ({ commands }: Explanation, verb: string) => commands.find((each) => each.verb === verb)?.what;

describe('of a suspended agent', () => {
  const suspended = (phase: ReleasePhase, more: ReleaseStatus = {}) => {
    const release = { ...shifting, status: { ...shifting.status, phase, ...more } };
    const status: AgentDeploymentStatus = { ...progressingStatus, phase: 'Suspended', message: `The operator touches nothing of this agent until spec.suspend is false. support-3: ${release.status.message}` };
    return explained({ releases: [promoted, release], status, spec: { suspend: true } });
  };
  const first = 'support is suspended: nothing goes on, and nothing is answered, until spec.suspend is false.';
  const stop = { phase: 'Shifting' as const, since: at(45), reason: 'Freeze' as const };

  it.each<[ReleasePhase, ReleaseStatus, string]>([
    ['Shifting', { stepStartedAt: at(1) }, 'support-3 stands in the phase Shifting, in step 1 of 2, with 25 % of the traffic, really 20 %.'],
    ['Evaluating', {}, 'stands in the phase Evaluating, with'],
    ['AwaitingApproval', { approval: { requestedAt: at(40) } }, 'stands in the phase AwaitingApproval'],
    ['Promoting', {}, 'stands in the phase Promoting'],
    ['Held', { stop }, 'stands in the phase Held (it was Shifting), in step 1 of 2'],
    ['Paused', { stop }, 'stands in the phase Paused (it was Shifting)'],
    ['RollingBack', {}, 'stands in the phase RollingBack'],
  ])('in %s it is said first, and nothing is offered but the end of it', (phase, more, says) => {
    const told = suspended(phase, more);
    expect(told.answer).toBe(first);
    expect(told.paragraph).toContain(says.replace('support-3 stands', 'It stands'));
    expect(told.paragraph).not.toMatch(/about to go on|waits for|is left|are left|touches nothing|kubectl sluice/);
    expect(offered(told)).toEqual([`Edit: kubectl patch agentdeployment support -n demo --type merge -p '{"spec":{"suspend":false}}'`]);
    expect(told.next?.what).toBe('Nothing goes on, and nothing is answered, until spec.suspend is false again; its clocks stand meanwhile.');
  });

  it('whose last release failed nothing is offered that nobody would answer', () => {
    const wrong = releaseOf(2, 'r2', { phase: 'RolledBack', reason: 'EvaluationFailed', message: 'golden: 2 of 3 cases passed', startedAt: at(0), finishedAt: at(20) });
    const status: AgentDeploymentStatus = { ...healthyStatus, phase: 'Suspended', revision: 'r2', message: 'The operator touches nothing of this agent until spec.suspend is false. Revision r1 serves; the spec asks for revision r2' };
    const told = explained({ releases: [promoted, wrong], status, spec: { suspend: true } });
    expect(told.answer).toBe(first);
    expect(told.paragraph).toContain('Revision r1 serves; the spec asks for revision r2.');
    expect(told.commands.map(({ verb }) => verb)).toEqual(['Edit']);
  });

  it('without a release', () => {
    expect(explained({ releases: [], status: { ...healthyStatus, phase: 'Suspended' }, spec: { suspend: true } }).answer).toBe(first);
  });
});

const degraded: AgentDeploymentStatus = { ...healthyStatus, phase: 'Degraded', revision: 'r3', message: 'Revision r2 serves', stable: { ...healthyStatus.stable!, revision: 'r2' } };
const second = releaseOf(2, 'r2', { phase: 'Promoted', reason: 'Promoted', message: 'Revision r2 takes all the traffic', startedAt: at(-900), finishedAt: at(-800) });

function failed(reason: string, message: string): Release {
  return releaseOf(3, 'r3', { phase: 'RolledBack', reason, message, startedAt: at(0), finishedAt: at(20) });
}

describe('undo', () => {
  it('is offered of the revision that was promoted last, with what would serve then', () => {
    const told = explained({ releases: [promoted, second], status: { ...healthyStatus, revision: 'r2' } });
    expect(words(told, 'Undo')).toBe('take revision r2, which serves, away: revision r1 serves then');
  });

  it.each(['RolledBack', 'Aborted'] as const)('is not offered after a release that is %s: what serves is what was good', (phase) => {
    const release = { ...failed('EvaluationFailed', 'golden: 2 of 3 cases passed'), status: { ...failed('EvaluationFailed', '').status, phase } };
    expect(explained({ releases: [promoted, second, release], status: degraded }).commands.map(({ verb }) => verb)).toEqual(phase === 'Aborted' ? ['Retry'] : ['Edit', 'Retry']);
  });

  it('is not offered where nothing was promoted before', () => {
    expect(explained({ releases: [promoted], status: healthyStatus }).commands).toEqual([]);
  });
});

describe('after an undo', () => {
  const asked = { handledIntent: { verb: 'Undo', requestId: 'a', outcome: 'Accepted', at: at(-10), message: '', by: 'jane' } } as const;
  const undone = releaseOf(2, 'r2', { ...second.status, undoTo: 'r1', ...asked });
  const plain = releaseOf(3, 'r1', { phase: 'Promoted', reason: 'Promoted', message: 'Revision r1 takes all the traffic', startedAt: at(-10), finishedAt: at(0) });
  const back: Release = { ...plain, spec: { ...plain.spec, cause: 'Undo' } };
  const message = 'Revision r1 serves; the spec asks for revision r2, which jane took back after support-2 had promoted it. It is not tried again by itself: change spec.agent, or ask for it (kubectl sluice retry support). Other content';
  const status: AgentDeploymentStatus = { ...healthyStatus, phase: 'Degraded', revision: 'r2', message, rejectedBy: { release: 'support-2', revision: 'r2' } };

  it('the edit that the first sentence names comes first, then another release of it, then all the traffic at once', () => {
    const told = explained({ releases: [promoted, undone, back], status });
    expect(told.answer).toBe(`support is Degraded: ${message}.`);
    expect(told.commands).toEqual([
      { verb: 'Edit', what: 'change what revision r2 was taken back for (spec.agent), or write what serves, revision r1, into the spec', command: 'kubectl edit agentdeployment support -n demo' },
      { verb: 'Retry', what: 'release revision r2 again, through its steps and gates: only where the cause was outside of it', command: 'kubectl sluice retry support -n demo' },
      { verb: 'Undo', what: 'give revision r2, which was taken back, all the traffic at once, without steps and gates', command: 'kubectl sluice undo support --to-revision r2 -n demo' },
    ]);
  });

  it('nothing is offered once the spec asks for what serves', () => {
    expect(explained({ releases: [promoted, undone, back], status: { ...healthyStatus, revision: 'r1' } }).commands).toEqual([]);
  });

  it('of what its group took back no undo is offered, as the operator would refuse it', () => {
    const ofGroup = { ...undone, status: { ...undone.status, reason: 'GroupRolledBack' } };
    expect(explained({ releases: [promoted, ofGroup, back], status }).commands.map(({ verb }) => verb)).toEqual(['Edit', 'Retry']);
  });

  it('what was tried again since and failed is another matter', () => {
    const { rejectedBy: _was, ...now } = status;
    const again = releaseOf(4, 'r2', { phase: 'RolledBack', reason: 'ObjectiveFailed', message: '5 % bad', startedAt: at(10), finishedAt: at(20) });
    expect(words(explained({ releases: [promoted, undone, back, again], status: now }), 'Undo')).toBeUndefined();
  });
});

describe('after a rollback the cure comes before another try', () => {
  it.each([
    ['an image', failed('ProgressDeadlineExceeded', 'Rolled back: Pods of revision r3 were not ready for 30s (0 of 1 ready): not all of its pods are ready yet; pod support-r3-a, container agent: ImagePullBackOff no such host'), 'kubectl edit agentdeployment support -n demo', 'correct the image (spec.agent.image): it cannot be pulled', 'only where the cause was outside of it: the registry, or a Secret for it'],
    ['a quota', failed('ProgressDeadlineExceeded', 'Rolled back: Pods of revision r3 were not ready for 30s (0 of 1 ready): its pods are refused: exceeded quota: few, requested: pods=1'), 'kubectl edit resourcequota few -n demo', 'raise the quota: a release needs room for new pods beside those that serve (3 now)', 'try it again, once the quota has room'],
    ['pods that are not ready', failed('ProgressDeadlineExceeded', 'Rolled back: Pods of revision r3 were not ready for 30s (0 of 1 ready): not all of its pods are ready yet'), 'kubectl edit agentdeployment support -n demo', 'change what keeps its pods from being ready', 'only where the cause was outside of it'],
    ['an objective', failed('ObjectiveFailed', '5 % bad'), 'kubectl edit agentdeployment support -n demo', 'the prompt (spec.agent.prompt.inline), spec.agent.model or spec.agent.image', 'only where the cause was outside of it'],
    ['crashes', failed('PodsCrash', 'they fell'), 'kubectl edit agentdeployment support -n demo', 'spec.agent', 'only where the cause was outside of it'],
    ['time', failed('MaxDurationExceeded', 'It was not done'), 'kubectl edit agentdeployment support -n demo', 'spec.rollout.maxDuration', 'what was measured is carried on'],
    ['a circle', failed('DependencyCycle', 'It depends on itself'), 'kubectl edit agentdeployment support -n demo', 'spec.rollout.dependsOn', 'once nothing depends on itself'],
    ['a route', failed('RouteRefused', 'No such listener'), 'kubectl edit agentdeployment support -n demo', 'spec.route', 'once the Gateway takes the route'],
  ])('for %s', (_title, release, command, what, retry) => {
    const told = explained({ releases: [promoted, second, release], status: degraded });
    expect(told.commands[0]?.command).toBe(command);
    expect(told.commands[0]?.what).toContain(what);
    expect(told.commands.map(({ verb }) => verb)).toEqual(['Edit', 'Retry']);
    expect(words(told, 'Retry')).toContain(retry);
  });

  it('for want of an answer there is nothing to change', () => {
    const told = explained({ releases: [promoted, second, failed('ApprovalTimedOut', 'Nobody agreed within 1h')], status: degraded });
    expect(told.commands.map(({ verb, what }) => [verb, what])).toEqual([['Retry', 'try it again']]);
  });

  it('nothing is to be changed once the spec asks for what serves', () => {
    expect(explained({ releases: [promoted, second, failed('ObjectiveFailed', '5 % bad')], status: { ...healthyStatus, revision: 'r2' } }).commands).toEqual([]);
  });
});

describe('of a first release', () => {
  const why = 'ImagePullBackOff Back-off pulling image "registry.invalid/nothing:1": no such host';
  const words1 = `pod support-r1-a, container agent: ${why}`;
  const pod = {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'support-r1-a', labels: { 'sluice.dev/revision': 'r1' } },
    status: { phase: 'Pending', containerStatuses: [{ name: 'agent', ready: false, restartCount: 0, image: '', imageID: '', state: { waiting: { reason: 'ImagePullBackOff', message: why.replace('ImagePullBackOff ', '') } } }] },
  } as unknown as Pod;
  const said = 'Promoting revision r1: not all of its pods are ready yet';
  const { stable: _nobody, ...unserved } = progressingStatus;
  const status: AgentDeploymentStatus = { ...unserved, revision: 'r1', message: `support-1: ${said}`, release: { name: 'support-1', phase: 'Promoting' }, canary: { revision: 'r1', weight: 100, actualWeight: 0, replicas: 1, readyReplicas: 0 } };
  const release = releaseOf(1, 'r1', { phase: 'Promoting', weight: 100, message: said, unreadySince: at(0), startedAt: at(0) });

  it.each<[string, Given]>([
    ['its pods say, though the operator has told nothing of it yet', { releases: [release], status, pods: [pod] }],
    ['the agent says', { releases: [release], status: { ...status, message: `support-1: ${said} (${words1})` } }],
  ])('that has no image the first sentence names the cause that %s', (_title, given) => {
    const told = explained(given);
    expect(told.answer).toBe(`support-1 waits for its pods, which do not start: ${words1}.`);
    expect(told.paragraph.split(why)).toHaveLength(2);
    expect(told.paragraph).toContain('There is no revision to go back to, so it is waited for without limit, and nobody is served meanwhile.');
    expect(told.commands.map(({ verb, what }) => `${verb}: ${what}`)).toEqual(['Edit: correct the image (spec.agent.image): it cannot be pulled', 'Abort: take it back: nobody is served then']);
  });

  it('that waits in vain the agent tells first, with the cause', () => {
    const told = explained({ releases: [release], status: { ...status, phase: 'Degraded', message: `support-1: its pods have not been ready for 30s, and it goes on by itself when they are: ${words1}` }, pods: [pod] });
    expect(told.answer).toBe(`support is Degraded: support-1: its pods have not been ready for 30s, and it goes on by itself when they are: ${words1}.`);
    expect(told.paragraph.split(why)).toHaveLength(2);
    expect(told.commands.map(({ verb }) => verb)).toEqual(['Edit', 'Abort']);
  });

  it('that is refused by a quota offers the quota', () => {
    const refused = 'its pods are refused: pods "a" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2';
    expect(offered(explained({ releases: [release], status: { ...status, message: `support-1: ${said} (${refused})` } }))[0]).toBe('Edit: kubectl edit resourcequota few -n demo');
  });

  it('that waits for an approval has one limit, and nobody to go back to', () => {
    const rollout = { ...release.spec.rollout!, approval: { policy: 'Required', timeout: '10m', onTimeout: 'RollBack' } as const };
    const asked = { ...release, spec: { ...release.spec, rollout }, status: { phase: 'AwaitingApproval' as const, startedAt: at(0), approval: { requestedAt: at(50) } } };
    const { paragraph } = explained({ releases: [asked], status });
    expect(paragraph).toContain('Without an answer it is rolled back at 2026-03-01T10:10:50Z (in 9m58s), and no revision serves then.');
    expect(paragraph).not.toContain('without limit');
  });
});
