import type { AgentDeployment, AgentDeploymentStatus, Condition } from '@sluice/crds';
import { epochMsOf } from '../evidence/clock-time.ts';
import { atStandstill } from '../agent-standstill.ts';

/** How far a take-over has come. `Stuck`: `why` is what it waits for, or what the API server said. */
export type TakeOverNews = { readonly kind: 'Begins' } | { readonly kind: 'Stuck'; readonly why: string };

const begins = 'TakingOver';
const stuck = 'TakeOverStuck';

/** From the beginning of a take-over until it is a person's business, milliseconds. */
const patienceMs = 30_000;
const shortestWaitMs = 200;
const longestWaitMs = 30_000;

/**
 * The status of an agent that is being taken over: what the former operator wrote last is not true for long, so it is not Ready, and a
 * take-over that does not get on is Stalled. What the first look after it finds takes the place of all this.
 */
export function takingOver(agent: AgentDeployment, news: TakeOverNews, now: number): AgentDeploymentStatus {
  // The reason of Ready tells since when: a take-over after another one begins anew.
  const keepsTime = ({ type, reason }: Condition) => type !== 'Ready' || isReason(reason);
  if (news.kind === 'Begins') return atStandstill(agent, { kind: 'Reconciling', reason: begins, message: 'Taken over from the operator of another shard; what serves goes on serving', now, keepsTime });
  const message = `Another shard's operator had this agent, and taking it over does not get on: ${news.why}. What serves goes on serving`;
  return atStandstill(agent, { kind: 'Stalled', reason: stuck, message, now, keepsTime });
}

/** Since when it is under way, epoch milliseconds; undefined where the status does not say. */
function takingOverSince({ status }: AgentDeployment): number | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready !== undefined && isReason(ready.reason) ? epochMsOf(ready.lastTransitionTime) : undefined;
}

function isReason(reason: string): boolean {
  return reason === begins || reason === stuck;
}

/** Milliseconds until the next try: half of what it has lasted. What the caches show meanwhile is looked at when it comes. */
export function takeOverWaitMs(agent: AgentDeployment, now: number): number {
  const since = takingOverSince(agent) ?? now;
  return Math.min(longestWaitMs, Math.max(shortestWaitMs, (now - since) / 2));
}

/** The status that says so, where a take-over has not got on for too long and nobody was told `why` yet. */
export function stuckStatus(agent: AgentDeployment, why: string, now: number): AgentDeploymentStatus | undefined {
  const since = takingOverSince(agent);
  if (since === undefined || now - since < patienceMs) return undefined;
  const next = takingOver(agent, { kind: 'Stuck', why }, now);
  return next.message === agent.status?.message ? undefined : next;
}
