import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import type { Health } from '../store/store-health.ts';
import { createStoreMetrics } from './store-metrics.ts';

async function valuesOf(registry: Registry): Promise<readonly string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

it('the store and its pool are read when somebody asks', async () => {
  const registry = new Registry();
  let now: Health = 'ok';
  let waiting = 0;
  createStoreMetrics(registry, { health: () => now, shed: () => 0, pool: () => ({ inUse: 2, idle: 1, maximum: 10, waiting }) });
  expect(await valuesOf(registry)).toEqual(['sluice_store_up 1', 'sluice_store_shed_total 0', 'sluice_db_pool_connections{state="in_use"} 2', 'sluice_db_pool_connections{state="idle"} 1', 'sluice_db_pool_connections{state="maximum"} 10', 'sluice_db_pool_waiting 0']);
  [now, waiting] = ['degraded', 7];
  expect(await valuesOf(registry)).toEqual(expect.arrayContaining(['sluice_store_up 0', 'sluice_db_pool_waiting 7']));
});

it('an embedded store has no pool, and a room', async () => {
  const registry = new Registry();
  let shed = 2;
  createStoreMetrics(registry, { health: () => 'ok', pool: undefined, fill: () => 0.75, shed: () => shed });
  expect(await valuesOf(registry)).toEqual(['sluice_store_up 1', 'sluice_store_shed_total 2', 'sluice_store_fill_ratio 0.75']);
  shed = 5;
  expect(await valuesOf(registry)).toContain('sluice_store_shed_total 5');
});
