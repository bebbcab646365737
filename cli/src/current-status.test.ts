import type { AgentDeploymentStatus, Release } from '@sluice/crds';
import type { Pod } from '@sluice/kube';
import type { HTTPRoute } from '@sluice/operator/src/traffic/http-routes.ts';
import { describe, expect, it } from 'vitest';
import type { AgentChildren } from './agent-children.ts';
import { withCurrentStatus } from './current-status.ts';
import { explain } from './explain/explanation.ts';
import { agentOf, healthyStatus, nowAt, progressingStatus, promoted, releaseOf, rolledBack, shifting, view } from './fixtures/views.ts';
import { renderStatus } from './status/render.ts';
import { plainPalette } from './terminal/palette.ts';

const pod = (revision: string, name: string, ready: 'True' | 'False' = 'True'): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: `support-${revision}-${name}`, namespace: 'demo', labels: { 'sluice.dev/revision': revision } }, spec: { containers: [] },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});
const going = (found: Pod): Pod => ({ ...found, metadata: { ...found.metadata, deletionTimestamp: '2026-03-01T10:00:00Z' } });
const children = (pods: readonly Pod[], more: Partial<AgentChildren> = {}): AgentChildren => ({ pods, autoscalers: [], routes: [], unreadable: [], ...more });
const half = [pod('r1', 'a'), pod('r1', 'b'), going(pod('r1', 'c')), pod('r3', 'a'), pod('r3', 'b')];

/** Told before the suites had passed, as the operator puts the rest off. */
const evaluating: AgentDeploymentStatus = {
  ...progressingStatus, message: 'support-3: suite "golden" is about to run', canary: { revision: 'r3', weight: 0, actualWeight: 0, replicas: 0, readyReplicas: 0 },
  stable: { revision: 'r1', weight: 100, actualWeight: 100, replicas: 4, readyReplicas: 4 }, release: { name: 'support-3', phase: 'Evaluating' }, traffic: { router: 'ReplicaRatio', state: 'Verified', measuredWeight: 3 },
};
const releases = [promoted, rolledBack, { ...shifting, status: { ...shifting.status, weight: 50 } }];

const shown = (status: AgentDeploymentStatus, of: readonly Release[], found?: AgentChildren) => withCurrentStatus({ ...view(agentOf(status), of), ...(found === undefined ? {} : { children: found }) }).agent?.status;

