import type { AgentDeployment, AgentDeploymentStatus } from '@sluice/crds';
import { Controller, generationChanged, isNamespaceTerminating, selfKeys, source } from '@sluice/kube';
import type { Clock, EventRecorder, KubeClient, KubeMetrics, Logger, ObjectKey, Random, ReconcileResult, Source, WriteTracker } from '@sluice/kube';
import type { Caches } from '../caches.ts';
import { isoTime } from '../evidence/clock-time.ts';
import { evalRunMatters } from '../evaluation/run-changes.ts';
import type { EvidenceSource } from '../evidence/index.ts';
import { comesFromElsewhere, type Shard } from '../sharding/shard.ts';
import { unseenReleases } from '../sharding/known-releases.ts';
import { LateReleases } from '../sharding/late-releases.ts';
import { OtherShards } from '../sharding/other-shards.ts';
import { searchAgainAt, searchLater, takeOver, takeOverLate, takeOverPods } from '../sharding/take-over.ts';
import type { TakeOverOptions, TakeOverState } from '../sharding/take-over.ts';
import { stuckStatus, takeOverWaitMs } from '../sharding/taking-over.ts';
import { ChildWriter } from '../writes/child-writer.ts';
import { ForeignObjectError, FormerObjectError } from '../writes/ownership.ts';
import { isOvertaken, lookAgainIfOvertaken } from '../writes/overtaken.ts';
import { agentDeployments } from '../resources.ts';
import { applyPlan, applyStatus } from './apply/apply.ts';
import type { ApplyOptions, Written } from './apply/apply.ts';
import { forecastLookAgainMs } from './forecast/due.ts';
import { readLedger } from './ledger/releases.ts';
import type { ChangeSettling } from './observe/change-settling.ts';
import { neighbourSources } from './observe/neighbour-sources.ts';
import type { AgentObservation } from './observation.ts';
import { observe } from './observe/observe.ts';
import { PolicyUse } from './observe/policies.ts';
import { labelKeys, referenceSources } from './observe/reference-sources.ts';
import type { AgentPlan, UntouchingPlan } from './plan.ts';
import { deploymentMatters, podMatters, specMatters } from './relevance.ts';
import type { ReleaseTurns } from '../pacing/release-turns.ts';
import type { ProviderStandings } from '../provider-watch/provider-standings.ts';
import type { FreezeCalendar } from '../release/holds/freeze-calendar.ts';
import type { RevisionCache } from './observe/revision-cache.ts';
import { RouteInvalidError, withRouteRefused } from './apply/route-refusal.ts';
import { StatusPace } from './status/status-pace.ts';
import { isRefusal, withWriteRefused, writeRefused } from './status/write-refused.ts';
import { decideUnlessSuspended, suspendedElsewhere } from './suspension.ts';
import { windowOf } from './observe/window.ts';

export interface AgentControllerOptions {
  /** One entry a watched namespace; one with namespace '' when all are watched. */
  readonly caches: readonly Caches[];
  readonly client: KubeClient;
  /** Whose agents these are. */
  readonly shard?: Shard;
  readonly events: EventRecorder;
  readonly evidence: EvidenceSource;
  readonly revisions: RevisionCache;
  readonly settling?: ChangeSettling;
  /** Absent: all releases start at once. */
  readonly turns?: ReleaseTurns;
  readonly freezes: FreezeCalendar;
  readonly providerStandings: ProviderStandings;
  /** The image of agents that name none. */
  readonly defaultImage?: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: KubeMetrics;
  readonly writes: WriteTracker;
  readonly concurrency: number;
  /** Milliseconds that running reconciles get to end when stopped. */
  readonly drainMs: number;
}

/**
 * Longest wait between tries of an agent whose objects cannot be written, milliseconds. What hinders it may be something that is not
 * watched, such as somebody else's Service, so its going away is found out by trying.
 */
const maxDelayMs = 30_000;

/** Wait for the garbage collector to remove what a deleted agent of the same name left, milliseconds; what goes is seen besides. */
const formerObjectWaitMs = 2_000;

/** One agent at a time: observe, decide (pure), apply. */
export function makeAgentController(options: AgentControllerOptions): Controller {
  const children = new ChildWriter({ client: options.client, shard: options.shard });
  const pace = new StatusPace(options);
  const policyUse = new PolicyUse(options);
  const late = new LateReleases(options);
  const otherShards = new OtherShards(options);
  return new Controller({
    ...options,
    name: 'agentdeployment',
    maxDelayMs,
    // Each look says all that it waits for: else a fleet that has come to rest is looked at once more, for what its releases waited for.
    waits: 'Latest',
    sources: options.caches.flatMap(sourcesOf),
    reconcile: (key, call) => lookAgainIfOvertaken(key, options.logger, () => reconcile(key, { ...options, children, pace, policyUse, late, otherShards }, call)),
  });
}

