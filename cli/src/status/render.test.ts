import { type Release, untold } from '@sluice/crds';
import type { Pod } from '@sluice/kube';
import type { RouteRule } from '@sluice/operator/src/traffic/http-routes.ts';
import { describe, expect, it } from 'vitest';
import type { AgentChildren } from '../agent-children.ts';
import { agentOf, at, healthyStatus, leaseOf, nowAt, progressingStatus, promoted, releaseOf, rolledBack, shifting, view } from '../fixtures/views.ts';
import { colourPalette, plainPalette } from '../terminal/palette.ts';
import { renderStatus } from './render.ts';
import { statusDocument } from './status-document.ts';

const options = { palette: plainPalette, now: nowAt(52) };

const pod = (name: string, revision: string, status: NonNullable<Pod['status']>): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'demo', labels: { 'sluice.dev/revision': revision } }, spec: { containers: [] }, status,
});
const container = { name: 'agent', ready: false, restartCount: 2 };
const leaving = pod('support-r0-a', 'r0', { startTime: at(-7_148) });

const path = { path: { type: 'PathPrefix', value: '/' } } as const;
const pin = (name: string): RouteRule => ({ matches: [{ ...path, headers: [{ type: 'Exact', name: 'x-revision', value: name }] }], backendRefs: [{ name, weight: 1 }] });
const weighted: RouteRule = {
  matches: [path], filters: [{ type: 'RequestMirror', requestMirror: { backendRef: { name: 'support-r3' }, percent: 10 } }],
  // with stickiness the operator lists a revision twice
  backendRefs: [{ name: 'support-r1', weight: 74 }, { name: 'support-r1', weight: 1 }, { name: 'support-r3', weight: 25 }],
};

const children: AgentChildren = {
  pods: [
    pod('support-r1-a', 'r1', { startTime: at(-3_548), conditions: [{ type: 'Ready', status: 'True' }] }),
    pod('support-r3-a', 'r3', { startTime: at(12), containerStatuses: [{ ...container, state: { waiting: { reason: 'CrashLoopBackOff', message: 'it fell' } } }] }),
    { ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: at(0) } },
  ],
  autoscalers: [{
    apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'support-r1', namespace: 'demo', labels: { 'sluice.dev/revision': 'r1' } },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'support-r1' }, minReplicas: 2, maxReplicas: 6 }, status: { currentReplicas: 3, desiredReplicas: 4 },
  }],
  routes: [{
    apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'support', namespace: 'demo' },
    spec: { rules: [weighted, pin('support-r1'), pin('support-r3')] },
  }],
  unreadable: [],
};

const traffic = { router: 'Gateway', state: 'Verified', measuredWeight: 23 } as const;

function withoutStable({ stableRevision: _none, ...spec }: Release['spec']): Release['spec'] {
  return spec;
}

const asked = {
  ...shifting,
  spec: { ...shifting.spec, rollout: { ...shifting.spec.rollout!, approval: { policy: 'Required', timeout: '24h', onTimeout: 'RollBack' } }, intent: { verb: 'Abort', revision: 'r3', requestId: 'b', by: 'joe' } },
  status: { ...shifting.status, handledIntent: { verb: 'Pause', requestId: 'a', by: 'jane', at: at(40), outcome: 'Refused', message: 'not now' } },
} as const satisfies Release;

describe('on a terminal', () => {
  const message = `support-3: ${'many words of it '.repeat(12)}`.trim();
  const told = { ...view(agentOf({ ...progressingStatus, message }), [promoted, { ...shifting, status: { ...shifting.status, message: `${message} and more` } }]), children };

  it.each([60, 80, 120])('no line is longer than %d characters, and no word is lost', (width) => {
    const [whole, lines] = [renderStatus(told, options), renderStatus(told, { ...options, width })];
    expect(lines.filter((line) => line.length > width)).toEqual([]);
    const wordsOf = (text: readonly string[]) => text.join(' ').replaceAll(/[│├└─]/g, ' ').split(/\s+/).filter((word) => word !== '').toSorted();
    expect(wordsOf(lines)).toEqual(wordsOf(whole));
    expect(lines.length).toBeGreaterThan(whole.length);
  });
});

