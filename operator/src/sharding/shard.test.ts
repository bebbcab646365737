import type { Deployment, Service } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { inShard, shardOf, shardOfPods, shardSelector } from './shard.ts';

const deployment = {
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'support-1', labels: { app: 'x' } },
  spec: { selector: {}, template: { metadata: { labels: { app: 'x' } }, spec: { containers: [] } } },
} as unknown as Deployment;
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'support' } } as Service;

it('selects its own, and without a shard what has no label', () => {
  expect([shardSelector('blue'), shardSelector(undefined)]).toEqual(['sluice.dev/shard=blue', '!sluice.dev/shard']);
});

describe('an object in a shard', () => {
  it('has its label, its pods too, and keeps its other labels', () => {
    const placed = inShard(deployment, 'blue');
    expect(placed.metadata.labels).toEqual({ app: 'x', 'sluice.dev/shard': 'blue' });
    expect(placed.spec.template.metadata?.labels).toEqual({ app: 'x', 'sluice.dev/shard': 'blue' });
    expect(inShard(service, 'blue').metadata.labels).toEqual({ 'sluice.dev/shard': 'blue' });
    expect([shardOf(placed), shardOfPods(placed), shardOf(service), shardOfPods(service)]).toEqual(['blue', 'blue', undefined, undefined]);
  });

  it('without a shard is as it was', () => {
    expect(inShard(deployment, undefined)).toEqual(deployment);
  });

  it.each([['red', 'blue'], ['red', undefined], [undefined, 'blue']] as const)('that has pods of %s keeps them as they are in %s: another label would replace them', (former, shard) => {
    const present = inShard(deployment, former);
    const placed = inShard(deployment, shard, present);
    expect(shardOf(placed)).toBe(shard);
    expect(placed.spec.template).toEqual(present.spec.template);
  });
});