describe('a status that is late', () => {
  it('is told from the release and the pods', () => {
    expect(shown(evaluating, releases, children(half))).toMatchObject({
      phase: 'Progressing', message: 'support-3: Step 1 of 2: 25 % of the traffic for at least 15s',
      stable: { revision: 'r1', weight: 50, actualWeight: 50, replicas: 2, readyReplicas: 2 },
      canary: { revision: 'r3', weight: 50, actualWeight: 50, replicas: 2, readyReplicas: 2 },
      traffic: { router: 'ReplicaRatio', state: 'Verified' },
    });
    expect(shown(evaluating, releases, children(half))?.traffic?.measuredWeight).toBeUndefined();
  });

  it('says the same on the screen and in the explanation', () => {
    const seen = { ...view(agentOf(evaluating), releases), agent: agentOf(evaluating), children: children(half) };
    const screen = renderStatus(seen, { palette: plainPalette, now: nowAt(52) }).join('\n');
    expect(screen).toMatch(/Revision r3 \(canary\) +50 % +50 % wanted, 2\/2 pods ready/);
    const { paragraph } = explain(seen, { now: nowAt(52), options: [] });
    for (const text of [screen, paragraph]) expect(text).not.toContain('about to run');
    expect(paragraph).not.toContain('really 0 %');
  });

  it('has one that waits for a person as Paused', () => {
    expect(shown(evaluating, [promoted, releaseOf(3, 'r3', { phase: 'AwaitingApproval', weight: 50, message: 'Somebody must agree' })])).toMatchObject({ phase: 'Paused', message: 'support-3: Somebody must agree' });
  });

  it('is told of what serves since', () => {
    const { canary, stable, message } = shown(progressingStatus, [promoted, releaseOf(3, 'r3', { phase: 'Promoted', message: 'Revision r3 takes all the traffic with 3 pods' })], children([pod('r3', 'a'), pod('r3', 'b', 'False')])) ?? {};
    expect(canary).toBeUndefined();
    expect(stable).toEqual({ revision: 'r3', weight: 100, actualWeight: 100, replicas: 2, readyReplicas: 1 });
    expect(message).toBe('support-3: Revision r3 takes all the traffic with 3 pods');
  });

  it.each<[string, Partial<HTTPRoute>, number]>([
    ['taken', { status: { parents: [{ parentRef: { name: 'edge' }, controllerName: 'x', conditions: [{ type: 'Accepted', status: 'True', observedGeneration: 7, reason: 'Accepted', message: '', lastTransitionTime: '' }] }] } }, 40],
    ['not taken yet', { status: { parents: [{ parentRef: { name: 'edge' }, controllerName: 'x', conditions: [{ type: 'Accepted', status: 'True', observedGeneration: 6, reason: 'Accepted', message: '', lastTransitionTime: '' }] }] } }, 0],
    ['not answered', {}, 0],
  ])('has the weights of the route where that was %s', (_title, status, actual) => {
    const route: HTTPRoute = {
      apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'support', namespace: 'demo', generation: 7 },
      spec: { rules: [{ backendRefs: [{ name: 'support-r1', weight: 60 }, { name: 'support-r3', weight: 40 }] }] }, ...status,
    };
    const behind = { ...evaluating, traffic: { router: 'Gateway', state: 'Verified' } } as const;
    expect(shown(behind, releases, children(half, { routes: [route] }))?.canary).toMatchObject({ weight: 50, actualWeight: actual, readyReplicas: 2 });
  });

  it('says nothing of pods that nobody may list', () => {
    const { canary: _none, ...before } = evaluating;
    expect(shown(before, releases, children([], { unreadable: ['pods'] }))?.canary).toBeUndefined();
    expect(shown(evaluating, releases, children([], { unreadable: ['pods'] }))?.canary).toMatchObject({ weight: 50, actualWeight: 0, replicas: 0 });
  });
});

describe('a status that is not late', () => {
  it('is kept, but for pods that became ready or fell since', () => {
    const seen = [pod('r1', 'a'), pod('r1', 'b', 'False'), pod('r1', 'c'), pod('r3', 'a')];
    expect(shown(progressingStatus, [promoted, shifting], children(seen))).toEqual({
      ...progressingStatus, stable: { ...progressingStatus.stable, actualWeight: 67, readyReplicas: 2 }, canary: { ...progressingStatus.canary, actualWeight: 33 },
    });
    expect(shown(progressingStatus, [promoted, shifting])).toEqual(progressingStatus);
    expect(shown(healthyStatus, [promoted])).toEqual(healthyStatus);
  });

  it('has the sentence of its release, which it is told 20 s late, but for what its pods say', () => {
    const early: AgentDeploymentStatus = { ...progressingStatus, message: 'support-3: Step 1 of 2, 25 %: no requests reached either revision since 2026-03-01T10:00:40Z, as of 2026-03-01T10:00:43Z' };
    const judged = { ...shifting, status: { ...shifting.status, message: 'Step 1 of 2, 25 %: measurements are missing: tools for 6 scrapes' } };
    expect(shown(early, [promoted, judged])?.message).toBe('support-3: Step 1 of 2, 25 %: measurements are missing: tools for 6 scrapes');
    const screen = renderStatus({ ...view(agentOf(early), [promoted, judged]), agent: agentOf(early) }, { palette: plainPalette, now: nowAt(52) }).join('\n');
    expect(screen).toContain('measurements are missing');
    expect(screen).not.toContain('no requests reached');
    const starting = { ...early, canary: { ...early.canary!, readyReplicas: 0 } };
    expect(shown(starting, [promoted, judged])?.message).toBe(early.message);
    expect(shown({ ...early, phase: 'Degraded' }, [promoted, judged])?.message).toBe(early.message);
  });

  it('keeps what is wrong besides the release', () => {
    const down = { ...evaluating, phase: 'Degraded', message: 'No pod is ready to serve' } as const;
    expect(shown(down, releases)).toMatchObject({ phase: 'Degraded', message: 'No pod is ready to serve' });
  });

  it('is none where nothing was told yet', () => {
    const untold = view(agentOf(undefined), releases);
    expect(withCurrentStatus(untold)).toBe(untold);
  });
});
