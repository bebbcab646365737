import { expect, test } from 'vitest';
import type { HTTPRoute } from '../../operator/src/traffic/http-routes.ts';
import { changed, sumOf, weightsOf } from './agent-stand.ts';

function routeTo(...backendRefs: { name: string; weight?: number }[]): HTTPRoute {
  return { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'support' }, spec: { rules: [{ backendRefs }, { backendRefs: [{ name: 'support-pinned' }] }] } };
}

test('the weights of a route are those of its first rule, by revision', () => {
  expect(weightsOf(routeTo({ name: 'support-aaa', weight: 90 }, { name: 'support-bbb', weight: 10 }))).toEqual({ aaa: 90, bbb: 10 });
});

test('places of one revision count together, what has no weight does not count, and 1 is the default', () => {
  expect(weightsOf(routeTo({ name: 'support-aaa', weight: 99 }, { name: 'support-aaa' }, { name: 'support-bbb', weight: 0 }))).toEqual({ aaa: 100 });
});

test('a route without rules has no weights', () => {
  expect(weightsOf({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'support' }, spec: {} })).toEqual({});
});

test('a counter is summed over its labels, and not with others whose names begin alike', () => {
  const text = '# TYPE requests_total counter\nrequests_total{outcome="success"} 3\nrequests_total{outcome="error"} 4\nrequests_total_other{outcome="success"} 50\nrequests_total 1\n';
  expect(sumOf(text, 'requests_total')).toBe(8);
  expect(sumOf(text, 'requests_total{outcome="error"}')).toBe(4);
  expect(sumOf('', 'requests_total')).toBe(0);
});

const tool = { http: { url: 'http://simulator/tools/orders' } };
const example = { metadata: { name: 'support' }, spec: { replicas: 3, agent: { prompt: { inline: 'Be brief.\n' }, tools: [tool] } } };
const gateway = { name: 'edge', namespace: 'gateways', address: '127.0.0.1', port: 80 };

test('a changed agent has another prompt, two pods, and a route where there is a Gateway', () => {
  const spec = { replicas: 2, rollout: {}, agent: { prompt: { inline: 'Be brief.\nSecond.\n' }, tools: [tool] } };
  expect(changed(example, { prompt: 'Second.', rollout: { stickiness: { cookie: 'session' } } }, undefined)).toEqual({ metadata: { name: 'support' }, spec });
  expect(changed(example, { prompt: 'Second.', rollout: {} }, gateway)).toMatchObject({ spec: { route: { parentRefs: [{ name: 'edge', namespace: 'gateways' }] } } });
});

test('a changed agent may be autoscaled, suspended, of a shard, and adopt a Deployment; what is not asked for is not there', () => {
  const autoscaling = { minReplicas: 2, maxReplicas: 3 };
  const agent = changed(example, { prompt: '', rollout: {}, name: 'other', autoscaling, suspend: true, shard: 'blue', adopts: 'legacy' }, undefined);
  expect(agent).toMatchObject({ metadata: { name: 'other', labels: { 'sluice.dev/shard': 'blue' } }, spec: { autoscaling, suspend: true, adopt: { deploymentRef: { name: 'legacy' } } } });
  expect(agent).not.toHaveProperty('spec.replicas');
});