/** One look at one agent. */
export async function reconcile(key: ObjectKey, options: AgentControllerOptions & Pick<ApplyOptions, 'children' | 'pace'> & { readonly policyUse: PolicyUse; readonly late: LateReleases; readonly otherShards: OtherShards }, call: { readonly signal: AbortSignal }): Promise<ReconcileResult> {
  const caches = options.caches.find((candidate) => candidate.namespace === '' || candidate.namespace === key.namespace);
  const agent = caches?.agents.store.get(key);
  // Children of a deleted agent go with it by their owner references.
  if (caches === undefined || agent === undefined || agent.metadata.deletionTimestamp !== undefined) {
    options.turns?.note(key, undefined);
    return {};
  }
  if (agent.spec.suspend === true && comesFromElsewhere(agent, options.shard)) return waitSuspended(agent, { ...options, caches }, call);
  const owned = await ownChildren(agent, { ...options, caches }, call);
  if ('waitsFor' in owned) return { requeueAfterMs: takeOverWaitMs(agent, options.clock.now()) };
  const place: Place = { ...(options.shard === undefined ? {} : { shard: options.shard }), ...owned };
  const observation = await observe(agent, { ...options, caches }, call);
  if (caches.agents.store.get(key)?.metadata.uid !== agent.metadata.uid) return {}; // went to another shard while it was looked at, and its children with it
  const unseen = await unseenReleases(agent, observation.releases, options, call);
  const news = options.late.news(agent, unseen);
  if (news !== undefined) options.events.record({ regarding: agent, type: 'Warning', reason: 'ReleasesNotSeen', action: 'Look', note: news });
  if (unseen === 'Elsewhere' && agent.spec.suspend === true) return waitSuspended(agent, { ...options, caches }, call);
  if (unseen === 'Elsewhere') await takeOver(agent, { ...options, caches }, call);
  if (unseen !== 'None') return { requeue: 'rate-limited' }; // a watch may have stalled
  const plan = placed(decideInTurn(key, observation, options), place);
  let written: Written = {};
  try {
    written = await applyPlan(agent, plan, { ...options, caches }, call);
  } catch (error) {
    if (isNamespaceTerminating(error)) return {}; // nothing can be made there any more, and the agent is about to go too
    if (error instanceof ForeignObjectError || error instanceof FormerObjectError) {
      await applyStatus(agent, placed(decideUnlessSuspended(withNameInUse(observation, error)), place), { ...options, caches }, call);
    }
    if (error instanceof FormerObjectError) return { requeueAfterMs: formerObjectWaitMs }; // no fault: it passes by itself
    if (error instanceof RouteInvalidError) await applyStatus(agent, placed(decideUnlessSuspended(withRouteRefused(observation, error)), place), { ...options, caches }, call);
    else if (isRefusal(error)) await tellRefused(agent, { status: withWriteRefused(agent, error, options.clock.now()) }, { ...options, caches }, call);
    throw error;
  }
  report(agent, plan, options);
  const searchMs = place.searchAgainAt === undefined ? Infinity : Math.max(0, Date.parse(place.searchAgainAt) - options.clock.now());
  const forecastMs = forecastLookAgainMs(agent, readLedger(observation.releases), { status: plan.status, now: options.clock.now() });
  const lookAgain = Math.min(searchMs, forecastMs ?? Infinity, plan.requeueAfterMs ?? Infinity, written.lookAgainMs ?? Infinity, ('traffic' in plan ? plan.traffic.lookAgainAfterMs : undefined) ?? Infinity);
  return Number.isFinite(lookAgain) ? { requeueAfterMs: lookAgain } : {};
}

/** Nobody else asks between the look and what is noted of it. */
function decideInTurn(key: ObjectKey, observation: AgentObservation, { turns }: Pick<AgentControllerOptions, 'turns'>): AgentPlan | UntouchingPlan {
  const taken = turns?.takenFor(key);
  const plan = decideUnlessSuspended(taken === undefined ? observation : { ...observation, turns: taken });
  turns?.note(key, 'standing' in plan ? plan.standing : undefined);
  return plan;
}

/** What belongs to a suspended agent is not touched, so what is with another shard stays there. */
async function waitSuspended(agent: AgentDeployment, options: ApplyOptions & Pick<AgentControllerOptions, 'clock'>, call: { readonly signal: AbortSignal }): Promise<ReconcileResult> {
  const { lookAgainMs } = await applyPlan(agent, suspendedElsewhere(agent, options.clock.now()), options, call);
  return lookAgainMs === undefined ? {} : { requeueAfterMs: lookAgainMs };
}

/** The event comes first: it may be the status itself that is refused. */
async function tellRefused(agent: AgentDeployment, plan: Pick<AgentPlan, 'status'>, options: ApplyOptions, call: { readonly signal: AbortSignal }): Promise<void> {
  options.events.record({ regarding: agent, type: 'Warning', reason: writeRefused, action: 'Reconcile', note: plan.status.message ?? writeRefused });
  await applyStatus(agent, plan, options, call);
}

