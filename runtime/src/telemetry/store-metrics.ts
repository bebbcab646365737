import { Counter, Gauge, type Registry } from 'prom-client';
import type { PoolUse } from '../store/sql/sql-database.ts';
import type { Health } from '../store/store-health.ts';

export interface StoreMetricsOptions {
  readonly health: () => Health;
  /** Not set: the store is embedded and has none. */
  readonly pool: (() => PoolUse) | undefined;
  /** The share of its room that an embedded store has taken. Not set: the store is a server. */
  readonly fill?: (() => number) | undefined;
  /** How much it has let go of before its time. */
  readonly shed: () => number;
}

/** An embedded store is bounded, and lets go of things from half of its room on. */
function countRoom(registry: Registry, fill: () => number): void {
  const ratio: Gauge = new Gauge({ name: 'sluice_store_fill_ratio', help: 'The share of its room that the embedded store has taken; above 0.5 things go before their time.', registers: [registry], collect: () => ratio.set(fill()) });
}

/** Counts the connections of a pool: a replica that waits for its database is told apart from one that waits for its model. */
export function createStoreMetrics(registry: Registry, { health, pool, fill, shed }: StoreMetricsOptions): void {
  const up: Gauge = new Gauge({ name: 'sluice_store_up', help: '1 while the store answers, else 0.', registers: [registry], collect: () => up.set(health() === 'ok' ? 1 : 0) });
  const early: Counter = new Counter({
    name: 'sluice_store_shed_total',
    help: 'Answers of keys, jobs and tasks that have ended and records of precision that an embedded store let go of before their time, for room.',
    registers: [registry],
    collect: () => {
      early.reset();
      early.inc(shed());
    },
  });
  if (fill !== undefined) countRoom(registry, fill);
  if (pool === undefined) return;
  const connections = new Gauge({
    name: 'sluice_db_pool_connections',
    help: 'Connections to the database: in_use by a transaction, idle, and the most that there may be.',
    labelNames: ['state'] as const,
    registers: [registry],
    collect: () => {
      const { inUse, idle, maximum } = pool();
      connections.set({ state: 'in_use' }, inUse);
      connections.set({ state: 'idle' }, idle);
      connections.set({ state: 'maximum' }, maximum);
    },
  });
  const waiting: Gauge = new Gauge({ name: 'sluice_db_pool_waiting', help: 'Transactions that wait for a connection to the database.', registers: [registry], collect: () => waiting.set(pool().waiting) });
}
