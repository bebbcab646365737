import type { StoreLocation } from './store-location.ts';

/**
 * Who keeps the sessions where there is a Redis server. A database that all replicas share keeps them: Redis is empty after a restart and
 * forgets by itself when its memory is short, and a revision that names a Redis server must know the sessions of one that does not. A
 * database that each process has for itself cannot.
 */
export function sessionPlace({ kind }: Pick<StoreLocation, 'kind'>): 'database' | 'redis' {
  return kind === 'postgres' ? 'database' : 'redis';
}
