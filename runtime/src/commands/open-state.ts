import type { AgentBundle } from '@sluice/crds';
import type { Logger } from 'pino';
import { ConfigError } from '../config/config-error.ts';
import type { StateSettings } from '../config/state-settings.ts';
import { renewKeys } from '../idempotency/renewed-keys.ts';
import { announceJobs } from '../jobs/announced-jobs.ts';
import { targetProblem } from '../jobs/callbacks/callback-target.ts';
import { defaultJobLimits } from '../jobs/job-limits.ts';
import { systemClock } from '../platform/clock-system.ts';
import { systemRandom } from '../platform/random-system.ts';
import { systemWallClock } from '../platform/wall-clock-system.ts';
import type { ServerDependencies } from '../server/server-dependencies.ts';
import type { ServerState } from '../server/server-state.ts';
import { openStore, type Store, type StoreOptions } from '../store/open-store.ts';
import { sessionPlace } from '../store/session-place.ts';
import { openShared, type Shared } from '../store/shared.ts';
import { createShedding } from '../store/shedding.ts';
import { StoreError } from '../store/store-error.ts';
import { watchStore } from '../store/store-health.ts';
import type { StoreWait } from '../store/store-wait.ts';
import type { Tracing } from '../telemetry/tracing/tracing.ts';
import { defaultRetention, keepUp } from '../store/upkeep.ts';

/** What a process keeps, opened. */
export interface OpenState {
  readonly state: ServerState;
  readonly store: Store;
  readonly shared: Shared;
  /** How much an embedded store has let go of before its time. */
  readonly shed: () => number;
  /** `lasting`: what is kept outlives this process, and other replicas may see it. */
  readonly lasts: 'lasting' | 'process';
  /** Ends what runs beside the requests, and closes. */
  readonly close: () => Promise<void>;
}

export interface StateOptions {
  readonly settings: StateSettings;
  readonly bundle: AgentBundle;
  readonly revision: string;
  readonly logger: Logger;
  readonly tracing: Tracing;
  /** For a store that other processes have, too. */
  readonly wait: StoreWait;
}

/** A request that stops without a word frees its key this long after it must have ended, or after its process did. */
const idempotencyMarginMilliseconds = 5_000;
const idempotencyLeaseMilliseconds = 20_000;
const idempotencyRenewMilliseconds = 5_000;
const health = { everyMs: 2_000, timeoutMs: 2_000, downAfterMs: 60_000, okAfter: 3 } as const;
const upkeepMilliseconds = 300_000;

/** Of the container; undefined where nobody sets one. */
function memoryLimit(): number | undefined {
  const bytes = process.constrainedMemory();
  return bytes > 0 ? bytes : undefined;
}

async function open({ settings, bundle: { limits }, revision, logger, wait }: StateOptions): Promise<Store> {
  const idempotency = { leaseMs: Math.min(idempotencyLeaseMilliseconds, limits.requestTimeoutMs + idempotencyMarginMilliseconds) };
  const onMigration: StoreOptions['onMigration'] = (step, seconds) => logger.warn({ migration: step, seconds }, step.doing === 'waiting' ? 'waits for the store, or for another replica that brings its schema up to date' : 'brings the schema of the store up to date');
  try {
    const store = await wait.until(() => openStore({ location: settings.store, availableBytes: memoryLimit(), revision, clock: systemWallClock, timer: systemClock, random: systemRandom, onMigration, limits: { idempotency, jobs: { leaseMs: defaultJobLimits.leaseMs } } }));
    // That of an embedded store is made at each start of a pod.
    if (settings.store.kind === 'postgres' && store.migrated.applied.length > 0) logger.info({ applied: store.migrated.applied, version: store.migrated.version }, 'the schema of the store is up to date');
    return store;
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause;
    throw new ConfigError([{ field: 'SLUICE_STORE', problem: `cannot be opened: ${cause.message}`, fix: 'Check that it is there, and that this process may use it' }], { cause });
  }
}

function callbackRefusal({ callbackHosts, callbackSecrets }: StateSettings): ServerState['callbackRefusal'] {
  return (url) => {
    if (callbackSecrets().length === 0) return 'this agent has no secret to sign callbacks with (SLUICE_CALLBACK_SECRETS)';
    return targetProblem(url, callbackHosts);
  };
}

/** Opens the store and what replicas share. Throws ConfigError when the store cannot be had, and why waiting for it ended. */
export async function openState(options: StateOptions): Promise<OpenState> {
  const { settings, bundle, logger, tracing } = options;
  const store = await open(options);
  const onError = (error: unknown): void => logger.warn({ err: error }, 'what replicas share is away');
  const prefix = `sluice:${bundle.agent.namespace}/${bundle.agent.name}`;
  const shared = await openShared({ clock: systemClock, onError, tracing, redis: settings.redisUrl === undefined ? undefined : { url: settings.redisUrl, prefix, sessions: sessionPlace(settings.store) } });
  const watch = watchStore({ check: store.check, clock: systemClock, ...health, onChange: (now, error) => logger.warn({ store: now, err: error }, 'the health of the store has changed') });
  const stop = new AbortController();
  const shedding = createShedding({ clock: systemClock, tell: (count) => logger.warn({ count }, 'the embedded store is more than half full: answers of keys, jobs and tasks that have ended and records of precision go before their time') });
  const onPruned = (what: string, count: number): void => {
    if (what === 'room') shedding.add(count);
  };
  const upkeep = { store, clock: systemClock, wallClock: systemWallClock, everyMs: upkeepMilliseconds, retention: defaultRetention, onError: (error: unknown) => logger.warn({ err: error }, 'the store was not tidied'), onPruned };
  const beside = Promise.all([watch.run(stop.signal), keepUp(upkeep, stop.signal)]);
  const { approvals, audit, tasks } = store;
  const notHeld = (error: unknown): void => logger.warn({ err: error }, 'the key of a request that is worked on could not be held');
  const idempotency = renewKeys(store.idempotency, { clock: systemClock, everyMs: idempotencyRenewMilliseconds, longestMs: bundle.limits.requestTimeoutMs + idempotencyMarginMilliseconds, onError: notHeld });
  return {
    state: { sessions: shared.sessions ?? store.sessions, idempotency, approvals, audit, tasks, jobs: announceJobs(store.jobs, shared.bus), bus: shared.bus, rateLimiter: shared.rateLimiter, health: watch.health, storeReach: settings.store.kind === 'postgres' ? 'shared' : 'own', callbackRefusal: callbackRefusal(settings) },
    store,
    shared,
    shed: shedding.total,
    lasts: settings.store.kind === 'sqlite' && settings.store.file === ':memory:' ? 'process' : 'lasting',
    close: async () => {
      stop.abort();
      await beside;
      await store.close();
      shared.close();
    },
  };
}

/** What earlier requests taught, where the agent learns. Throws StoreError. */
export async function learntOf({ agent, precision }: AgentBundle, { store }: OpenState): Promise<ServerDependencies['learnt']> {
  if (precision === undefined) return undefined;
  return { store: store.precision, initial: await store.precision.latest(`${agent.namespace}/${agent.name}`) };
}