describe('the screen while the operator does not run', () => {
  const screen = (now: number, ...renewed: readonly string[]) => renderStatus({ ...view(agentOf(healthyStatus), [promoted]), leases: renewed.map(leaseOf) }, { ...options, now: nowAt(now) }).slice(0, 3).join('\n');

  it('says so before all else, also of an agent on whose way nothing is', () => {
    expect(screen(200, at(0))).toMatch(/^The operator does not run: its lease sluice-system\/sluice-operator, which it renews every two seconds, was renewed last at .* \(3m20s ago\) by sluice-a.*nothing is begun, promoted or taken back.*\nsupport in demo: Healthy\n/);
  });

  it.each<[string, readonly string[]]>([
    ['one was renewed a moment ago', [at(150)]],
    ['another one that looks after it runs', [at(0), at(199)]],
    ['no lease is known', []],
  ])('says nothing where %s', (_why, renewed) => {
    expect(screen(200, ...renewed)).not.toContain('does not run');
  });

  it('says so of the operator of its own shard alone', () => {
    const agent = { ...agentOf(healthyStatus), metadata: { ...agentOf(healthyStatus).metadata, labels: { 'sluice.dev/shard': 'blue' } } };
    expect(renderStatus({ ...view(agent, [promoted]), leases: [leaseOf(at(0))] }, { ...options, now: nowAt(200) }).join('\n')).not.toContain('does not run');
  });

  it('and in JSON', () => {
    const gone = { ...view(agentOf(healthyStatus), [promoted]), leases: [leaseOf(at(0))] };
    expect(statusDocument(gone, nowAt(200)).operatorGone).toContain('The operator does not run');
    expect(statusDocument(gone, nowAt(30))).not.toHaveProperty('operatorGone');
  });
});

describe('the screen of a release on its way', () => {
  it('says why a pod finds no node', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False' as const, reason: 'Unschedulable', message: '0/1 nodes are available: 1 Insufficient cpu' }];
    const waiting = { ...children, pods: [pod('support-r3-b', 'r3', { phase: 'Pending', conditions })] };
    expect(renderStatus({ ...view(agentOf({ ...progressingStatus, traffic }), [asked]), children: waiting }, options).join('\n')).toMatch(/Pod support-r3-b +Pending +for \S+, no node: 0\/1 nodes are available: 1 Insufficient cpu/);
  });

  it('says everything at once', () => {
    expect(renderStatus({ ...view(agentOf({ ...progressingStatus, traffic }), [asked, promoted, rolledBack]), children }, options)).toEqual([
      'support in demo: Progressing',
      'support-3: Step 1 of 2: 25 % of the traffic for at least 15s',
      'Answers at http://support.demo.svc',
      '',
      'support                  Progressing',
      '├─ Revision r1 (stable)  75 %         75 % wanted, 1/3 pods ready',
      '│  ├─ Pod support-r1-a   Ready        for 1h',
      '│  └─ HPA support-r1     3 pods       4 wanted, between 2 and 6',
      '├─ Revision r3 (canary)  20 %         25 % wanted, 0/1 pods ready',
      '│  └─ Pod support-r3-a   Waiting      for 40s, 2 restarts, CrashLoopBackOff: it fell',
      '├─ Revision r0           0 %          leaving',
      '│  └─ Pod support-r0-a   Leaving      for 2h',
      '├─ HTTPRoute support     Verified     support-r1 75, support-r3 25, 10 % copied to support-r3, 23 % measured',
      '└─ Release support-3     Shifting     r3, replaces r1; for 22s, began 52s ago; EvaluationsPassed',
      '   ├─ Step 1 of 2        12s of 15s   25 % of the traffic',
      '   ├─ Suite golden       Pass         3 of 3 cases passed',
      '   ├─ Suite adversarial  -            not measured yet',
      '   ├─ Objective success  NotMeasured  12 requests, 30 are needed',
      '   ├─ Objective latency  -            not measured yet',
      '   ├─ Approval           -            needed after the last step, within 24h, else it is rolled back',
      '   ├─ Intent Pause       Refused      by jane 12s ago: not now',
      '   └─ Intent Abort       Unanswered   by joe',
      '',
      'History',
      '  support-2  r2  RolledBack        EvaluationFailed  29m47s ago, after 1m5s',
      '  support-1  r1  Promoted, serves  FirstRevision     1h ago, after 40s',
    ]);
  });

  it('has colours only where the palette has', () => {
    const agent = view(agentOf(progressingStatus), [shifting]);
    const escape = String.fromCodePoint(27);
    expect(renderStatus(agent, options).join('')).not.toContain(escape);
    expect(renderStatus(agent, { ...options, palette: colourPalette })[0]).toBe(`${escape}[1msupport${escape}[22m in demo: ${escape}[33mProgressing${escape}[39m`);
  });
});

