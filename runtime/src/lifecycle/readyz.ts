import type { Health } from '../store/store-health.ts';
import type { Phase } from './readiness.ts';

/** `shared`: one server for all replicas. `own`: embedded in this process, and in no other pod. */
export type StoreReach = 'shared' | 'own';

export interface ReadinessFacts {
  readonly phase: Phase;
  readonly store: Health;
  readonly reach: StoreReach;
}

export type ReadinessAnswer = { readonly answer: 'ready'; readonly degraded: readonly 'store'[] } | { readonly answer: 'not-ready'; readonly reason: 'starting' | 'draining' | 'store_unavailable' };

/**
 * Whether this replica should get requests. From inside nobody can tell a store that is away for all replicas from one that is away for this one, and taking
 * all of them out serves nobody: a shared store never does. A store of its own that is away for long is a fault of this pod, and others have theirs.
 */
export function decideReadiness({ phase, store, reach }: ReadinessFacts): ReadinessAnswer {
  if (phase !== 'ready') return { answer: 'not-ready', reason: phase };
  if (store === 'ok') return { answer: 'ready', degraded: [] };
  if (store === 'down' && reach === 'own') return { answer: 'not-ready', reason: 'store_unavailable' };
  return { answer: 'ready', degraded: ['store'] };
}