/** Where the agent is, for its status: the next shard reads there where it came from. */
type Place = Pick<AgentDeploymentStatus, 'shard' | 'searchAgainAt'>;

type OwningOptions = TakeOverOptions & Pick<AgentControllerOptions, 'events'>;

/** An agent that came from another shard is looked at only when all that belongs to it can be seen. */
async function ownChildren(agent: AgentDeployment, options: OwningOptions, call: { readonly signal: AbortSignal }): Promise<Exclude<TakeOverState, 'Done'> | Pick<Place, 'searchAgainAt'>> {
  const now = options.clock.now();
  if (comesFromElsewhere(agent, options.shard)) {
    const taken = await tellingWhatIsStuck(agent, options, call, () => takeOver(agent, options, call));
    return taken === 'Done' ? searchLater(now) : taken;
  }
  if (agent.spec.suspend !== true) await takeOverPods(agent, options, call);
  const due = searchAgainAt(agent);
  if (due === undefined) return {};
  if (agent.spec.suspend === true || now < due) return { searchAgainAt: isoTime(due) };
  const late = await takeOverLate(agent, options, call);
  return late === 'Done' ? {} : late;
}

/** A take-over that does not get on is told in the agent's status and as an event: nothing else is done for the agent meanwhile. */
async function tellingWhatIsStuck(agent: AgentDeployment, options: OwningOptions, call: { readonly signal: AbortSignal }, takenOver: () => Promise<TakeOverState>): Promise<TakeOverState> {
  try {
    const state = await takenOver();
    if (state !== 'Done') await tellStuck(agent, `it waits for ${state.waitsFor}`, options, call);
    return state;
  } catch (error) {
    if (!isOvertaken(error)) await tellStuck(agent, error instanceof Error ? error.message : 'the API server refused a request', options, call);
    throw error;
  }
}

async function tellStuck(agent: AgentDeployment, why: string, { client, clock, events }: OwningOptions, call: { readonly signal: AbortSignal }): Promise<void> {
  const status = stuckStatus(agent, why, clock.now());
  if (status === undefined) return;
  await client.replaceStatus(agentDeployments, { ...agent, status }, call);
  events.record({ regarding: agent, type: 'Warning', reason: 'TakeOverStuck', action: 'TakeOver', note: status.message ?? why });
}

function placed<T extends Pick<AgentPlan, 'status'>>(plan: T, place: Place): T {
  return { ...plan, status: { ...plan.status, ...place } };
}

function withNameInUse(observation: AgentObservation, error: ForeignObjectError | FormerObjectError): AgentObservation {
  const reason = error instanceof FormerObjectError ? 'NameNotFree' : 'NameTaken';
  return { ...observation, desired: { kind: 'Unresolved', problem: { reason, message: error.message } } };
}

/** After the writes: what a person may read in the log, and memory that is not needed any more. */
function report(agent: AgentDeployment, plan: ReturnType<typeof decideUnlessSuspended>, { logger, evidence }: AgentControllerOptions): void {
  const { release, status } = plan.releaseStatus ?? {};
  if (release === undefined || status === undefined) return;
  const window = windowOf(release);
  if (window !== undefined && windowOf({ ...release, status })?.windowId !== window.windowId) evidence.forget(window.windowId);
  if (status.phase === release.status?.phase && status.step === release.status?.step) return;
  logger.info(
    { namespace: agent.metadata.namespace, agent: agent.metadata.name, release: release.metadata.name, revision: release.spec.revision, phase: status.phase, reason: status.reason },
    status.message ?? 'release moved on',
  );
}

function sourcesOf(caches: Caches): Source[] {
  return [
    source({ informer: caches.agents, keys: selfKeys, predicate: generationChanged }),
    source({
      informer: caches.releases,
      keys: (release) => [{ namespace: release.metadata.namespace ?? '', name: release.spec.agentName }],
      predicate: generationChanged, // of its spec only the intent can change, and its status is written here
    }),
    ...neighbourSources(caches),
    source({ informer: caches.evalRuns, keys: (run) => [{ namespace: run.metadata.namespace ?? '', name: run.spec.agentName }], predicate: evalRunMatters }),
    ...referenceSources(caches),
    source({ informer: caches.deployments, keys: labelKeys, predicate: deploymentMatters }),
    source({ informer: caches.pods, keys: labelKeys, predicate: podMatters }),
    source({ informer: caches.services, keys: labelKeys }),
    source({ informer: caches.serviceAccounts, keys: labelKeys }),
    source({ informer: caches.disruptionBudgets, keys: labelKeys, predicate: specMatters }),
    source({ informer: caches.networkPolicies, keys: labelKeys }),
    source({ informer: caches.autoscalers, keys: labelKeys, predicate: specMatters }),
    source({ informer: caches.httpRoutes, keys: labelKeys }),
  ];
}
