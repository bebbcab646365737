import { deployments, events, horizontalPodAutoscalers, services } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { adoptedByAnnotation } from '../../adoption/plan.ts';
import { agentDeployments } from '../../resources.ts';
import { Scene, type Stage } from '../scene.ts';
import { call } from '../test-cluster.ts';
import { until } from '../until.ts';

const labels = { app: 'legacy' };
const legacy = {
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'legacy', annotations: { 'example.com/note': 'mine' } },
  spec: { replicas: 4, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'legacy:1' }] } } },
};
const address = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'support', labels: { team: 'shop' }, annotations: { 'example.com/note': 'mine' } }, spec: { selector: labels, ports: [{ port: 80, targetPort: 9000 }] } };
const adopt = { deploymentRef: { name: 'legacy' } };

export function adopted(stage: Stage): void {
  describe.concurrent('a Deployment and a Service that were made by hand', () => {
    it('are taken over: the address stays, its selector moves in one write, and then the old pods go step by step', async () => {
      const scene = await withLegacy(stage, 'adopt');
      const before = await scene.get(services, 'support');
      const selectors = new Set<string>();
      const stop = watch(scene, selectors);
      await scene.applyAgent({ prompt: 'one', adopt });
      await scene.untilAgent('it is adopted', ({ conditions }) => conditions?.some(({ type, status }) => type === 'Adopted' && status === 'True') === true);
      await stop();
      const after = await scene.get(services, 'support');
      expect(after.metadata.uid).toBe(before.metadata.uid);
      expect((after.spec as { clusterIP?: string }).clusterIP).toBe((before.spec as { clusterIP?: string }).clusterIP);
      expect(after.metadata.labels).toMatchObject({ team: 'shop', 'app.kubernetes.io/managed-by': 'sluice' });
      expect(after.metadata.annotations).toMatchObject({ 'example.com/note': 'mine' });
      expect([...selectors]).toEqual([JSON.stringify(labels), JSON.stringify({ 'sluice.dev/agent': 'support' })]);
      const rest = await scene.get(deployments, 'legacy');
      expect([rest.spec.replicas, rest.metadata.annotations?.[adoptedByAnnotation], rest.metadata.annotations?.['example.com/note']]).toEqual([0, 'support', 'mine']);
      await until('an event says that it can be deleted', () => scene.list(events), (found) => found.some((event) => JSON.stringify(event).includes('has no pods any more and can be deleted')));
      await scene.admin.delete(deployments, { namespace: scene.namespace, name: 'legacy' }, { propagationPolicy: 'Background' }, call);
      await scene.applyAgent({ prompt: 'two', adopt });
      await scene.untilAgent('it goes on without it', ({ phase, release }) => phase === 'Healthy' && release?.name === 'support-2');
    });

    it('stay as they are while the first revision is not ready, and when the user calls it off', async () => {
      const scene = await withLegacy(stage, 'abort');
      await scene.applyAgent({ prompt: 'one [pods:stuck]', adopt });
      await scene.untilRelease('support-1', 'is on its way', ({ phase }) => phase === 'Promoting');
      await scene.admin.mergePatch(agentDeployments, { namespace: scene.namespace, name: 'support' }, { spec: { adopt: null } }, call);
      await scene.untilAgent('the name is taken', ({ conditions }) => conditions?.some(({ reason }) => reason === 'NameTaken') === true);
      expect((await scene.get(services, 'support')).spec?.selector).toEqual(labels);
      const untouched = await scene.get(deployments, 'legacy');
      expect([untouched.spec.replicas, untouched.metadata.generation, untouched.metadata.annotations?.[adoptedByAnnotation]]).toEqual([4, 1, undefined]);
    });

    it('are not scaled against an HPA: a person is told which one to delete', async () => {
      const scene = await withLegacy(stage, 'scaler');
      const hpa = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'legacy-hpa' }, spec: { maxReplicas: 9, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'legacy' } } };
      await scene.apply(horizontalPodAutoscalers, hpa);
      await scene.applyAgent({ prompt: 'one', adopt });
      const { status } = await scene.untilAgent('the HPA is in the way', ({ conditions }) => conditions?.some(({ reason }) => reason === 'AutoscalerInTheWay') === true);
      expect(status?.conditions?.find(({ type }) => type === 'Adopted')?.message).toContain('kubectl delete hpa legacy-hpa');
      expect((await scene.get(deployments, 'legacy')).spec.replicas).toBe(4);
      await scene.admin.delete(horizontalPodAutoscalers, { namespace: scene.namespace, name: 'legacy-hpa' }, {}, call);
      await until('the old pods go', () => scene.get(deployments, 'legacy'), ({ spec }) => spec.replicas === 0);
    });
  });
}

async function withLegacy(stage: Stage, title: string): Promise<Scene> {
  const scene = await Scene.open(stage.cluster(), title);
  await scene.apply(deployments, legacy);
  await scene.apply(services, address);
  return scene;
}

/** Notes every selector that the Service has, in order, until it is told to stop. */
function watch(scene: Scene, selectors: Set<string>): () => Promise<void> {
  const stop = new AbortController();
  const look = async (): Promise<void> => {
    while (!stop.signal.aborted) selectors.add(JSON.stringify((await scene.get(services, 'support')).spec?.selector));
  };
  const done = look();
  return async () => {
    stop.abort();
    await done;
  };
}