describe('parts of the screen', () => {
  function lines(...args: Parameters<typeof view>): string {
    return renderStatus(view(...args), options).join('\n');
  }

  it.each([
    ['no agent', lines(undefined), 'There is no AgentDeployment "support" in namespace "demo"'],
    ['no status', lines(agentOf(undefined)), 'The operator has not looked at it yet'],
    ['a new agent', lines(agentOf(untold)), 'The operator has not looked at it yet'],
    ['a new agent whose first release is on its way', lines(agentOf(untold), [releaseOf(1, 'r1', {})]), /Pending\nIts first release is on its way\.\n[^]*Release support-1 +Preparing/],
    ['an old status', lines(agentOf({ ...healthyStatus, observedGeneration: 3 })), 'has not told of generation 4 of the spec yet; what follows is about generation 3'],
    ['a rollback', lines(agentOf(healthyStatus), [promoted, rolledBack]), /Release support-2 +RolledBack +r2, replaces r1; ended 29m47s ago after 1m5s; EvaluationFailed/],
    ['the sentence of a release that the agent does not repeat', lines(agentOf(healthyStatus), [promoted, rolledBack]), /Says +golden: 2 of 3 cases passed/],
    ['the first release', lines(agentOf(healthyStatus), [promoted]), 'r1, the first revision'],
    ['a release that the operator has just made', lines(agentOf(healthyStatus), [releaseOf(3, 'r3', {})]), /Release support-3 +Preparing +r3, replaces r1; for \?/],
    ['a step whose weight is not real yet', lines(agentOf(healthyStatus), [releaseOf(3, 'r3', { phase: 'Shifting', step: 1, startedAt: at(0) })]), /Step 2 of 2 +not begun +50 % of the traffic; waits until the weight is real/],
    ['a pause', lines(agentOf(healthyStatus), [releaseOf(3, 'r3', { phase: 'Paused', step: 0, stepStartedAt: at(0), stop: { phase: 'Shifting', since: at(9) } })]), /Step 1 of 2 +9s of 15s +25 % of the traffic; the clock stands/],
    ['an approval that is waited for', lines(agentOf(healthyStatus), [{ ...asked, status: { phase: 'AwaitingApproval', approval: { requestedAt: at(40) } } }]), /Approval +Waiting +asked 12s ago; within 24h, else it is rolled back/],
    ['objectives that could not decide', lines(agentOf(healthyStatus), [{ ...asked, status: { phase: 'AwaitingApproval', approval: { requestedAt: at(40), cause: 'Inconclusive' } } }]), /Approval +Waiting +asked 12s ago, because its objectives could not decide: promote gives all the traffic to what is not proven; within 24h, else it is rolled back/],
    ['an approval of a first revision, which has no steps', lines(agentOf(healthyStatus), [{ ...asked, spec: withoutStable(asked.spec), status: { phase: 'Preparing' } }]), /Approval +- +needed before it takes all the traffic, within 24h/],
    ['an approval', lines(agentOf(healthyStatus), [{ ...asked, status: { phase: 'Promoting', approval: { requestedAt: at(40), decidedAt: at(41), decision: 'Approved', by: 'jane' } } }]), /Approval +Approved +asked 12s ago by jane/],
    ['a second attempt', lines(agentOf(healthyStatus), [releaseOf(3, 'r3', { evaluations: [{ suite: 'golden', attempt: 2, evalRun: 'x', verdict: 'NotMeasured', message: 'no report' }] })]), 'no report (attempt 2)'],
  ])('%s', (_title, text, says) => {
    expect(text).toMatch(says);
  });

  it('shows the last five of the history', () => {
    const entry = progressingStatus.history![0]!;
    const history = Array.from({ length: 8 }, (_, index) => ({ ...entry, release: `support-${9 - index}` }));
    const text = lines(agentOf({ ...healthyStatus, history }));
    expect(text.match(/support-\d/g)).toEqual(['support-9', 'support-8', 'support-7', 'support-6', 'support-5']);
  });

  it('marks what was undone', () => {
    const undone = releaseOf(1, 'r1', { ...promoted.status, reason: 'Promoted', undoTo: 'r0' });
    expect(lines(agentOf(progressingStatus), [undone, rolledBack])).toMatch(/support-1 +r1 +Undone +Undone +1h ago/);
    expect(lines(agentOf(progressingStatus), [undone])).toMatch(/Release support-1 +Undone +r1, the first revision; ended .*; Undone$/m);
    const ofGroup = { ...undone, status: { ...undone.status, reason: 'GroupRolledBack' } };
    expect(lines(agentOf(progressingStatus), [ofGroup, rolledBack])).toMatch(/support-1 +r1 +Undone +GroupRolledBack +1h ago/);
  });

  it('says what may not be read', () => {
    const text = renderStatus({ ...view(agentOf(healthyStatus)), children: { ...children, pods: [], autoscalers: [], routes: [], unreadable: ['pods', 'httproutes'] } }, options);
    expect(text.at(-1)).toBe('Not shown, because you may not list them: pods, httproutes');
  });

  it('leaves out what is not there', () => {
    expect(lines(agentOf(healthyStatus)).split('\n')).toEqual([
      'support in demo: Healthy',
      'Revision r1 serves all the traffic',
      '',
      'support                  Healthy',
      '└─ Revision r1 (stable)  100 %    100 % wanted, 3/3 pods ready',
    ]);
  });
});

