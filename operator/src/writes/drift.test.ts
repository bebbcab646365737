import type { Deployment, KubeObject, Service } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { agentDisruptionBudget, agentRoute, agentService, revisionDeployment, agentNetworkPolicy } from '../children/index.ts';
import { sampleOwner, sampleRecord } from '../revision/testing/sample-agent.ts';
import { strayMembers, wholeSpec } from './drift.ts';

const identity = { agent: 'support', namespace: 'shop' };
const record = sampleRecord();
const service = agentService(identity, sampleOwner) as Service & { spec: NonNullable<Service['spec']> };
const deployment = revisionDeployment(record, sampleOwner);
const budget = agentDisruptionBudget(identity, sampleOwner);
const policy = agentNetworkPolicy(record, sampleOwner);

function changed<T extends KubeObject>(object: T, change: (copy: T) => void): T {
  const copy = structuredClone(object);
  change(copy);
  return copy;
}

/** As the API server returns what was written. */
const servedService = changed(service, ({ metadata, spec }) => {
  metadata.resourceVersion = '7';
  Object.assign(spec, { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', internalTrafficPolicy: 'Cluster', sessionAffinity: 'None' });
});
const servedDeployment = changed(deployment, ({ metadata, spec }) => {
  metadata.resourceVersion = '7';
  spec.replicas = 3;
  const { spec: pod } = spec.template;
  Object.assign(pod, { dnsPolicy: 'ClusterFirst', restartPolicy: 'Always', schedulerName: 'default-scheduler' });
  if (pod.serviceAccountName !== undefined) Object.assign(pod, { serviceAccount: pod.serviceAccountName });
  for (const container of pod.containers) Object.assign(container, { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' });
});

const podOf = (copy: Deployment) => copy.spec.template.spec as unknown as Record<string, unknown>;
const agentOf = (copy: Deployment) => copy.spec.template.spec.containers[0] as unknown as Record<string, unknown>;

describe('a member that nobody planned', () => {
  it.each([
    ['Service', service, servedService],
    ['Deployment', deployment, servedDeployment],
    ['PodDisruptionBudget', budget, budget],
    ['NetworkPolicy', policy, policy],
  ] as const)('is not what the API server fills in: %s', (_, desired, cached) => {
    expect(strayMembers<KubeObject>(desired, cached)).toEqual([]);
  });

  it.each<[string, KubeObject, KubeObject]>([
    ['selector.pool', service, changed(servedService, ({ spec }) => void (spec.selector = { ...spec.selector, pool: 'none' }))],
    ['publishNotReadyAddresses', service, changed(servedService, ({ spec }) => void Object.assign(spec, { publishNotReadyAddresses: true }))],
    ['sessionAffinity', service, changed(servedService, ({ spec }) => void Object.assign(spec, { sessionAffinity: 'ClientIP' }))],
    ['template.spec.hostNetwork', deployment, changed(servedDeployment, (copy) => void (podOf(copy)['hostNetwork'] = true))],
    ['template.spec.containers[0].command', deployment, changed(servedDeployment, (copy) => void (agentOf(copy)['command'] = ['sleep', '1d']))],
    ['template.spec.containers[1]', deployment, changed(servedDeployment, (copy) => void copy.spec.template.spec.containers.push({ name: 'spy', image: 'spy:1' }))],
    ['template.metadata.labels.pool', deployment, changed(servedDeployment, (copy) => void Object.assign(copy.spec.template.metadata?.labels ?? {}, { pool: 'x' }))],
    ['paused', deployment, changed(servedDeployment, ({ spec }) => void Object.assign(spec, { paused: true }))],
    ['minAvailable', budget, changed(budget, ({ spec }) => void Object.assign(spec, { minAvailable: 1 }))],
    ['egress[1].ports[1]', policy, changed(policy, ({ spec }) => void (spec.egress![1]!['ports'] as unknown[]).push({ protocol: 'TCP', port: 22 }))],
    ['ingress[0].from', policy, changed(policy, ({ spec }) => void Object.assign(spec.ingress?.[0] ?? {}, { from: [{ podSelector: {} }] }))],
  ])('is found: %s', (path, desired, cached) => {
    expect(strayMembers(desired, cached)).toEqual([path]);
  });

  it('may be the mark of kubectl rollout restart', () => {
    const restarted = changed(servedDeployment, (copy) => void Object.assign((copy.spec.template.metadata ??= {}), { annotations: { ...copy.spec.template.metadata?.annotations, 'kubectl.kubernetes.io/restartedAt': '2026-03-01T10:00:00Z' } }));
    expect(strayMembers(deployment, restarted)).toEqual([]);
  });
});

describe('a route', () => {
  const plan = (weights: Readonly<Record<string, number>>) => agentRoute({ identity, route: { parentRefs: [{ name: 'public' }], pathPrefix: '/' }, stickiness: undefined, plan: { weights: new Map(Object.entries(weights)) }, gatewaysAsked: '{}' }, sampleOwner);

  it('is searched for what nobody planned while its plan is the same', () => {
    const route = plan({ old: 100 });
    expect(strayMembers<KubeObject>(route, route)).toEqual([]);
    const edited = changed(route, ({ spec }) => void Object.assign(spec.rules?.[0] ?? {}, { filters: [{ type: 'RequestMirror' }] }));
    expect(strayMembers<KubeObject>(route, edited)).toEqual(['rules[0].filters']);
  });

  it('under another plan has nothing stray: it is replaced whole, together with its note', () => {
    expect(strayMembers<KubeObject>(plan({ new: 100 }), plan({ old: 75, new: 25 }))).toEqual([]);
  });
});

describe('the whole spec', () => {
  it('leaves the number of pods to whom it belongs, and is bound to what was looked at', () => {
    expect(wholeSpec(deployment, servedDeployment)).toEqual([
      { op: 'replace', path: '/metadata/resourceVersion', value: '7' },
      { op: 'replace', path: '/spec', value: { ...deployment.spec, replicas: 3 } },
    ]);
  });

  it('keeps the address of a Service', () => {
    const [, operation] = wholeSpec<Service>(service, changed(servedService, ({ spec }) => void (spec.selector = { pool: 'none' })));
    expect(operation?.value).toEqual({ ...service.spec, clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
  });
});
