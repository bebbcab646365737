import type { AgentDeployment } from '@sluice/crds';
import { events, horizontalPodAutoscalers, services } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { releases } from '../../resources.ts';
import { httpRoutes, type HTTPRoute } from '../../traffic/http-routes.ts';
import { installGatewayApi } from '../gateway-api.ts';
import { takesAll, takesNoCopies } from '../played-gateway.ts';
import { phasesOf, Scene, stableOf, type Stage } from '../scene.ts';
import { call } from '../test-cluster.ts';
import { until } from '../until.ts';

const route = { parentRefs: [{ name: takesAll }], hostnames: ['support.example.com'], pathPrefix: '/support' };
const steps = [{ weight: 0, duration: '1s' }, { weight: 50, duration: '1s' }];

/** Percent by revision, as the route says. */
function weightsOf({ spec }: HTTPRoute, agent = 'support'): Record<string, number> {
  return Object.fromEntries((spec.rules?.[0]?.backendRefs ?? []).map(({ name, weight }) => [name.slice(agent.length + 1), weight ?? 1]));
}

function trafficOf({ status }: AgentDeployment) {
  return { router: status?.traffic?.router, state: status?.traffic?.state };
}

export function routed(stage: Stage): void {
  describe.concurrent('an agent with a route', () => {
    /** The first story begins in a cluster without the Gateway API, and gives it to the others. */
    const installed = Promise.withResolvers<void>();
    const open = async (title: string): Promise<Scene> => {
      await installed.promise;
      return Scene.open(stage.cluster(), title);
    };

    it('says what is missing while the cluster has no Gateway API, and is routed when it is installed later', async () => {
      const scene = await Scene.open(stage.cluster(), 'no-gateway');
      try {
        await scene.applyAgent({ prompt: 'one', route });
        await scene.untilAgent('the missing API is named', ({ traffic }) => traffic?.state === 'Refused' && (traffic.message?.includes('install the Gateway API') ?? false));
        expect((await scene.agent()).status?.conditions?.find(({ type }) => type === 'RouteRefused')).toMatchObject({ status: 'True', reason: 'NoGatewayApi' });
      await until('the Service serves all the same', () => scene.find(services, 'support'), (found) => found?.spec?.selector?.['sluice.dev/revision'] !== undefined);
        await installGatewayApi(stage.cluster());
      } finally {
        installed.resolve();
      }
      const agent = await scene.untilHealthy();
      expect(trafficOf(agent)).toEqual({ router: 'Gateway', state: 'Verified' });
      const revision = stableOf(agent);
      const found = await scene.get(httpRoutes, 'support');
      expect(weightsOf(found)).toEqual({ [revision]: 100 });
      expect(found.spec).toMatchObject({ hostnames: ['support.example.com'], parentRefs: [{ name: takesAll }] });
      expect(found.metadata.ownerReferences).toMatchObject([{ kind: 'AgentDeployment', name: 'support', uid: agent.metadata.uid, controller: true }]);
      expect((await scene.list(services)).map(({ metadata }) => metadata.name).toSorted()).toEqual(['support', `support-${revision}`]);
    });

    it('goes through a dark launch and a weight to all the traffic, each accepted by the Gateway, and leaves nothing of the old revision', async () => {
      const scene = await open('routed');
      await scene.applyAgent({ prompt: 'one', route, steps });
      const first = stableOf(await scene.untilHealthy());
      await scene.applyAgent({ prompt: 'two', route, steps });
      const dark = await until('the new revision is reached by a header', () => scene.get(httpRoutes, 'support'), ({ spec }) => (spec.rules?.[1]?.matches?.[0]?.headers?.[0]?.value ?? 'none') !== 'none');
      expect(weightsOf(dark)).toEqual({ [first]: 100 });
      expect(dark.spec.rules?.[1]?.matches?.[0]?.headers).toMatchObject([{ type: 'Exact', name: 'x-sluice-revision' }]);
      const split = await until('half of the requests', () => scene.get(httpRoutes, 'support'), (found) => weightsOf(found)[first] === 50);
      expect(Object.values(weightsOf(split))).toEqual([50, 50]);
      await scene.untilPhase('support-2', 'Promoted');
      const agent = await scene.untilHealthy();
      const second = stableOf(agent);
      expect(weightsOf(await scene.get(httpRoutes, 'support'))).toEqual({ [second]: 100 });
      await scene.untilDeployments({ [second]: 2 });
      await until('the Service of the old revision is gone', () => scene.list(services), (found) => found.map(({ metadata }) => metadata.name).toSorted().join() === ['support', `support-${second}`].join());
      expect((await scene.get(services, 'support')).spec?.selector?.['sluice.dev/revision']).toBe(second);
      expect(phasesOf(await scene.get(releases, 'support-2'))).toEqual(['Preparing: ReleaseStarted', 'Shifting: StepStarted', 'Shifting: StepStarted', 'Promoting: AllStepsPassed', 'Promoted: Promoted']);
    });

    it('gets all its traffic back when the new revision fails', async () => {
      const scene = await open('routed-back');
      await scene.applyAgent({ prompt: 'one', route, steps });
      const first = stableOf(await scene.untilHealthy());
      await scene.applyAgent({ prompt: 'two [live:failing]', route, steps });
      await scene.untilPhase('support-2', 'RolledBack');
      expect(weightsOf(await scene.get(httpRoutes, 'support'))).toEqual({ [first]: 100 });
      await scene.untilDeployments({ [first]: 2 });
    });

    it('keeps sessions by header and cookie, and forgets the pins of a revision that takes no requests', async () => {
      const scene = await open('sticky');
      const stickiness = { header: 'x-pin', cookie: 'agent-revision' };
      await scene.applyAgent({ prompt: 'one', route, steps, stickiness });
      const first = stableOf(await scene.untilHealthy());
      expect((await scene.get(httpRoutes, 'support')).spec.rules?.[0]?.backendRefs?.[0]?.filters?.[0]?.responseHeaderModifier?.add?.[0]?.value).toContain(`agent-revision=${first}; Path=/support`);
      await scene.applyAgent({ prompt: 'two [live:failing]', route, steps, stickiness });
      const asksFor = ({ spec }: HTTPRoute) => spec.rules?.slice(1).map(({ matches }) => matches?.[0]?.headers?.[0]?.value);
      const pinned = await until('sessions are pinned to either', () => scene.get(httpRoutes, 'support'), (found) => asksFor(found)?.[2] !== 'none');
      expect(pinned.spec.rules?.slice(1).map(({ matches }) => matches?.[0]?.headers?.[0]?.type)).toEqual(['Exact', 'RegularExpression', 'Exact', 'RegularExpression', 'Exact', 'RegularExpression']);
      const second = asksFor(pinned)?.[2] ?? '';
      await scene.untilPhase('support-2', 'RolledBack');
      const after = await scene.get(httpRoutes, 'support');
      expect(after.spec.rules).toHaveLength(7);
      expect(JSON.stringify(after.spec)).not.toContain(second);
    });

    it('copies requests to the new revision before any user reaches it', async () => {
      const scene = await open('mirrored');
      await scene.applyAgent({ prompt: 'one', route });
      const first = stableOf(await scene.untilHealthy());
      await scene.applyAgent({ prompt: 'two', route, steps: [{ mirrorPercent: 50, duration: '1s' }] });
      const copying = await until('half of the requests are copied', () => scene.get(httpRoutes, 'support'), ({ spec }) => spec.rules?.[0]?.filters?.some(({ requestMirror }) => requestMirror?.percent === 50) ?? false);
      expect(weightsOf(copying)).toEqual({ [first]: 100 });
      expect(copying.spec.rules?.[0]?.filters?.find(({ requestMirror }) => requestMirror !== undefined)?.requestMirror?.backendRef.port).toBe(81);
      await scene.untilPhase('support-2', 'Promoted');
      await scene.untilHealthy();
      expect(JSON.stringify((await scene.get(httpRoutes, 'support')).spec)).not.toContain('RequestMirror');
    });

    it('is refused copies in the words of a Gateway that has none', async () => {
      const scene = await open('no-mirror');
      const other = { ...route, parentRefs: [{ name: takesNoCopies }] };
      await scene.applyAgent({ prompt: 'one', route: other });
      const first = stableOf(await scene.untilHealthy());
      await scene.applyAgent({ prompt: 'two', route: other, steps: [{ mirrorPercent: 50, duration: '1s' }] });
      await scene.untilRelease('support-2', 'is refused', ({ phase, message }) => (phase === 'RollingBack' || phase === 'RolledBack' || phase === 'Shifting') && (message?.includes('RequestMirror filters are not supported (UnsupportedValue)') ?? false));
      const { spec } = await until('the route goes on without copies', () => scene.get(httpRoutes, 'support'), (found) => !JSON.stringify(found.spec).includes('RequestMirror'));
      expect(weightsOf({ spec } as HTTPRoute)).toEqual({ [first]: 100 });
    });

    it('has a hand on its route undone, and told', async () => {
      const scene = await open('route-edits');
      await scene.applyAgent({ prompt: 'one', route });
      const revision = stableOf(await scene.untilHealthy());
      const key = { namespace: scene.namespace, name: 'support' };
      const before = await scene.get(httpRoutes, 'support');
      const foreign = [{ backendRefs: [{ name: 'elsewhere', port: 80 }] }];
      await scene.admin.mergePatch(httpRoutes, key, { spec: { rules: foreign } }, call);
      await until('the route is as before', () => scene.get(httpRoutes, 'support'), ({ spec }) => JSON.stringify(spec) === JSON.stringify(before.spec));
      await scene.admin.mergePatch(httpRoutes, key, { spec: { hostnames: ['other.example.com'] } }, call);
      await until('its host names too', () => scene.get(httpRoutes, 'support'), ({ spec }) => JSON.stringify(spec) === JSON.stringify(before.spec));
      await until('an event tells of it', () => scene.list(events), (found) => found.some(({ reason, note }) => reason === 'RouteDrift' && note?.includes(`asked was ${revision} 100 %`)));
      const bare = { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } };
      await scene.admin.mergePatch(httpRoutes, key, bare, call);
      await until('its labels are back', () => scene.get(httpRoutes, 'support'), ({ metadata }) => metadata.labels?.['app.kubernetes.io/managed-by'] === 'sluice');
      await scene.untilHealthy();
    });

    it('has one HPA for each revision that takes requests', async () => {
      const scene = await open('routed-hpa');
      const autoscaling = { minReplicas: 2, maxReplicas: 4, targetCPUUtilizationPercent: 70 };
      const slow = [{ weight: 50, duration: '5s' }];
      await scene.applyAgent({ prompt: 'one', route, autoscaling, steps: slow });
      const first = stableOf(await scene.untilHealthy());
      await scene.applyAgent({ prompt: 'two', route, autoscaling, steps: slow });
      const both = await until('both have one', () => scene.list(horizontalPodAutoscalers), (found) => found.length === 2);
      expect(Object.fromEntries(both.map(({ metadata, spec }) => [metadata.name === `support-${first}` ? 'stable' : 'canary', spec.minReplicas]))).toEqual({ stable: 2, canary: 1 });
      await scene.untilPhase('support-2', 'Promoted');
      const second = stableOf(await scene.untilHealthy());
      await until('the one that serves has one', () => scene.list(horizontalPodAutoscalers), (found) => found.map(({ metadata, spec }) => `${metadata.name} ${spec.minReplicas}`).join() === `support-${second} 2`);
    });

    it('loses its route and the Services of its revisions when spec.route goes, and serves on by its Service', async () => {
      const scene = await open('unrouted');
      await scene.applyAgent({ prompt: 'one', route });
      await scene.untilHealthy();
      await scene.applyAgent({ prompt: 'one' });
      await until('no route is left', () => scene.list(httpRoutes), (found) => found.length === 0);
      await until('nor a Service of a revision', () => scene.list(services), (found) => found.map(({ metadata }) => metadata.name).join() === 'support');
      expect((await scene.get(services, 'support')).spec?.selector).toEqual({ 'sluice.dev/agent': 'support' });
      expect(trafficOf(await scene.untilHealthy())).toEqual({ router: 'ReplicaRatio', state: 'Verified' });
    });
  });
}