describe('the forecast', () => {
  const forecast = { at: at(0), summary: 'out of reach: success', requestsPerMinute: 6, message: 'success needs about 531 requests', objectives: [{ name: 'success', requests: 531, reachable: 'No' as const }] };
  const lineWith = (word: string, ...rendered: string[]) => rendered.find((line) => line.includes(word));

  it('of the next release is shown while none is on its way, and stands out where it is out of reach', () => {
    const shown = renderStatus(view(agentOf({ ...healthyStatus, forecast }), [promoted]), { ...options, palette: colourPalette });
    expect(lineWith('Next release', ...shown)).toContain(colourPalette.bad('out of reach: success'));
    expect(lineWith('Next release', ...renderStatus(view(agentOf({ ...healthyStatus, forecast }), [promoted]), options))).toContain('success needs about 531 requests');
  });

  it('of pods that are gone says so, and when those that serve are read', () => {
    const recent = releaseOf(2, 'r2', { ...promoted.status, finishedAt: at(30) });
    const shown = (seconds: number, releases: readonly Release[]) => lineWith('Next release', ...renderStatus(view(agentOf({ ...healthyStatus, forecast }), releases), { ...options, now: nowAt(seconds) }));
    expect(shown(60, [promoted])).toMatch(/ \(as of 1m ago\)$/);
    expect(shown(60, [promoted, recent])).toMatch(/ \(as of 1m ago, by pods that are gone since revision r2 serves; its own are read in 4m30s\)$/);
    expect(shown(400, [promoted, recent])).toMatch(/ \(as of 6m40s ago, by pods that are gone since revision r2 serves; its own are read with the next look\)$/);
    const suspended = agentOf({ ...healthyStatus, forecast });
    expect(lineWith('Next release', ...renderStatus(view({ ...suspended, spec: { ...suspended.spec, suspend: true } }, [promoted, recent]), options))).toMatch(/since revision r2 serves\)$/);
  });

  it('of a release on its way is the one that it was begun with', () => {
    const gate = { policy: {}, measures: [], from: '', state: '', log: [], forecast: { ...forecast, summary: 'about 12 min', objectives: [] } };
    const shown = renderStatus(view(agentOf({ ...progressingStatus, forecast }), [{ ...shifting, status: { ...shifting.status, gate } }, promoted]), options);
    expect(lineWith('Forecast', ...shown)).toContain('about 12 min');
    expect(lineWith('Next release', ...shown)).toBeUndefined();
  });

  it('stands beside what several shards do not bring about together', () => {
    const condition = { type: 'NotCoordinated', status: 'True' as const, reason: 'OtherShard', message: 'rollout.group "shop": this agent belongs to no shard, and "search" to shard "blue"', lastTransitionTime: at(0), observedGeneration: 4 };
    expect(lineWith('NotCoordinated', ...renderStatus(view(agentOf({ ...healthyStatus, conditions: [condition] }), [promoted]), options))).toMatch(/NotCoordinated +OtherShard +rollout\.group "shop"/);
  });

  it('stands beside what cannot be measured at all', () => {
    const message = '"refunds" cannot be measured and guards nothing: there is no metric refnds_total';
    const condition = { type: 'GateNotMeasurable', status: 'True' as const, reason: 'NotCounted', message, lastTransitionTime: at(0), observedGeneration: 4 };
    const shown = renderStatus(view(agentOf({ ...healthyStatus, conditions: [condition] }), [promoted]), options);
    expect(lineWith('GateNotMeasurable', ...shown)).toMatch(/GateNotMeasurable +NotCounted +"refunds" cannot be measured/);
    expect(lineWith('GateNotMeasurable', ...renderStatus(view(agentOf({ ...healthyStatus, conditions: [{ ...condition, status: 'False' }] }), [promoted]), options))).toBeUndefined();
  });
});

it('says of Paused where a release waits for an approval, which nobody resumes', () => {
  const title = (phase: 'AwaitingApproval' | 'Paused') => renderStatus(view(agentOf({ ...progressingStatus, phase: 'Paused', release: { name: 'support-3', phase } }), [promoted, releaseOf(3, 'r3', { phase })]), options)[0];
  expect(title('AwaitingApproval')).toBe('support in demo: Paused (waits for approval)');
  expect(title('Paused')).toBe('support in demo: Paused');
});
