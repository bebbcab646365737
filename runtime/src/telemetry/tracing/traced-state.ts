import type { StateSettings } from '../../config/state-settings.ts';
import type { ServerState } from '../../server/server-state.ts';
import type { Tracing } from './tracing.ts';

export type StoreSystem = 'sqlite' | 'postgresql' | 'redis';

/** What keeps what: Redis has the sessions where there is one. */
export function systemsOf({ store, redisUrl }: Pick<StateSettings, 'store' | 'redisUrl'>): { readonly store: StoreSystem; readonly sessions: StoreSystem } {
  const system = store.kind === 'postgres' ? 'postgresql' : 'sqlite';
  return { store: system, sessions: redisUrl === undefined ? system : 'redis' };
}

type Operation = (...parameters: never[]) => unknown;

/** Tells of each operation of one thing that the agent keeps, by its name. */
function traceOperations<T extends object>(store: T, collection: string, system: StoreSystem, tracing: Tracing): T {
  const traced = Object.entries(store).map(([name, member]: [string, unknown]) => {
    if (typeof member !== 'function') return [name, member] as const;
    const operation = member as Operation;
    const attributes = { 'db.system.name': system, 'db.collection.name': collection, 'db.operation.name': name };
    return [name, (...parameters: never[]) => tracing.within({ span: 'store', attributes }, async () => await operation.apply(store, parameters))] as const;
  });
  return Object.fromEntries(traced) as T;
}

/** What the server keeps, told of. `sessions`: where those are, which may be another place than the rest. */
export function traceState(state: ServerState, systems: { readonly store: StoreSystem; readonly sessions: StoreSystem }, tracing: Tracing): ServerState {
  if (tracing.state === 'off') return state;
  const of = <T extends object>(store: T, collection: string): T => traceOperations(store, collection, systems.store, tracing);
  return {
    ...state,
    sessions: traceOperations(state.sessions, 'sessions', systems.sessions, tracing),
    idempotency: of(state.idempotency, 'idempotency'),
    jobs: of(state.jobs, 'jobs'),
    approvals: of(state.approvals, 'approvals'),
    audit: of(state.audit, 'audit'),
    tasks: of(state.tasks, 'tasks'),
  };
}
