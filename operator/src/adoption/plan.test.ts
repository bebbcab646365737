import type { Deployment, Service } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import type { AdoptionObservation } from './observation.ts';
import { adoptedByAnnotation, adoptionProblem, planAdoption } from './plan.ts';

const deployment = (replicas: number, more: { readonly present?: number; readonly annotations?: Record<string, string> } = {}): Deployment =>
  ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'legacy', ...(more.annotations === undefined ? {} : { annotations: more.annotations }) }, spec: { replicas }, status: { replicas: more.present ?? replicas } }) as unknown as Deployment;
const service = (spec: object = {}): Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'support' }, spec: { type: 'ClusterIP', clusterIP: '10.0.0.9', ports: [{ port: 80 }], selector: { app: 'legacy' }, ...spec } }) as unknown as Service;
const other = (spec: object = {}): Service => ({ ...service(spec), metadata: { name: 'legacy' } });
const ready = { agent: 'support', stable: { ready: 3, replicas: 3 } };
const found = (more: Partial<AdoptionObservation> = {}): AdoptionObservation => ({ name: 'legacy', deployment: deployment(4), service: service(), ...more });

describe('adoption', () => {
  it.each([
    ['no revision was promoted yet', { agent: 'support' }],
    ['not all pods are ready', { agent: 'support', stable: { ready: 2, replicas: 3 } }],
    ['it has no pods', { agent: 'support', stable: { ready: 0, replicas: 0 } }],
  ])('touches nothing while %s', (_, successor) => {
    const plan = planAdoption(found(), successor);
    expect(plan).toMatchObject({ service: 'Leave', state: 'Waiting', requeueAfterMs: 15_000 });
    expect(plan.scale).toBeUndefined();
    const { service: _none, ...withoutService } = found();
    expect(planAdoption(withoutService, successor).service, 'without a Service of that name the agent has its own').toBe('Own');
  });

  it('moves the Service first, and takes no pod away before', () => {
    const plan = planAdoption(found(), ready);
    expect(plan.service).toEqual({ takeOver: service() });
    expect(plan.scale).toBeUndefined();
  });

  it('then halves the Deployment, a step at a time, down to nothing', () => {
    const steps: number[] = [];
    let present = deployment(9);
    for (let guard = 0; guard < 10 && present.spec.replicas !== 0; guard += 1) {
      const plan = planAdoption({ name: 'legacy', deployment: present }, ready);
      expect(plan.service).toBe('Own');
      steps.push(plan.scale!.replicas);
      present = deployment(plan.scale!.replicas, { annotations: { [adoptedByAnnotation]: 'support' } });
    }
    expect(steps).toEqual([4, 2, 1, 0]);
    expect(planAdoption({ name: 'legacy', deployment: present }, ready)).toMatchObject({ state: 'Adopted', message: 'Deployment "legacy" has no pods any more and can be deleted; spec.adopt can be removed' });
  });

  it('waits until the pods of the step before are gone', () => {
    expect(planAdoption({ name: 'legacy', deployment: deployment(2, { present: 4 }) }, ready).scale).toBeUndefined();
  });

  it('marks also one that had no pods', () => {
    expect(planAdoption({ name: 'legacy', deployment: deployment(0) }, ready).scale?.replicas).toBe(0);
  });

  it('is done when the Deployment was deleted', () => {
    expect(planAdoption({ name: 'legacy' }, ready)).toMatchObject({ state: 'Adopted', message: 'Deployment "legacy" is gone; spec.adopt can be removed' });
  });

  it('stops while another Service still sends requests to the pods made by hand, with the fix', () => {
    const plan = planAdoption({ name: 'legacy', deployment: deployment(4), otherServices: [other()] }, ready);
    expect(plan).toMatchObject({ state: 'Blocked', reason: 'ServiceInTheWay', message: expect.stringContaining('Service "legacy" still sends requests to Deployment "legacy", whose pods would be gone. To keep its name and address, make it select the pods of the agent: kubectl patch service legacy --type=json -p=\'[{"op":"replace","path":"/spec/selector","value":{"sluice.dev/agent":"support"}},{"op":"replace","path":"/spec/ports/0/targetPort","value":"http"}]\'. Or let its clients call Service "support" and delete "legacy"') as string });
    expect(plan.scale).toBeUndefined();
    expect(planAdoption({ name: 'legacy', deployment: deployment(4), otherServices: [other({ ports: [{ port: 80 }, { port: 9090 }] })] }, ready).message).toContain('Make "legacy" select the pods of the agent (sluice.dev/agent=support) and lead to their port "http", which keeps its name and address; or let');
  });

  it('is done, but for an HTTPRoute of somebody else that sends requests past the weights', () => {
    const emptied = deployment(0, { annotations: { [adoptedByAnnotation]: 'support' } });
    const routes = { ownName: 'Free', rivals: ['by-hand'] } as const;
    expect(planAdoption({ name: 'legacy', deployment: emptied, routes }, ready)).toMatchObject({ state: 'Blocked', reason: 'RouteInTheWay', message: expect.stringContaining('kubectl delete httproute by-hand') as string });
    expect(planAdoption({ name: 'legacy', deployment: emptied, routes: { ...routes, rivals: [] } }, ready).state).toBe('Adopted');
    expect(planAdoption({ name: 'legacy', deployment: deployment(4), routes }, ready).scale, 'the pods made by hand go all the same').toMatchObject({ replicas: 2 });
  });

  it('stops before an HPA, with the fix', () => {
    const plan = planAdoption({ name: 'legacy', deployment: deployment(4), autoscaler: 'legacy-hpa' }, ready);
    expect(plan).toMatchObject({ state: 'Blocked', reason: 'AutoscalerInTheWay' });
    expect(plan.message).toBe('HorizontalPodAutoscaler "legacy-hpa" scales Deployment "legacy" and would bring its pods back: delete it (kubectl delete hpa legacy-hpa)');
    expect(plan.scale).toBeUndefined();
  });

  it.each<[string, Partial<AdoptionObservation>, string]>([
    ['a headless Service', { service: service({ clusterIP: 'None' }) }, 'Service "support" is headless, and that of an agent is a plain ClusterIP'],
    ['a load balancer', { service: service({ type: 'LoadBalancer' }) }, 'Service "support" is of type LoadBalancer'],
    ['other ports', { service: service({ ports: [{ port: 8080 }, { port: 80 }] }) }, 'has the ports 8080, 80, and an agent answers on port 80 alone'],
    ['an HTTPRoute of somebody else under the name of the agent\'s own', { routes: { ownName: 'Taken', rivals: [] } }, 'make it anew under another name with the same rules'],
    ['a Deployment of somebody else', { deployment: { ...deployment(2), metadata: { name: 'legacy', ownerReferences: [{ apiVersion: 'x/v1', kind: 'Rollout', name: 'canary', uid: 'u', controller: true }] } } }, 'belongs to Rollout "canary", which would put it back'],
  ])('refuses %s, with the fix', (_, more, sentence) => {
    expect(adoptionProblem(found(more), { agent: 'support' })).toContain(sentence);
    expect(planAdoption(found(more), ready)).toMatchObject({ state: 'Blocked', service: 'Leave' });
  });

  it('refuses a Deployment that does not exist, before the first revision', () => {
    expect(adoptionProblem({ name: 'legacy' }, { agent: 'support' })).toBe('spec.adopt.deploymentRef.name: Deployment "legacy" does not exist in this namespace: name one that does, or remove spec.adopt');
  });
});
